#include "ui/shell/tool_bars.h"

#include <QApplication>
#include <QLocale>
#include <QMainWindow>
#include <QMenu>
#include <QSettings>
#include <QToolBar>
#include <QToolButton>

#include "ui/page.h"
#include "ui/shell/translation.h"
#include "ui/widgets/action_list.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/look.h"

namespace mgdm::ui {

ToolBars::ToolBars(QMainWindow* window, const ActionList& own)
    : QObject(window), window_(window), own_(own), menu_(new QMenu(window)) {}

void ToolBars::add(Page* page, const QList<QAction*>& to_pages) {
  QToolBar* bar = window_->addToolBar(page->toolBarTitle());
  bar->setObjectName(page->name() + QStringLiteral("_tools"));
  bar->setMovable(false);
  bar->setIconSize(QSize(22, 22));
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  bar->addActions(to_pages);
  bar->addSeparator();
  bar->addAction(own_["open"]);
  page->fillToolBar(bar);
  auto* space = new QWidget;
  space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar->addWidget(space);
  auto* button = new QToolButton;
  button->setIcon(icon(Symbol::Menu));
  button->setToolTip(tr("More"));
  button->setAccessibleName(tr("More"));
  button->setMenu(menu_);
  button->setPopupMode(QToolButton::InstantPopup);
  bar->addWidget(button);
  bars_[page] = bar;
}

void ToolBars::show(const Page* page) const {
  for (auto bar = bars_.begin(); bar != bars_.end(); ++bar) bar.value()->setVisible(bar.key() == page);
}

void ToolBars::addLook(QMenu* menu) {
  auto* light = menu->addAction(tr("Light colours"));
  light->setCheckable(true);
  light->setChecked(currentTheme() == Theme::Light);
  connect(light, &QAction::toggled, this, [](bool on) {
    applyLook(*qApp, on ? Theme::Light : Theme::Dark);
    QSettings().setValue(QStringLiteral("light"), on);
  });
  auto* speech = menu->addMenu(tr("Language"));
  for (const QString& language : languages()) {
    auto* choice = speech->addAction(QLocale(language).nativeLanguageName());
    choice->setCheckable(true);
    choice->setChecked(QLocale().language() == QLocale(language).language());
    connect(choice, &QAction::triggered, this, [this, speech, choice, language] {
      for (QAction* other : speech->actions()) other->setChecked(other == choice);
      QSettings().setValue(QStringLiteral("language"), language);
      Q_EMIT notice(tr("The language changes with the next start."));
    });
  }
}

}  // namespace mgdm::ui
