#include "ui/shell/tool_bars.h"

#include <QActionGroup>
#include <QApplication>
#include <QLocale>
#include <QMainWindow>
#include <QMenu>
#include <QSettings>
#include <QToolBar>
#include <QToolButton>

#include "ui/jobs/processor_threads.h"
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
  auto* button = new QToolButton;
  button->setObjectName(QStringLiteral("menu_button"));
  button->setIcon(icon(Symbol::Menu));
  button->setToolTip(tr("Menu"));
  button->setAccessibleName(tr("Menu"));
  button->setMenu(menu_);
  button->setPopupMode(QToolButton::InstantPopup);
  bar->addWidget(button);  // first: what is last goes where a narrow window has no room
  bar->addActions(to_pages);
  bar->addSeparator();
  bar->addAction(own_["open"]);
  page->fillToolBar(bar);
  auto* space = new QWidget;
  space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar->addWidget(space);
  for (const char* id : {"left_panel", "right_panel"}) {
    bar->addAction(own_[id]);
    bar->widgetForAction(own_[id])->setObjectName(QStringLiteral("panel_switch"));
  }
  for (QToolButton* each : bar->findChildren<QToolButton*>()) each->setFocusPolicy(Qt::TabFocus);
  if (auto* rest = bar->findChild<QToolButton*>(QStringLiteral("qt_toolbar_ext_button"))) {
    rest->setIcon(icon(Symbol::More));
    rest->setToolTip(tr("More tools"));
    rest->setAccessibleName(tr("More tools"));
  }
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
  addThreads(menu);
  auto* speech = menu->addMenu(tr("Language"));
  speech->setObjectName(QStringLiteral("languages"));
  for (const QString& language : languages()) {
    auto* choice = speech->addAction(QLocale(language).nativeLanguageName());
    choice->setCheckable(true);
    choice->setChecked(language == currentLanguage());
    connect(choice, &QAction::triggered, this, [this, speech, choice, language] {
      for (QAction* other : speech->actions()) other->setChecked(other == choice);
      QSettings().setValue(QStringLiteral("language"), language);
      Q_EMIT notice(tr("The language changes with the next start."));
    });
  }
}

// All of them, or one, two, four and so on.
void ToolBars::addThreads(QMenu* menu) {
  auto* threads = menu->addMenu(tr("Processor threads of a run"));
  auto* group = new QActionGroup(threads);
  const int all = processorThreads();
  const auto add = [&](const QString& words, int count) {
    QAction* choice = threads->addAction(words);
    choice->setCheckable(true);
    choice->setChecked(count == 0 ? runThreads() == all : runThreads() == count);
    choice->setData(count);
    group->addAction(choice);
    connect(choice, &QAction::triggered, this, [count] { QSettings().setValue(QStringLiteral("threads"), count); });
  };
  add(tr("All %1").arg(all), 0);
  for (int count = 1; count < all; count *= 2) add(QString::number(count), count);
}

}  // namespace mgdm::ui
