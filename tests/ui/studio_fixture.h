// A studio for tests: a window with a photo or a song open, and tiny networks with random weights in place of the
// shipped ones.
#pragma once
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <functional>
#include <memory>
#include <string>

#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/task_panel.h"
#include "ui/shell/main_window.h"
#include "ui/song/lanes.h"
#include "ui/song/song_page.h"

class QToolButton;

namespace mgdm {
struct BandPrior;
struct Prior;
}  // namespace mgdm

namespace mgdm::ui::fixture {

/// Settings and files of this test program alone, and nothing of an earlier run of it.
void prepare();

std::shared_ptr<const Prior> tiny_prior(const std::string& name = "photo");
/// The shipped network's shape with random weights: the load of a real run.
std::shared_ptr<const Prior> full_size_prior();
QImage test_photo(int width = 320, int height = 256);

/// Answers the question that comes next with the button of that object name.
class NextQuestion : public QTimer {
 public:
  explicit NextQuestion(const char* button);
  bool asked() const { return asked_; }
  QString words() const { return words_; }

 private:
  bool asked_ = false;
  QString words_;
};

/// Opens a menu by `open`, which waits for it, and clicks the entry of that text or object name, in menus below it,
/// too. What is said of an entry that is greyed, which is left; empty: it was clicked.
QString chooseFromMenu(const QStringList& path, const std::function<void()>& open);
/// A click with the right button, as a context menu is asked for.
void askForMenu(QWidget* widget, const QPoint& at);

/// A window with a photo open and a tiny prior in place of the shipped one.
struct Studio {
  MainWindow window;
  PhotoPage* page = window.photoPage();
  Studio();
  void openImage(const QImage& image);
  void openFile(const QString& file);
  /// In a run of many steps, once its first iterate is seen.
  bool beInARun(int steps = 1000);
  QAction* act(const char* name);
  void drag(const QPointF& from, const QPointF& to, Qt::KeyboardModifiers modifiers = {});  // photo pixels
  int painted(int x, int y);
  RunOutcome run();
  template <typename T>
  T* find(const char* name) {
    return window.findChild<T*>(QString::fromLatin1(name));
  }
  void paint() { drag(QPointF(100, 100), QPointF(160, 130)); }
  void settings(int steps);
  bool ready() { return page->runs()->state() == PhotoRuns::State::Ready; }
};

/// A small network with random weights in place of the shipped one.
std::shared_ptr<const BandPrior> tiny_band();

/// A window with a song of three seconds open.
struct SongStudio {
  QTemporaryDir folder;
  MainWindow window;
  SongPage* page = window.songPage();
  explicit SongStudio(double seconds = 3);
  bool open(const char* name);
  template <typename T>
  T* find(const char* name) {
    return window.findChild<T*>(QString::fromLatin1(name));
  }
  bool run();
  Lane* lane(int k) { return page->findChildren<Lane*>().at(k); }
  QToolButton* button(const QString& kind, const QString& track);
};
/// What the dialog for exporting gives for all stems, or one file without `without`, written to `path` (the stems'
/// folder, or the file without its ending).
SoundExport exportOf(const SongPage* page, const QString& path, const char* ending, const QString& without = {});

}  // namespace mgdm::ui::fixture
