// Pictures of the studio's main states, for looking at and for README: the target `screenshots` writes them
// into build/PRESET/screenshots, at 1280x800 and in double resolution.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTest>
#include <iostream>
#include <nlohmann/json.hpp>

#include "ui/compare/compare_page.h"
#include "ui/compare/store_cells.h"
#include "ui/models/models_dialog.h"
#include "ui/photo/canvas.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/task_panel.h"
#include "ui/shell/main_window.h"
#include "ui/song/song_page.h"
#include "ui/widgets/look.h"

using namespace mgdm::ui;

namespace {

QString folder;

void shoot(MainWindow& window, const char* name) {
  QTest::qWait(300);
  window.grab().save(QString("%1/%2.png").arg(folder, name));
  std::cout << folder.toStdString() << '/' << name << ".png" << std::endl;
}

void finish(MainWindow& window) {
  while (window.photoPage()->runs()->busy()) QTest::qWait(50);
}

void songs(MainWindow& window) {
  window.showPage(window.songPage());
  shoot(window, "songs_empty");
  SongRuns* controller = window.songPage()->runs();
  QSignalSpy opened(controller, &SongRuns::opened), stretches(controller, &SongRuns::stretch),
      frames(controller, &SongRuns::iterate);
  window.open(QStringLiteral(MGDM_SOURCE_DIR "/resources/songs/sample.ogg"));
  if (opened.isEmpty()) opened.wait(30000);
  window.findChild<QPushButton*>("song_run")->click();
  while (stretches.isEmpty() && controller->busy()) QTest::qWait(50);
  frames.clear();
  while (frames.count() < 26 && controller->busy()) QTest::qWait(50);
  shoot(window, "song");
  window.findChild<QPushButton*>("song_stop")->click();
  while (controller->busy()) QTest::qWait(50);
  shoot(window, "song_stopped");
  window.open("/nonexistent/song.wav");
  shoot(window, "song_error");
}

void compare(MainWindow& window, QApplication& application) {
  ComparePage* page = window.comparePage();
  window.showPage(page);
  shoot(window, "compare_empty");
  page->openSpec(mgdm::parse_spec(
      nlohmann::json::parse(
          R"({"base": {"photo": "photos/sample.jpg", "square": 128, "task": "inpainting", "strokes": 0.25},
      "axes": [{"key": "sampler", "values": ["mgdm", "diffpir", "ddnm"]}, {"key": "steps", "values": "8..32*2"},
               {"key": "seed", "values": "1..2"}], "keep": {"iterates": 6}})"),
      MGDM_SOURCE_DIR "/resources"));
  const auto done = [&] {
    int cells = 0;
    for (int k = 0; k < page->cells()->count(); ++k)
      cells += page->cells()->cell(k).state == Cells::State::Done ? 1 : 0;
    return cells;
  };
  auto* run = window.findChild<QPushButton*>("compare_run");
  while (!run->isEnabled()) QTest::qWait(50);
  run->click();
  while (done() < 7 && page->runs()->busy()) QTest::qWait(50);
  shoot(window, "compare_running");
  while (page->runs()->busy()) QTest::qWait(50);
  shoot(window, "compare_grid");
  page->showView(ComparePage::Large);
  shoot(window, "compare_large");
  page->showView(ComparePage::Table);
  shoot(window, "compare_table");
  page->showView(ComparePage::Plot);
  shoot(window, "compare_plot");
  applyLook(application, Theme::Light);
  shoot(window, "compare_light_plot");
  page->showView(ComparePage::Grid);
  shoot(window, "compare_light_grid");
  applyLook(application, Theme::Dark);
}

void models(MainWindow& window) {
  ModelsDialog* dialog = window.models();
  dialog->show();
  const auto take = [&](const char* name) {
    QTest::qWait(200);
    dialog->grab().save(QString("%1/%2.png").arg(folder, name));
    std::cout << folder.toStdString() << '/' << name << ".png" << std::endl;
  };
  take("models");
  dialog->findChild<QTabWidget*>()->setCurrentIndex(1);
  take("models_published");
  // A file whose weights do not tell everything, and one that is no model: made here, small.
  QSignalSpy ended(dialog, &ModelsDialog::importEnded);
  QFile text(folder + "/notes.pt");
  if (text.open(QIODevice::WriteOnly)) text.write("no model");
  text.close();
  dialog->importFiles({text.fileName()});
  ended.wait(10000);
  take("models_error");
  dialog->close();
}

}  // namespace

/// The folder to write to, then "songs", "models" or "compare" for these alone.
int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setOrganizationName("mgdm-studio-screenshots");
  QApplication::setApplicationName("mgdm-studio");
  QStandardPaths::setTestModeEnabled(true);
  QSettings().clear();
  QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
  folder = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QStringLiteral(".");
  QDir().mkpath(folder);
  applyLook(application);
  MainWindow window;
  window.resize(1280, 800);
  window.show();
  const auto find = [&](auto* kind, const char* name) {
    return window.findChild<std::remove_pointer_t<decltype(kind)>*>(QString::fromLatin1(name));
  };
  const auto run = find((QPushButton*)nullptr, "run");
  if (argc > 2) {
    const QString which(argv[2]);
    if (which == "models") models(window);
    if (which == "songs") songs(window);
    if (which == "compare") compare(window, application);
    return 0;
  }
  shoot(window, "empty");
  models(window);
  QSignalSpy opened(window.photoPage()->runs(), &PhotoRuns::photoOpened);
  window.photoPage()->openSample();
  if (opened.isEmpty()) opened.wait(30000);
  shoot(window, "start");

  find((QComboBox*)nullptr, "preset")->setCurrentText("balanced");
  find((QSpinBox*)nullptr, "samples_count")->setValue(4);
  QSignalSpy frames(window.photoPage()->runs(), &PhotoRuns::iterate);
  run->click();
  while (frames.count() < 11 && window.photoPage()->runs()->busy()) QTest::qWait(50);
  shoot(window, "running");
  finish(window);
  shoot(window, "done");
  window.findChild<QAction*>("slider")->trigger();
  shoot(window, "before_and_after");
  window.findChild<QAction*>("side_by_side")->trigger();
  shoot(window, "side_by_side");
  window.findChild<QAction*>("side_by_side")->trigger();
  find((QListWidget*)nullptr, "samples")->setCurrentRow(5);
  shoot(window, "spread");
  find((QSlider*)nullptr, "iterates")->setValue(4);
  shoot(window, "scrubbing");
  find((QListWidget*)nullptr, "samples")->setCurrentRow(1);
  window.photoPage()->acceptSample();
  window.findChild<QTabWidget*>()->setCurrentIndex(1);
  shoot(window, "accepted_layer");
  window.findChild<QTabWidget*>()->setCurrentIndex(0);

  window.photoPage()->chooseWay(Way::Repair);
  shoot(window, "repair");
  window.photoPage()->chooseWay(Way::Try);
  auto* task = find((QComboBox*)nullptr, "task");
  task->setCurrentIndex(task->findData("sr4"));
  find((QSpinBox*)nullptr, "samples_count")->setValue(1);
  run->click();
  finish(window);
  shoot(window, "measured");
  window.findChild<QTabWidget*>()->setCurrentIndex(2);
  applyLook(application, Theme::Light);
  shoot(window, "light_history");
  window.findChild<QAction*>("undo")->trigger();  // nothing unsaved that would be asked for
  window.open("/nonexistent/photo.jpg");
  shoot(window, "error");
  songs(window);
  compare(window, application);
  return 0;
}
