#include "ui/look.h"

#include <QApplication>
#include <QPalette>
#include <QStyleFactory>

namespace mgdm::ui {

void applyLook(QApplication& application) {
  application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QPalette p;
  const QColor window(0x26, 0x28, 0x2c), base(0x1c, 0x1e, 0x21), text(0xe6, 0xe7, 0xea), muted(0x8b, 0x90, 0x99), accent(0x4c, 0x9a, 0xff);
  p.setColor(QPalette::Window, window);
  p.setColor(QPalette::Base, base);
  p.setColor(QPalette::AlternateBase, window);
  p.setColor(QPalette::Dark, QColor(0x17, 0x18, 0x1b));
  p.setColor(QPalette::Mid, QColor(0x3a, 0x3d, 0x43));
  p.setColor(QPalette::Light, QColor(0x4a, 0x4e, 0x56));
  p.setColor(QPalette::Button, QColor(0x35, 0x38, 0x3e));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText}) p.setColor(role, text);
  p.setColor(QPalette::PlaceholderText, muted);
  p.setColor(QPalette::ToolTipBase, QColor(0x3a, 0x3d, 0x43));
  p.setColor(QPalette::Highlight, accent);
  p.setColor(QPalette::HighlightedText, Qt::white);
  p.setColor(QPalette::Link, accent);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) p.setColor(QPalette::Disabled, role, QColor(0x6b, 0x70, 0x78));
  application.setPalette(p);
  application.setStyleSheet(QStringLiteral(R"(
    QToolTip { color: #e6e7ea; background: #3a3d43; border: 1px solid #4a4e56; padding: 4px; }
    QPushButton { padding: 7px 14px; border-radius: 5px; border: 1px solid #4a4e56; background: #35383e; }
    QPushButton:hover { background: #3f434a; }
    QPushButton:disabled { color: #6b7078; border-color: #3a3d43; background: #2b2d31; }
    QPushButton:focus { border-color: #4c9aff; }
    QPushButton#run { background: #2f7de0; border-color: #2f7de0; color: white; font-weight: 600; }
    QPushButton#run:hover { background: #4c9aff; }
    QPushButton#run:disabled { background: #2b3a50; border-color: #2b3a50; color: #7d8894; }
    QToolBar { border: none; border-bottom: 1px solid #1c1e21; spacing: 4px; padding: 4px 8px; }
    QToolButton { padding: 5px 9px; border-radius: 4px; }
    QToolButton:checked { background: #2f7de0; color: white; }
    QToolButton:hover:!checked { background: #3a3d43; }
    QListWidget#samples { border: none; border-top: 1px solid #1c1e21; background: #202226; }
    QListWidget#samples::item { border-radius: 4px; padding: 4px; margin: 2px; }
    QListWidget#samples::item:selected { background: #2f7de0; color: white; }
    QLabel#heading { font-weight: 600; }
    QLabel#hint { color: #a4a9b2; }
    QLabel#message { background: #5a2a2a; color: #ffe4e4; padding: 8px 12px; border-radius: 4px; }
    QScrollArea { border: none; }
    QProgressBar { border: none; background: #1c1e21; border-radius: 3px; max-height: 6px; min-height: 6px; }
    QProgressBar::chunk { background: #4c9aff; border-radius: 3px; }
  )"));
}

}  // namespace mgdm::ui
