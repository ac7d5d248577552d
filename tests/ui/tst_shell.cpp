// The window around the pages.

#include <QtTest>

#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDropEvent>
#include <QKeySequenceEdit>
#include <QLibraryInfo>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QTimer>
#include <QUrl>

#include "core/media/working_area.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/priors/model_import.h"
#include "core/samplers/description.h"
#include "tests/ui/studio_fixture.h"
#include "ui/photo/photo_files.h"
#include "ui/shell/shortcuts_dialog.h"
#include "ui/shell/translation.h"
#include "ui/widgets/words.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestShell : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void closingInARunIsClean() {
    for (int k = 0; k < 3; ++k) {
      auto s = std::make_unique<Studio>();
      s->paint();
      s->settings(500);
      QTest::mouseClick(s->find<QPushButton>("run"), Qt::LeftButton);
      QTest::qWait(30 * k);
      NextQuestion question("discard_run");  // a pasted photo cannot be gone on with another time
      QVERIFY(s->window.close());
      QVERIFY(question.asked());
      s.reset();
    }
  }

  void theWindowNeverStallsAndThePreviewIsCheap_data() {
    QTest::addColumn<QSize>("photo");
    QTest::addColumn<int>("detail");
    QTest::newRow("320x256") << QSize(320, 256) << 256;
    QTest::newRow("512x512 in 100 megapixels") << QSize(10000, 10000) << 512;
  }

  void theWindowNeverStallsAndThePreviewIsCheap() {
    QFETCH(QSize, photo);
    QFETCH(int, detail);
    Studio s;
    s.page->runs()->setPrior(full_size_prior());
    if (photo.width() > 1000) {
      QImage large(photo, QImage::Format_RGB888);
      large.fill(QColor(90, 120, 150));
      s.openImage(large);
    }
    s.find<QComboBox>("detail")->setCurrentIndex(s.find<QComboBox>("detail")->findData(detail));
    QCOMPARE(std::min(s.page->document()->area().width, s.page->document()->area().height), detail);
    s.drag({photo.width() * 0.3, photo.height() * 0.4}, {photo.width() * 0.5, photo.height() * 0.5});
    s.settings(detail > 256 ? 4 : 6);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    QElapsedTimer clock;
    std::vector<double> gaps;
    QTimer tick;
    tick.setTimerType(Qt::PreciseTimer);
    connect(&tick, &QTimer::timeout, this, [&] {
      gaps.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
      clock.restart();
    });
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    clock.start();
    tick.start(1);
    QVERIFY(finished.wait(240000));
    tick.stop();
    std::sort(gaps.begin(), gaps.end());
    QVERIFY(gaps.size() > 50);
    const double p99 = gaps[gaps.size() * 99 / 100];
    const auto outcome = finished[0][0].value<RunOutcome>();
    qInfo() << "event loop gaps in a run: 99th percentile" << p99 << "ms, longest" << gaps.back() << "ms; preview"
            << 100 * outcome.preview_seconds / outcome.seconds << "% of the run";
    // On a shared machine a tight bound on the longest gap measures the scheduler. A GUI thread that waits
    // for the sampler (an evaluation is far longer than 16 ms) fails this one just as surely.
    QVERIFY2(p99 < 16, qPrintable(QString::number(p99)));
    QVERIFY2(gaps.back() < 1500, qPrintable(QString::number(gaps.back())));  // one long wait is one too many
    QVERIFY2(outcome.preview_seconds < 0.02 * outcome.seconds, qPrintable(QString::number(outcome.preview_seconds)));
  }

  void aDroppedFileOpens() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("dropped.png");
    test_photo(300, 300).save(file);
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(s.page->canvas(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(s.page->canvas(), &drop);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size(), QSize(300, 300));
    QCOMPARE(s.page->document()->area().width, s.page->document()->size().width());
  }

  void everyActionHasAWordAndNoKeyIsTwice() {
    MainWindow window;
    int named = 0;
    for (const Page* page : {static_cast<Page*>(window.photoPage()), static_cast<Page*>(window.songPage())}) {
      QSet<QString> keys;
      for (const QAction* action : window.actions() + page->pageActions()) {
        if (action->objectName().isEmpty()) continue;
        ++named;
        QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
        const QString key = action->shortcut().toString();
        QVERIFY2(key.isEmpty() || !keys.contains(key), qPrintable(key));
        keys.insert(key);
      }
    }
    QVERIFY(named > 40);
    ShortcutsDialog dialog(window.allActions(), window.photoPage()->canvas(), &window);
    auto* edit = dialog.findChild<QKeySequenceEdit*>("lasso");
    QVERIFY(edit != nullptr);
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    edit->setKeySequence(QKeySequence(Qt::Key_B));  // the brush's
    QVERIFY(!ok->isEnabled());
    edit->setKeySequence(QKeySequence(Qt::Key_J));
    QVERIFY(ok->isEnabled());
    auto* erase = dialog.findChild<QComboBox*>("held_erase");
    erase->setCurrentIndex(erase->findData(static_cast<int>(Qt::ShiftModifier)));
    ok->click();
    QCOMPARE(window.findChild<QAction*>("lasso")->shortcut(), QKeySequence(Qt::Key_J));
    MainWindow next;
    QCOMPARE(next.findChild<QAction*>("lasso")->shortcut(), QKeySequence(Qt::Key_J));
    QCOMPARE(next.photoPage()->canvas()->held().erase, Qt::ShiftModifier);
    QSettings().remove("shortcuts");
    QSettings().remove("held");
  }

  void aKeyMayMeanSomethingOnEachPage() {
    MainWindow window;
    ShortcutsDialog dialog(window.allActions(), window.photoPage()->canvas(), &window);
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    dialog.findChild<QKeySequenceEdit*>("eraser")->setKeySequence(QKeySequence(Qt::Key_J));
    QVERIFY(ok->isEnabled());  // L is the lasso's and the loop's, 0 fits the photo and the song
    dialog.findChild<QKeySequenceEdit*>("song_fit")->setKeySequence(QKeySequence(Qt::CTRL | Qt::Key_O));
    QVERIFY(!ok->isEnabled());  // opening is everywhere
  }

  void germanIsComplete() {
    Translator core, studio;
    QVERIFY(core.load(":/translations/core_de") && studio.load(":/translations/studio_de"));
    const auto check = [&](const std::string& words) {
      QVERIFY2(!core.translate("core", words.c_str()).isEmpty(), words.c_str());
    };
    const auto check_settings = [&](const std::vector<Setting>& settings) {
      for (const Setting& s : settings) {
        check(s.label);
        check(s.help);
      }
    };
    for (const Task& task : tasks()) {
      check(task.label);
      check(task.help);
      check_settings(task.settings);
    }
    for (const auto& sampler : samplers()) {
      check(sampler.help);
      check_settings(sampler.settings);
    }
    for (const auto& sampler : samplers()) {
      for (const auto& [name, values] : sampler.presets)
        QVERIFY2(!studio.translate("Words", preset_name(name).toUtf8().constData()).isEmpty(), name.c_str());
    }
    const auto check_choices = [&](const std::vector<Setting>& settings) {
      for (const Setting& s : settings) {
        for (const auto& choice : s.choices) check(choice);
      }
    };
    for (const auto& sampler : samplers()) check_choices(sampler.settings);
    for (const Task& task : tasks()) {
      check_choices(task.settings);
      check(task.group);
    }
    for (const PriorCard& card : list_priors()) {
      if (card.name != "photo" && card.name != "portrait" && card.name != "band") continue;
      check(card.label);
      check(card.description);
    }
    check_settings(all_prior_settings());
    for (const char* family : {"adm", "ldm", "sd1", "sd2", "sdxl", "msdm", "first_stage", ""}) {
      PriorCard card;
      card.family = family;
      check(uses_of(card));
    }
    QFile sources(QStringLiteral(MGDM_SOURCE_DIR "/resources/translations/studio_de.ts"));
    QVERIFY(sources.open(QIODevice::ReadOnly));
    const QByteArray translated = sources.readAll();
    QVERIFY(!translated.contains("unfinished"));
    QVERIFY(!translated.contains("<name>mgdm::"));  // words in a header: they would not be found
    // Words wider than the English ones must not make the window wider.
    QCoreApplication::installTranslator(&core);
    QCoreApplication::installTranslator(&studio);
    {
      Studio s;
      QCOMPARE(s.find<QPushButton>("run")->text(), QString("Starten"));
      for (const auto way : {Way::Fill, Way::Repair, Way::Try}) {
        s.page->chooseWay(way);
        QVERIFY2(s.find<QWidget>("left")->minimumSizeHint().width() <= 300,
                 qPrintable(QString::number(s.find<QWidget>("left")->minimumSizeHint().width())));
      }
      QTest::mouseClick(s.find<QPushButton>("advanced"), Qt::LeftButton);
      auto* sampler = s.find<QComboBox>("sampler");
      for (int i = 0; i < sampler->count(); ++i) {
        sampler->setCurrentIndex(i);
        QTest::qWait(10);
        QVERIFY2(
            s.find<QWidget>("left")->minimumSizeHint().width() <= 290,  // a scroll bar is there, too
            qPrintable(
                QString("%1 %2").arg(sampler->currentText()).arg(s.find<QWidget>("left")->minimumSizeHint().width())));
      }
      s.window.resize(1280, 800);
      QTest::qWait(50);
      QVERIFY2(s.window.minimumSizeHint().width() <= 1280 && s.window.width() == 1280,
               qPrintable(QString::number(s.window.minimumSizeHint().width())));
    }
    QCoreApplication::removeTranslator(&core);
    QCoreApplication::removeTranslator(&studio);
  }

  void theLanguageInUseIsTicked() {
    for (const char* language : {"de", "en"}) {
      QCOMPARE(installTranslation(language), QString(language));
      MainWindow window;
      QStringList ticked;
      for (const QAction* action : window.findChild<QMenu*>("languages")->actions()) {
        if (action->isChecked()) ticked << action->text();
      }
      QCOMPARE(ticked, QStringList(QLocale(language).nativeLanguageName()));
      if (QFile::exists(QLibraryInfo::path(QLibraryInfo::TranslationsPath) +
                        "/qtbase_de.qm"))  // of qt6-translations-l10n
        QCOMPARE(QCoreApplication::translate("QPlatformTheme", "Cancel"),
                 QString(language == QStringLiteral("de") ? "Abbrechen" : "Cancel"));
      for (Translator* translator : qApp->findChildren<Translator*>()) {
        QCoreApplication::removeTranslator(translator);
        delete translator;
      }
    }
    QFile packages(QStringLiteral(MGDM_SOURCE_DIR "/.packages"));
    QVERIFY(packages.open(QIODevice::ReadOnly) && packages.readAll().contains("qt6-translations-l10n"));
  }

  void everythingCanBeReachedAndIsNamed() {
    Studio s;
    int reachable = 0;
    for (QWidget* widget : s.window.findChildren<QWidget*>()) {
      if (widget->focusPolicy() == Qt::NoFocus || !widget->isEnabled() || widget->inherits("QScrollArea") ||
          widget->objectName().startsWith("qt_"))
        continue;
      if (widget->inherits("QMenu") || widget->inherits("QTabBar") || widget->inherits("QTabWidget") ||
          widget->inherits("QComboBoxListView") || widget->inherits("QScrollBar"))
        continue;
      QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
      const QString name = face != nullptr ? face->text(QAccessible::Name) : QString();
      QVERIFY2(!name.isEmpty(), qPrintable(QString("%1 '%2' has no name for a screen reader")
                                               .arg(widget->metaObject()->className(), widget->objectName())));
      reachable += widget->focusPolicy() & Qt::TabFocus ? 1 : 0;
    }
    QVERIFY(reachable > 15);
  }

  void unsavedResultsAreAskedFor() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(5);
    s.run();
    QVERIFY(!s.page->document()->unsaved());
    s.page->acceptSample();
    QVERIFY(s.page->document()->unsaved() && s.window.isWindowModified());
    bool asked = false;
    QTimer::singleShot(200, [&] {
      auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      asked = box != nullptr;
      if (box != nullptr) box->button(QMessageBox::Cancel)->click();
    });
    QVERIFY(!s.window.close());
    QVERIFY(asked && s.window.isVisible());
    s.act("undo")->trigger();
    QVERIFY(!s.page->document()->unsaved());
    s.act("redo")->trigger();
    QTemporaryDir folder;
    QSignalSpy saved(s.page->files(), &PhotoFiles::saved);
    s.page->saveTo(folder.filePath("a.tif"));
    QVERIFY(saved.wait(20000));
    QVERIFY(!s.page->document()->unsaved());
    QVERIFY(s.window.close());  // no question
  }

  void severalFilesAreAQueue() {
    Studio s;
    QTemporaryDir folder;
    QStringList files;
    for (int k = 0; k < 3; ++k) {
      files << folder.filePath(QString("%1.png").arg(k));
      test_photo(200 + 8 * k, 200).save(files.last());
    }
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.openAll(files);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size().width(), 200);
    QTest::mouseClick(s.find<QPushButton>("next_photo"), Qt::LeftButton);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size().width(), 208);
    QVERIFY(s.find<QPushButton>("next_photo")->isVisible());
    s.openImage(test_photo(240, 200));  // none of them
    QVERIFY(!s.find<QPushButton>("next_photo")->isVisible());
  }

  void photosAndSongsStandSideBySide() {
    SongStudio s(1);
    QTest::keyClick(&s.window, Qt::Key_1, Qt::ControlModifier);
    QVERIFY(s.window.photoPage()->canvas()->isVisible() && !s.page->isVisible());
    QVERIFY(s.window.findChild<QAction*>("brush")->isVisible());
    QTest::keyClick(&s.window, Qt::Key_2, Qt::ControlModifier);
    QVERIFY(s.page->isVisible() && !s.page->isEmpty());
  }
};

QTEST_MAIN(TestShell)
#include "tst_shell.moc"
