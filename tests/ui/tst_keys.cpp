// The window under the keyboard, for a screen reader, and on small screens.

#include <QtTest>

#include <QAccessible>
#include <QAction>
#include <QButtonGroup>
#include <QListWidget>
#include <QScrollBar>
#include <QSettings>
#include <QSlider>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>

#include "tests/ui/studio_fixture.h"
#include "ui/photo/history.h"
#include "ui/photo/inspector.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/timeline.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestKeys : public QObject {
  Q_OBJECT
 private:
  static bool activate(QWidget& window) {
    window.activateWindow();
    return QTest::qWaitForWindowActive(&window);
  }
  /// What Tab reaches, from the widget that has the focus until it comes round.
  static QSet<QWidget*> reachedByTab(QWidget& window) {
    QSet<QWidget*> reached;
    for (int i = 0; i < 300; ++i) {
      QWidget* at = window.focusWidget();
      if (at == nullptr || reached.contains(at)) break;
      reached << at;
      QTest::keyClick(at, Qt::Key_Tab);
    }
    return reached;
  }

 private Q_SLOTS:
  void initTestCase() { prepare(); }
  void cleanup() { QSettings().clear(); }

  void enterDoesWhatTheFocusedThingDoes() {
    Studio s;
    QVERIFY(activate(s.window));
    s.paint();
    s.settings(5);
    s.run();
    QTRY_VERIFY(!s.page->history()->entries().empty());
    s.window.findChild<QTabWidget*>()->setCurrentIndex(2);
    for (const char* name : {"seed", "samples_count", "preset", "model", "history", "samples", "iterates"}) {
      auto* widget = s.find<QWidget>(name);
      QVERIFY2(widget != nullptr, name);
      widget->setFocus();
      if (qobject_cast<QSpinBox*>(widget) != nullptr) QTest::keyClicks(widget, "3");
      for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) QTest::keyClick(widget, key);
      QVERIFY2(s.page->document()->layers().empty() && !s.page->document()->maskEmpty(), name);
    }
    auto* favourite = s.find<QPushButton>("favourite");
    favourite->setFocus();
    QTest::keyClick(favourite, Qt::Key_Return);
    QVERIFY(favourite->isChecked() && s.page->document()->layers().empty());
    QTest::keyClick(favourite, Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(s.page->document()->layers().size(), size_t{1});
  }

  void spaceAfterRunPans() {
    Studio s;
    QVERIFY(activate(s.window));
    s.paint();
    s.settings(500);
    auto* run = s.find<QPushButton>("run");
    auto* advanced = s.find<QPushButton>("advanced");
    for (const bool by_mouse : {true, false}) {
      if (by_mouse) {
        QTest::mouseClick(run, Qt::LeftButton);
      } else {
        run->setFocus();
        QTest::keyClick(run, Qt::Key_Space);
      }
      QVERIFY(s.page->runs()->busy());
      QCOMPARE(s.window.focusWidget(), s.page->canvas());
      QTest::keyPress(s.window.focusWidget(), Qt::Key_Space);
      const QPointF at = s.page->canvas()->toPhoto({100, 100});
      QTest::mousePress(s.page->canvas(), Qt::LeftButton, {}, QPoint(100, 100));
      QTest::mouseMove(s.page->canvas(), QPoint(150, 120));
      QTest::mouseRelease(s.page->canvas(), Qt::LeftButton, {}, QPoint(150, 120));
      QTest::keyRelease(s.window.focusWidget(), Qt::Key_Space);
      QVERIFY((s.page->canvas()->toPhoto({150, 120}) - at).manhattanLength() < 1e-6);
      QVERIFY(!advanced->isChecked() && s.page->runs()->busy());
      QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
      QTRY_VERIFY(s.ready());
    }
  }

  void theWheelMovesThePanelAndNotItsValues() {
    Studio s;
    QVERIFY(activate(s.window));
    s.window.resize(1280, 690);
    QTest::mouseClick(s.find<QPushButton>("advanced"), Qt::LeftButton);
    QTest::qWait(50);
    QScrollBar* bar = s.window.findChild<TaskPanel*>()->verticalScrollBar();
    QVERIFY(bar->maximum() > 0);
    const auto wheel = [](QWidget* over) {
      const QPointF at = QRectF(over->rect()).center();
      QWheelEvent event(at, over->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                        false);
      QSpontaneKeyEvent::setSpontaneous(&event);  // one of a person's goes on to the parents
      qApp->notify(over, &event);
    };
    auto* seed = s.find<QSpinBox>("seed");
    seed->setValue(50);
    auto* preset = s.find<QComboBox>("preset");
    auto* steps = s.find<QSpinBox>("steps");
    const int quality = preset->currentIndex(), before = steps->value();
    for (QWidget* over : std::initializer_list<QWidget*>{seed, preset, steps}) {
      bar->setValue(0);
      wheel(over);
      QVERIFY2(bar->value() > 0, qPrintable(over->objectName()));
    }
    QVERIFY(seed->value() == 50 && preset->currentIndex() == quality && steps->value() == before);
    seed->setFocus();
    wheel(seed);
    QCOMPARE(seed->value(), 49);
  }

  void aClickOnAButtonLeavesTheFocusWhereItWas() {
    Studio s;
    QVERIFY(activate(s.window));
    s.page->canvas()->setFocus();
    QList<QPushButton*> buttons = s.window.findChildren<QPushButton*>("way");
    buttons << s.find<QPushButton>("advanced") << s.find<QPushButton>("inspector_more");
    for (QPushButton* button : buttons) {
      QTest::mouseClick(button, Qt::LeftButton);
      QCOMPARE(s.window.focusWidget(), s.page->canvas());
    }
  }

  void whatGreysHandsTheFocusToThePhoto() {
    Studio s;
    QVERIFY(activate(s.window));
    s.paint();
    s.settings(12);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    s.find<QPushButton>("stop")->setFocus();  // greys when the run is over
    QVERIFY(finished.wait(60000));
    QCOMPARE(s.window.focusWidget(), s.page->canvas());
    s.find<QPushButton>("accept")->setFocus();
    QTest::keyClick(s.find<QPushButton>("accept"), Qt::Key_Space);  // takes the mask away, so that Run greys, too
    QVERIFY(!s.find<QPushButton>("run")->isEnabled());
  }

  void spaceOnTheSongPageIsTheButtonsOrPlays() {
    SongStudio s(1);
    QVERIFY(activate(s.window));
    auto* keep = s.find<QWidget>("song_keep");
    keep->setFocus();
    QSignalSpy play(s.window.findChild<QAction*>("song_play"), &QAction::triggered);
    QTest::keyClick(keep, Qt::Key_Space);
    QCOMPARE(play.count(), 0);
    QVERIFY(keep->property("checked").toBool());
    s.page->setFocus();
    QTest::keyClick(s.page, Qt::Key_Space);
    QCOMPARE(play.count(), 1);
  }

  void tabReachesEverything() {
    Studio s;
    QVERIFY(activate(s.window));
    s.paint();
    s.settings(5);
    s.run();
    s.page->canvas()->setFocus();
    const QSet<QWidget*> reached = reachedByTab(s.window);
    QCOMPARE(s.window.focusWidget(), s.page->canvas());  // all the way round
    for (const QWidget* widget : reached) {              // nothing that only scrolls
      QVERIFY2(!widget->inherits("QScrollArea"), widget->metaObject()->className());
    }
    for (QWidget* widget : s.window.findChildren<QWidget*>()) {
      if (!widget->isVisible() || !widget->isEnabled() || !(widget->focusPolicy() & Qt::TabFocus) ||
          widget->focusProxy() != nullptr || widget->inherits("QScrollArea"))
        continue;
      auto* button = qobject_cast<QAbstractButton*>(widget);
      if (button != nullptr && button->group() != nullptr && button->group()->exclusive() && !button->isChecked())
        continue;  // reached with the arrows
      QVERIFY2(reached.contains(widget), qPrintable(QString("%1 '%2' %3")
                                                        .arg(widget->metaObject()->className(), widget->objectName(),
                                                             button != nullptr ? button->text() : QString())));
    }
    int tools = 0;
    for (QToolButton* tool : s.find<QToolBar>("photos_tools")->findChildren<QToolButton*>()) {
      if (!tool->isVisible() || !tool->isEnabled()) continue;
      QVERIFY2(reached.contains(tool), qPrintable(tool->text() + tool->objectName()));
      ++tools;
    }
    QVERIFY(tools > 15);
  }

  void theFocusIsSeenOnFilledButtons() {
    Studio s;
    QVERIFY(activate(s.window));
    s.paint();
    QList<QPushButton*> filled{s.find<QPushButton>("run")};
    for (auto* way : s.window.findChildren<QPushButton*>("way")) {
      if (way->isChecked()) filled << way;
    }
    QCOMPARE(filled.size(), 2);
    for (QPushButton* button : filled) {
      const QRect place(button->mapTo(&s.window, QPoint(0, 0)), button->size());
      QTest::mouseClick(s.page->canvas(), Qt::LeftButton, {}, QPoint(2, 2));  // beside the photo
      const QImage without = s.window.grab(place).toImage();
      for (int i = 0; i < 300 && s.window.focusWidget() != button; ++i)
        QTest::keyClick(s.window.focusWidget(), Qt::Key_Tab);
      const QImage with = s.window.grab(place).toImage();
      int changed = 0;
      for (int y = 0; y < with.height(); ++y) {
        for (int x = 0; x < with.width(); ++x)
          changed += std::abs(qGray(with.pixel(x, y)) - qGray(without.pixel(x, y))) > 60 ? 1 : 0;
      }
      QVERIFY2(changed > with.width(), qPrintable(QString("%1: %2").arg(button->text()).arg(changed)));
    }
  }

  void aSmallScreenIsEnough() {
    Studio s;
    for (const QSize size : {QSize(1280, 690), QSize(1024, 650)}) {
      s.window.resize(size);
      QTest::qWait(50);
      QCOMPARE(s.window.size(), size);
      auto* menu = s.find<QToolButton>("menu_button");
      QVERIFY(menu != nullptr && menu->isVisible());
      QVERIFY(s.window.rect().contains(menu->mapTo(&s.window, menu->rect().bottomRight())));
    }
    auto* rest = s.window.findChild<QToolButton*>("qt_toolbar_ext_button");
    QVERIFY(rest != nullptr && rest->isVisible());  // what has no room is behind a button with a picture
    const QImage picture = rest->grab().toImage();
    QVERIFY(qGray(picture.pixel(0, 0)) < 80);
    int bright = 0;
    for (int y = 0; y < picture.height(); ++y) {
      for (int x = 0; x < picture.width(); ++x) bright += qGray(picture.pixel(x, y)) > 150 ? 1 : 0;
    }
    QVERIFY2(bright > 5, qPrintable(QString::number(bright)));
  }

  void panelsFoldAndStayFolded() {
    {
      Studio s;
      QVERIFY(activate(s.window));
      const int before = s.page->canvas()->width();
      QTest::keyClick(&s.window, Qt::Key_F7);
      QTest::keyClick(&s.window, Qt::Key_F8);
      QTest::qWait(50);
      QVERIFY(!s.find<QPushButton>("run")->isVisible() && !s.find<QListWidget>("history")->parentWidget()->isVisible());
      QVERIFY2(s.page->canvas()->width() >= before + 500, qPrintable(QString::number(s.page->canvas()->width())));
    }
    Studio s;
    QVERIFY(!s.find<QPushButton>("run")->isVisible());
    QVERIFY(!s.act("left_panel")->isChecked());
    QTest::keyClick(&s.window, Qt::Key_F7);
    QVERIFY(s.find<QPushButton>("run")->isVisible());
  }

  void aLargeWindowIsUsed() {
    Studio s;
    s.window.resize(1280, 690);
    QTest::qWait(50);
    const int narrow = s.window.findChild<QTabWidget*>()->width();
    const QSize small = s.find<QListWidget>("samples")->iconSize();
    s.window.resize(1900, 1040);
    QTest::qWait(50);
    QVERIFY(s.window.findChild<QTabWidget*>()->width() > narrow + 40);
    QVERIFY(s.find<QListWidget>("samples")->iconSize().width() > small.width() * 3 / 2);
  }

  void thePhotoDoesNotJump() {
    Studio s;
    s.paint();
    s.settings(12);
    s.find<QSpinBox>("samples_count")->setValue(2);
    Canvas* canvas = s.page->canvas();
    const QRect place(canvas->mapTo(&s.window, QPoint(0, 0)), canvas->size());
    const QPointF corner = canvas->toWidget({0, 0});
    const auto steady = [&] {
      return QRect(canvas->mapTo(&s.window, QPoint(0, 0)), canvas->size()) == place &&
             canvas->toWidget({0, 0}) == corner;
    };
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    QTest::qWait(20);
    QVERIFY(steady());
    if (finished.isEmpty()) QVERIFY(finished.wait(60000));
    QTest::qWait(20);
    QVERIFY(steady());
    s.page->showNotice("something that has to be known");
    QTest::qWait(20);
    QVERIFY(s.find<QLabel>("message")->isVisible() && steady());
    QTest::mouseClick(s.find<QLabel>("message")->findChild<QToolButton*>("close_message"), Qt::LeftButton);
    QVERIFY(!s.find<QLabel>("message")->isVisible());
  }

  void liveValuesAreSpokenWithTheirNumbers() {
    Inspector inspector;
    Frame frame;
    frame.samples = {QImage(8, 8, QImage::Format_RGB32)};
    frame.steps = 40;
    const auto spoken = [&](const char* words) {
      for (QLabel* label : inspector.findChildren<QLabel*>()) {
        const QAccessibleInterface* face = QAccessible::queryAccessibleInterface(label);
        if (face->text(QAccessible::Name) == QLatin1String(words)) return true;
      }
      return false;
    };
    frame.step = 7;
    inspector.show(frame);
    QTRY_VERIFY_WITH_TIMEOUT(spoken("Step: 7 of 40"), 3000);
    for (frame.step = 8; frame.step < 20; ++frame.step) inspector.show(frame);
    QVERIFY(spoken("Step: 7 of 40"));  // not each of them
    QTRY_VERIFY_WITH_TIMEOUT(spoken("Step: 19 of 40"), 3000);
  }

  void dropDownsHaveNames() {
    MainWindow window;
    window.show();
    window.photoPage()->chooseWay(Way::Try);
    for (QComboBox* box : window.findChildren<QComboBox*>()) {
      QAccessibleInterface* face = QAccessible::queryAccessibleInterface(box);
      QString label;  // on Linux a drop-down's name is its value, its label's words are its name
      for (const auto& [other, relation] : face->relations(QAccessible::Label)) label = other->text(QAccessible::Name);
      if (box->objectName() == "song_device") continue;
      QVERIFY2(!label.isEmpty(), qPrintable(box->objectName()));
    }
  }

  void aGreyedRunSaysWhy() {
    Studio s;
    auto* why = s.find<QLabel>("why_not");
    QVERIFY(why != nullptr && !s.find<QPushButton>("run")->isEnabled());
    QVERIFY(why->isVisible() && why->text().contains("Paint"));
    s.paint();
    QVERIFY(s.find<QPushButton>("run")->isEnabled() && !why->isVisible());
    s.settings(500);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(!s.find<QPushButton>("run")->isEnabled() && !why->isVisible());  // that it runs is seen
    MainWindow empty;
    empty.show();
    auto* at_first = empty.findChild<QLabel*>("why_not");
    QVERIFY(at_first->isVisible() && at_first->text().contains("Open"));
  }

  void theEmptyPageSaysHowToBegin() {
    MainWindow window;
    window.show();
    auto* sample = window.findChild<QPushButton*>("sample_photo");
    QVERIFY(sample != nullptr && sample->isVisible());
    QSignalSpy opened(window.photoPage()->runs(), &PhotoRuns::photoOpened);
    QTest::mouseClick(sample, Qt::LeftButton);
    QVERIFY(opened.wait(20000));
    QVERIFY(!sample->isVisible());
  }
};

QTEST_MAIN(TestKeys)
#include "tst_keys.moc"
