// The page for songs: what to do on the left; the song and its stems as lanes, with play, mute and solo, on the right.
#pragma once
#include <memory>
#include <vector>

#include "ui/page.h"
#include "ui/song/song_runs.h"
#include "ui/widgets/action_list.h"

class QLabel;
class QProgressBar;
class QStackedWidget;

namespace mgdm {
class Player;
}

namespace mgdm::ui {

class MessageBar;
class RunButtons;
class SongPanel;
class StemRows;
class TimeAxis;
class TransportBar;

class SongPage : public Page {
  Q_OBJECT
 public:
  /// `sample`: the shipped song, offered while none is open; may be empty.
  explicit SongPage(const QString& sample, QWidget* parent = nullptr);
  ~SongPage() override;

  QString name() const override { return QStringLiteral("songs"); }
  QString title() const override;
  const QList<QAction*>& pageActions() const override { return actions_.all(); }
  QString toolBarTitle() const override;
  void fillToolBar(QToolBar* bar) override;
  QString fileFilter() const override;
  bool canOpen(const QString& path) const override;
  void open(const QString& path) override;
  void leave() override;
  void modelsChanged() override;
  bool useModel(const QString& name) override;
  void enter() override;
  SidePanels* sides() override { return sides_; }
  void showNotice(const QString& words) override;

  void exportTo(const QString& folder, const QString& suffix);
  bool isEmpty() const { return tracks_.empty(); }

  SongRuns* runs() const { return runs_; }
  Player* player() const { return player_.get(); }
  TimeAxis* axis() const { return axis_; }

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void buildActions();
  QWidget* buildEmpty(const QString& sample);
  QWidget* buildLanes();
  void connectAll();
  void connectRuns();
  void songOpened(const OpenedSong& song);
  void setStems(const SongTracks& stems);
  void loadPlayer(const SongTracks& stems, int64_t position);
  void updateGains();
  void start();
  void showFrame(const SongFrame& frame);
  void showOutcome(const SongOutcome& outcome);
  void updateState();
  void showMessage(const QString& words);
  void chooseExport();

  SongRuns* runs_;
  std::unique_ptr<Player> player_;
  TimeAxis* axis_;
  ActionList actions_{this};
  OpenedSong song_;
  std::vector<std::shared_ptr<const PcmFile>> tracks_;  ///< what the player has: the song, then the stems
  bool has_result_ = false;

  RunButtons* buttons_;
  SongPanel* panel_;
  SidePanels* sides_;
  QStackedWidget* stack_;
  MessageBar* message_;
  QLabel* forming_;
  StemRows* rows_;
  QProgressBar* progress_;
  TransportBar* transport_;
};

}  // namespace mgdm::ui
