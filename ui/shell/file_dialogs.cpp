#include "ui/shell/file_dialogs.h"

#include <QApplication>
#include <QEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QScreen>
#include <QTreeView>

namespace mgdm::ui {

namespace {

class Widener : public QObject {
 public:
  using QObject::QObject;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() != QEvent::Show) return false;
    auto* dialog = qobject_cast<QFileDialog*>(watched);
    auto* files = dialog != nullptr ? dialog->findChild<QTreeView*>(QStringLiteral("treeView")) : nullptr;
    if (files == nullptr) return false;
    QHeaderView* header = files->header();
    header->setStretchLastSection(false);
    for (int column = 1; column < header->count(); ++column)
      header->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    header->setSectionResizeMode(0, QHeaderView::Stretch);
    dialog->setViewMode(QFileDialog::Detail);
    const QSize room = dialog->screen()->availableSize();
    dialog->resize(dialog->size().expandedTo(QSize(900, 520)).boundedTo(room - QSize(40, 80)));
    return false;
  }
};

}  // namespace

void widenFileDialogs(QObject* owner) { qApp->installEventFilter(new Widener(owner)); }

}  // namespace mgdm::ui
