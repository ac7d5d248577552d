#include "ui/widgets/look.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QPalette>
#include <QPolygonF>
#include <QStyleFactory>
#include <QTemporaryDir>

namespace mgdm::ui {

namespace {

struct Colours {
  const char *window, *panel, *base, *canvas, *line, *button, *hover, *text, *muted, *disabled, *accent, *accent_text,
      *accent_off, *error, *error_text, *note, *note_text, *focus;
};
constexpr Colours kDark{"#26282c", "#202226", "#1c1e21", "#17181b", "#3a3d43", "#35383e",
                        "#3f434a", "#e6e7ea", "#a4a9b2", "#6b7078", "#2f7de0", "#ffffff",
                        "#2b3a50", "#5a2a2a", "#ffe4e4", "#2c3d55", "#dce9ff", "#ffffff"};
constexpr Colours kLight{"#f3f4f6", "#eaecef", "#ffffff", "#d9dce1", "#c9cdd4", "#ffffff",
                         "#e8f0fb", "#1f2329", "#5d6570", "#9aa1ab", "#1f6fd6", "#ffffff",
                         "#c3d6ef", "#fbe3e3", "#8c1d1d", "#e2edfc", "#173e70", "#0a1f3d"};

Theme theme_now = Theme::Dark;

/// Style sheets take pictures from files only: drawn here, at one and two times the size. `line` on 10 x 10.
QString line_file(const char* what, const QPolygonF& line, const QColor& colour, Theme theme) {
  static const QTemporaryDir folder;
  const QString name = folder.filePath(QStringLiteral("%1-%2").arg(what, theme == Theme::Dark ? "dark" : "light"));
  for (const int scale : {1, 2}) {
    QImage image(10 * scale, 10 * scale, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(scale, scale);
    painter.setPen(QPen(colour, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    painter.end();
    image.save(name + (scale == 1 ? ".png" : "@2x.png"));
  }
  return name + QStringLiteral(".png");
}

const char* const kSheet = R"(
    QToolTip { color: @text; background: @button; border: 1px solid @line; padding: 4px; }
    QPushButton { padding: 7px 12px; border-radius: 5px; border: 1px solid @line; background: @button; }
    QPushButton:hover { background: @hover; }
    QPushButton:checked { background: @accent; border-color: @accent; color: @on; }
    QPushButton:disabled { color: @disabled; border-color: @line; background: @window; }
    QPushButton:checked:disabled { background: @off; border-color: @off; color: @muted; }
    QPushButton:focus, QCheckBox:focus { outline: none; }
    QWidget#focus_ring { color: @focus; }
    QPushButton#run, QPushButton#song_run, QPushButton#compare_run, QPushButton#save { background: @accent; border-color: @accent; color: @on; font-weight: 600; }
    QPushButton#run:hover, QPushButton#song_run:hover, QPushButton#compare_run:hover, QPushButton#save:hover { background: #4c9aff; }
    QPushButton#run:disabled, QPushButton#song_run:disabled, QPushButton#compare_run:disabled, QPushButton#save:disabled { background: @off; border-color: @off; color: @muted; }
    QPushButton#way { text-align: left; padding: 8px 10px; }
    QToolBar { border: none; border-bottom: 1px solid @line; spacing: 2px; padding: 4px 8px; background: @window; }
    QToolBar::separator { background: @line; width: 1px; margin: 6px 6px; }
    QToolButton { padding: 5px; border-radius: 4px; border: none; }
    QToolButton:checked { background: @accent; color: @on; }
    QToolButton:checked:disabled { background: @off; }
    QToolButton:hover:!checked { background: @hover; }
    QToolButton#panel_switch:checked { background: transparent; }
    QToolButton#panel_switch:checked:hover { background: @hover; }
    QToolButton#qt_toolbar_ext_button { padding: 0px; }
    QToolButton#compare_against { padding: 5px 3px; }
    QToolButton#close_message { padding: 2px 6px; color: palette(text); background: transparent; }
    QSplitter::handle { background: @window; }
    QSplitter::handle:hover { background: @accent; }
    QCheckBox { spacing: 8px; padding: 3px 2px; }
    QCheckBox::indicator, QListView::indicator, QMenu::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 3px; background: @base; }
    QCheckBox::indicator:hover, QListView::indicator:hover { border-color: @text; }
    QCheckBox::indicator:checked, QListView::indicator:checked, QMenu::indicator:checked { background: @accent; border-color: @accent; image: url(@tick); }
    QCheckBox::indicator:disabled, QListView::indicator:disabled { border-color: @line; background: @window; }
    QCheckBox::indicator:checked:disabled, QListView::indicator:checked:disabled { border-color: @off; background: @off; }
    QMenu::indicator { margin-left: 6px; }
    QRadioButton { spacing: 8px; padding: 3px 2px; }
    QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 8px; background: @base; }
    QRadioButton::indicator:hover { border-color: @text; }
    QRadioButton::indicator:checked { border-color: @accent; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 @on, stop: 0.42 @on, stop: 0.5 @accent, stop: 1 @accent); }
    QRadioButton::indicator:disabled { border-color: @line; background: @window; }
    QSlider#place::groove:horizontal { height: 3px; background: @line; border-radius: 1px; }
    QSlider#place::sub-page:horizontal, QSlider#place::add-page:horizontal { background: transparent; }
    QSlider#place::handle:horizontal { width: 10px; height: 10px; margin: -5px 0; border-radius: 5px; background: @muted; }
    QToolButton::menu-indicator { image: none; }
    QListWidget { border: 1px solid transparent; background: @panel; }
    QListWidget:focus { border-color: @accent; }
    QListWidget#samples { border-top: 1px solid @line; }
    QListWidget#samples::item, QListWidget#history::item { border-radius: 4px; padding: 3px; margin: 2px; }
    QListWidget#samples::item:selected, QListWidget#history::item:selected { background: @accent; color: @on; }
    QToolButton#lane { padding: 1px; min-width: 22px; min-height: 20px; border: 1px solid @line; font-weight: 600; }
    QWidget#timeline, QWidget#practise { background: @panel; border-top: 1px solid @line; }
    QLabel#heading { font-weight: 600; }
    QLabel#hint, QLabel[hint="true"], QLabel#why_not, QLabel#song_why_not { color: @muted; padding-top: 2px; }
    QLabel#heading, QStatusBar QLabel { padding-top: 2px; }
    QLabel#message, QLabel#song_message , QLabel#compare_message { background: @error; color: @errortext; padding: 8px 12px; }
    QLabel#message[note="true"], QLabel#song_message[note="true"] , QLabel#compare_message[note="true"] { background: @note; color: @notetext; padding: 8px 12px; }
    QScrollArea { border: none; }
    QScrollBar:horizontal { height: 8px; background: transparent; margin: 0; }
    QScrollBar:vertical { width: 8px; background: transparent; margin: 0; }
    QScrollBar::handle { background: @line; border-radius: 4px; min-width: 24px; min-height: 24px; }
    QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
    QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit { background: @base; border: 1px solid @line; border-radius: 4px; padding: 3px 6px; min-height: 18px; selection-background-color: @accent; }
    QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QLineEdit:focus { border-color: @accent; }
    QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QLineEdit:disabled { color: @disabled; background: @window; }
    QComboBox { combobox-popup: 0; }
    QComboBox::drop-down { border: none; width: 20px; }
    QComboBox::down-arrow { image: url(@arrowdown); width: 10px; height: 10px; margin-right: 8px; }
    QComboBox QAbstractItemView::item { min-height: 24px; }
    QComboBox QAbstractItemView::item:selected { background: @accent; color: @on; }
    QComboBox QAbstractItemView { background: @base; border: 1px solid @line; selection-background-color: @accent; selection-color: @on; outline: none; }
    QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button { border: none; background: transparent; width: 16px; }
    QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(@arrowup); width: 8px; height: 8px; }
    QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(@arrowdown); width: 8px; height: 8px; }
    QListWidget#models::item { border-radius: 4px; padding: 2px 8px; margin: 1px; }
    QListWidget#models::item:selected { background: @accent; color: @on; }
    QTableView { border: none; background: @panel; alternate-background-color: @window; }
    QTableWidget::item { padding: 6px 8px; }
    QTableWidget::item:selected { background: @accent; color: @on; }
    QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @line; padding: 6px 8px; }
    QHeaderView::up-arrow { image: url(@arrowup); width: 8px; height: 8px; subcontrol-position: top center; }
    QHeaderView::down-arrow { image: url(@arrowdown); width: 8px; height: 8px; subcontrol-position: top center; }
    QTabWidget::pane { border: none; border-top: 1px solid @line; }
    QTabBar::tab { padding: 7px 16px; border: none; color: @muted; background: transparent; border-bottom: 2px solid transparent; }
    QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
    QMenu { background: @panel; border: 1px solid @line; padding: 4px; }
    QMenu::item { padding: 6px 24px 6px 30px; border-radius: 4px; }
    QMenu::item:selected { background: @accent; color: @on; }
    QMenu::item:disabled { color: @disabled; }
    QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
    QProgressBar { border: none; background: @base; border-radius: 0px; max-height: 4px; min-height: 4px; }
    QProgressBar::chunk { background: @accent; }
    QStatusBar::item { border: none; }
  )";

QString sheet_of(const Colours& c, Theme theme) {
  QString sheet = QString::fromLatin1(kSheet);
  const std::pair<const char*, const char*> names[] = {{"@window", c.window},
                                                       {"@panel", c.panel},
                                                       {"@base", c.base},
                                                       {"@line", c.line},
                                                       {"@button", c.button},
                                                       {"@hover", c.hover},
                                                       {"@errortext", c.error_text},
                                                       {"@error", c.error},
                                                       {"@notetext", c.note_text},
                                                       {"@note", c.note},
                                                       {"@text", c.text},
                                                       {"@muted", c.muted},
                                                       {"@disabled", c.disabled},
                                                       {"@accent", c.accent},
                                                       {"@off", c.accent_off},
                                                       {"@focus", c.focus},
                                                       {"@on", c.accent_text}};
  for (const auto& [name, value] : names) sheet.replace(QLatin1String(name), QLatin1String(value));
  const auto picture = [&](const char* what, const QPolygonF& line, const char* colour) {
    sheet.replace(QLatin1Char('@') + QLatin1String(what), line_file(what, line, colour, theme));
  };
  picture("arrowup", {{1.5, 6.5}, {5, 3}, {8.5, 6.5}}, c.muted);
  picture("arrowdown", {{1.5, 3.5}, {5, 7}, {8.5, 3.5}}, c.muted);
  picture("tick", {{1.5, 5.2}, {4, 7.7}, {8.5, 2.3}}, c.accent_text);
  return sheet;
}

}  // namespace

Theme currentTheme() { return theme_now; }

void applyLook(QApplication& application, Theme theme) {
  theme_now = theme;
  const Colours& c = theme == Theme::Dark ? kDark : kLight;
  application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QPalette p;
  p.setColor(QPalette::Window, c.window);
  p.setColor(QPalette::Base, c.base);
  p.setColor(QPalette::AlternateBase, c.panel);
  p.setColor(QPalette::Dark, c.canvas);
  p.setColor(QPalette::Mid, c.line);
  p.setColor(QPalette::Midlight, c.hover);
  p.setColor(QPalette::Light, c.line);
  p.setColor(QPalette::Button, c.button);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
    p.setColor(role, c.text);
  p.setColor(QPalette::PlaceholderText, c.muted);
  p.setColor(QPalette::ToolTipBase, c.button);
  p.setColor(QPalette::Highlight, c.accent);
  p.setColor(QPalette::HighlightedText, c.accent_text);
  p.setColor(QPalette::Link, theme == Theme::Dark ? QColor("#4c9aff") : QColor(c.accent));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    p.setColor(QPalette::Disabled, role, c.disabled);
  application.setPalette(p);
  application.setStyleSheet(sheet_of(c, theme));
}

}  // namespace mgdm::ui
