// The page for songs: what to do on the left; the song and its stems as lanes, with play, mute and solo, on the right.
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

#include "core/media/player.h"
#include "ui/lanes.h"
#include "ui/song_controller.h"

class QAction;
class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QSlider;
class QSpinBox;
class QStackedWidget;
class QTimer;
class QToolButton;
class QVBoxLayout;

namespace mgdm::ui {

/// Whether a file's name is that of a sound file.
bool isSong(const QString& path);
/// For file dialogs: "*.wav *.flac ...".
QString songPatterns();

class SongPage : public QWidget {
  Q_OBJECT
 public:
  /// `sample`: the shipped song, offered while none is open; may be empty.
  explicit SongPage(const QString& sample, QWidget* parent = nullptr);
  ~SongPage() override;

  void open(const QString& path);
  void exportTo(const QString& folder, const QString& suffix);
  bool isEmpty() const { return tracks_.empty(); }
  /// The models of music there are now.
  void fillModels();
  /// False if no model of music has this name.
  bool useModel(const QString& name);

  SongController* controller() const { return controller_; }
  Player* player() const { return player_.get(); }
  TimeAxis* axis() const { return axis_; }
  const QList<QAction*>& pageActions() const { return actions_; }

 Q_SIGNALS:
  void filesDropped(const QStringList& paths);
  void status(const QString& words);
  void opened(const QString& path);
  void wantsToOpen();

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  /// A lane with its buttons. The first is the song itself.
  struct Row {
    QString name;  ///< of the track; empty for the song
    QWidget* widget = nullptr;
    Lane* lane = nullptr;
    QToolButton *mute = nullptr, *solo = nullptr;
    QSlider* gain = nullptr;
  };
  QAction* action(const char* name, const QString& words, const QKeySequence& keys, std::function<void()> slot);
  QWidget* buildLeft();
  QWidget* buildRight();
  QWidget* buildTransport();
  Row makeRow(const QString& name, const QColor& colour);
  void makeRows(const QStringList& names);
  void describe();
  void start();
  void updateState();
  void updateGains();
  void updateTransport();
  void showMessage(const QString& words, bool note = false);
  void loadPlayer(int64_t position);
  void chooseExport();
  QColor colourOf(const QString& name) const;

  SongController* controller_;
  std::unique_ptr<Player> player_;
  TimeAxis* axis_;
  QList<QAction*> actions_;
  OpenedSong song_;
  SongTracks stems_;
  std::vector<std::shared_ptr<const PcmFile>> tracks_;  ///< what the player has: the song, then the stems
  std::vector<Row> rows_;
  bool has_result_ = false;
  double scale_ = 1;  ///< sample value that fills half a lane

  QStackedWidget* stack_;
  QVBoxLayout* lanes_;
  QLabel *message_, *file_, *help_, *time_, *device_problem_, *forming_;
  QComboBox *model_, *what_, *part_, *preset_, *device_, *format_;
  QDoubleSpinBox* level_;
  QFormLayout* form_;
  QSpinBox *samples_, *seed_;
  QCheckBox* keep_;
  QPushButton *run_, *stop_, *discard_, *export_, *original_;
  QToolButton *play_, *loop_;
  QProgressBar* progress_;
  QTimer* clock_;
};

}  // namespace mgdm::ui
