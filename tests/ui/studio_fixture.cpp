#include "tests/ui/studio_fixture.h"

#include <ATen/ATen.h>

#include <QAction>
#include <QCheckBox>
#include <QContextMenuEvent>
#include <QDir>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QSettings>
#include <QStandardPaths>
#include <QToolButton>

#include "core/media/sound_file.h"
#include "core/networks/denoising_unet.h"
#include "core/priors/band_prior.h"
#include "core/priors/photo_prior.h"
#include "ui/widgets/look.h"

namespace mgdm::ui::fixture {

void prepare() {
  QCoreApplication::setOrganizationName("mgdm-studio-test");
  QStandardPaths::setTestModeEnabled(true);
  QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();  // of earlier tests
  QSettings().clear();
  applyLook(*qApp);
}

std::shared_ptr<const Prior> tiny_prior(const std::string& name) {
  DenoisingUnetOptions o;
  o.channels = {16, 32};
  o.blocks = {1, 1};
  o.embedding = 32;
  at::manual_seed(1);
  return std::make_shared<const Prior>(make_photo_prior(std::make_shared<DenoisingUnet>(o), name, at::kCPU, "float32"));
}

std::shared_ptr<const Prior> full_size_prior() {
  at::manual_seed(1);
  return std::make_shared<const Prior>(
      make_photo_prior(std::make_shared<DenoisingUnet>(DenoisingUnetOptions{}), "photo", at::kCPU, "auto"));
}

QImage test_photo(int width, int height) {
  QImage image(width, height, QImage::Format_RGB888);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.setPixel(x, y, qRgb(x * 255 / width, y * 255 / height, 128));
  }
  return image;
}

NextQuestion::NextQuestion(const char* button) {
  const QString name = QString::fromLatin1(button);
  setInterval(10);
  callOnTimeout([this, name] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (box == nullptr) return;
    asked_ = true;
    words_ = box->text();
    stop();
    if (auto* chosen = box->findChild<QAbstractButton*>(name)) chosen->click();
  });
  start();
}

QString chooseFromMenu(const QStringList& path, const std::function<void()>& open) {
  QString said = QStringLiteral("no menu came");
  QStringList left = path;
  int tries = 100;  // a menu below another takes its time
  QTimer timer;
  timer.setInterval(20);
  timer.callOnTimeout([&] {
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    if (menu == nullptr) return;
    for (QAction* action : menu->actions()) {
      if (left.isEmpty() || (action->text() != left.first() && action->objectName() != left.first())) continue;
      if (!action->isEnabled()) {
        said = action->toolTip();
        break;
      }
      left.removeFirst();
      if (left.isEmpty()) said.clear();
      QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
      if (left.isEmpty()) timer.stop();
      return;
    }
    if (said == QStringLiteral("no menu came") && --tries > 0) return;
    timer.stop();
    if (left.size() == path.size() && said == QStringLiteral("no menu came")) said = "no entry " + path.first();
    while (QWidget* popup = QApplication::activePopupWidget()) popup->close();
  });
  timer.start();
  open();
  return said;
}

void askForMenu(QWidget* widget, const QPoint& at) {
  QTest::mousePress(widget, Qt::RightButton, {}, at);
  QContextMenuEvent event(QContextMenuEvent::Mouse, at, widget->mapToGlobal(at));
  QApplication::sendEvent(widget, &event);
  QTest::mouseRelease(widget, Qt::RightButton, {}, at);
}

Studio::Studio() {
  page->runs()->setPrior(tiny_prior());
  window.resize(1280, 800);  // whatever the screen
  window.show();
  openImage(test_photo());
}

namespace {

// Until a photo is opened or refused.
void opens(const PhotoRuns* runs, const std::function<void()>& open) {
  const QSignalSpy opened(runs, &PhotoRuns::photoOpened), refused(runs, &PhotoRuns::failed);
  open();
  static_cast<void>(QTest::qWaitFor([&] { return !opened.isEmpty() || !refused.isEmpty(); }, 60000));
}

}  // namespace

void Studio::openImage(const QImage& image) {
  PhotoRuns* runs = window.photoPage()->runs();
  opens(runs, [&] { runs->openImage(image); });
}

void Studio::openFile(const QString& file) {
  opens(page->runs(), [&] { window.open(file); });
}

bool Studio::beInARun(int steps) {
  paint();
  settings(steps);
  QSignalSpy frames(page->runs(), &PhotoRuns::iterate);
  QTest::mouseClick(find<QPushButton>("run"), Qt::LeftButton);
  return frames.wait(60000);
}

QAction* Studio::act(const char* name) { return window.findChild<QAction*>(QString::fromLatin1(name)); }

void Studio::drag(const QPointF& from, const QPointF& to, Qt::KeyboardModifiers modifiers) {  // photo pixels
  Canvas* canvas = window.photoPage()->canvas();
  const QPoint a = canvas->toWidget(from).toPoint(), b = canvas->toWidget(to).toPoint();
  QTest::mousePress(canvas, Qt::LeftButton, modifiers, a);
  QTest::mouseMove(canvas, (a + b) / 2);
  QTest::mouseMove(canvas, b);
  QTest::mouseRelease(canvas, Qt::LeftButton, modifiers, b);
}

int Studio::painted(int x, int y) { return qGray(page->document()->mask().pixel(x, y)); }

RunOutcome Studio::run() {
  QSignalSpy finished(window.photoPage()->runs(), &PhotoRuns::finished);
  QTest::mouseClick(find<QPushButton>("run"), Qt::LeftButton);
  if (!finished.wait(120000)) return {};
  return finished[0][0].value<RunOutcome>();
}

void Studio::settings(int steps) {
  find<QSpinBox>("steps")->setValue(steps);
  find<QSpinBox>("denoising_steps")->setValue(2);
}

std::shared_ptr<const BandPrior> tiny_band() {
  DenoisingUnetOptions o;
  o.image_channels = 4;
  o.channels = {16, 32};
  o.blocks = {1, 1};
  o.embedding = 32;
  at::manual_seed(1);
  return std::make_shared<const BandPrior>(make_band_prior(std::make_shared<DenoisingUnet>(o), MdctOptions{},
                                                           {"bass", "drums", "guitar", "piano"}, 0.1, "band", at::kCPU,
                                                           "float32"));
}

SongStudio::SongStudio(double seconds) {
  page->runs()->setBand(tiny_band());
  page->runs()->setFolder(folder.filePath("tracks"));
  window.resize(1280, 800);
  window.show();
  const auto length = static_cast<int64_t>(seconds * 44100);
  const at::Tensor t = at::arange(length, at::kDouble);
  write_sound(folder.filePath("song.wav").toStdString(),
              {at::stack({(t * 0.02).sin() * 0.4, (t * 0.05).sin() * 0.3}).to(at::kFloat), 44100});
  open("song.wav");
}

bool SongStudio::open(const char* name) {
  QSignalSpy opened(page->runs(), &SongRuns::opened), failed(page->runs(), &SongRuns::failed);
  window.open(folder.filePath(name));
  while (opened.isEmpty() && failed.isEmpty()) QTest::qWait(10);
  return !opened.isEmpty();
}

bool SongStudio::run() {
  QSignalSpy finished(page->runs(), &SongRuns::finished), failed(page->runs(), &SongRuns::failed);
  QTest::mouseClick(find<QPushButton>("song_run"), Qt::LeftButton);
  while (finished.isEmpty() && failed.isEmpty()) QTest::qWait(10);
  return !finished.isEmpty();
}

QToolButton* SongStudio::button(const QString& kind, const QString& track) {
  for (auto* b : page->findChildren<QToolButton*>("lane")) {
    if (b->property("track").toString() == track && b->text() == kind) return b;
  }
  return nullptr;
}

SoundExport exportOf(const SongPage* page, const QString& path, const char* ending, const QString& without) {
  ExportDialog dialog(page->exportSource(), without.isEmpty() ? ExportDialog::Stems : ExportDialog::Without, without);
  auto* format = dialog.findChild<QComboBox*>("export_format");
  format->setCurrentIndex(format->findData(QString::fromLatin1(ending)));
  dialog.findChild<QLineEdit*>("export_folder")->setText(QFileInfo(path).path());
  dialog.findChild<QLineEdit*>("export_name")->setText(QFileInfo(path).fileName());
  dialog.findChild<QCheckBox*>("export_replace")->setChecked(true);
  return dialog.wish();
}

}  // namespace mgdm::ui::fixture
