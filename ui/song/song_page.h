// The page for songs: what to do on the left; the song and its stems as lanes, with play, mute and solo, on the right.
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "ui/page.h"
#include "ui/song/export_dialog.h"
#include "ui/song/song_runs.h"
#include "ui/widgets/action_list.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTimer;
class QVBoxLayout;

namespace mgdm {
class Player;
}

namespace mgdm::ui {

struct SongBefore;
class MessageBar;
class Overview;
class PractiseBar;
class RunButtons;
class Saver;
class SessionFolder;
class SongHistory;
class SongPanel;
class SongScrubber;
class StemRows;
class TimeAxis;
class TransportBar;

class SongPage : public Page {
  Q_OBJECT
 public:
  /// `sample`: the shipped song, offered while none is open; may be empty.
  SongPage(const QString& sample, std::shared_ptr<const SessionFolder> folder, QWidget* parent = nullptr);
  ~SongPage() override;

  QString name() const override { return QStringLiteral("songs"); }
  QString title() const override;
  const QList<QAction*>& pageActions() const override { return actions_.all(); }
  QString toolBarTitle() const override;
  void fillToolBar(QToolBar* bar) override;
  QString fileFilter() const override;
  bool canOpen(const QString& path) const override;
  void open(const QString& path) override;
  bool mayLeave() override;
  void leave() override;
  void modelsChanged() override;
  bool useModel(const QString& name) override;
  bool useSettings(const QString& medium, const nlohmann::json& keys) override;
  QList<QAction*> menuActions() const override { return {actions_["song_compare"]}; }
  void enter() override;
  SidePanels* sides() override { return sides_; }
  void showNotice(const QString& words) override;

  /// Asks what is to be written, and where to.
  void chooseExport(ExportDialog::What what, const QString& stem = {});
  void exportTo(const SoundExport& wish);
  /// What the dialog is asked with.
  ExportSource exportSource() const;
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
  QWidget* buildView();
  QWidget* buildScrubber();  ///< song_scrubbing.cpp
  void beginScrubbing();
  QWidget* buildProgress();
  void buildPractising(QVBoxLayout* column);  ///< song_practising.cpp
  void openSong(const QString& path);
  void cancelOpening();
  void connectAll();
  void connectRuns();
  void songOpened(const OpenedSong& song);
  void showSong(const OpenedSong& song);
  void songRead();
  void closeSong();
  // A song of which not all is read: song_opening.cpp.
  void songBegun(const OpenedSong& song);
  void songGrown(const SongStretch& more);
  void songComplete(const OpenedSong& song);
  void goBack();
  void setStems(const SongTracks& stems);
  void loadPlayer(const SongTracks& stems, int64_t position);
  void playTracks(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int64_t position);
  void updateGains();
  void start();
  void showFrame(const SongFrame& frame);
  void showOutcome(const SongOutcome& outcome);
  void updateState();
  void showMessage(const QString& words);
  // To the page for comparing and back: song_compare.cpp.
  void compareSettings();
  bool takeSettings(const nlohmann::json& keys);
  void takeCell();
  // What is kept of the page, and what is asked before something is lost: song_keeping.cpp.
  bool mayEndRun(const QString& question, const std::function<void()>& then);
  void afterRun();
  void remember();
  nlohmann::json session() const;
  void saveSession();
  void readSession();
  void applySession();
  void listKept();
  void stemsReopened(const KeptStems& stems);
  void deleteKept(const std::vector<KeptStems>& stems);
  void showStems(const KeptStems& stems);  ///< of any song
  void showOtherRun();                     ///< the stems that were seen before these
  void nowShown(const QString& folder);
  void goOn(const KeptStems& stems);
  QString settingsFile(const QString& song) const;
  QWidget* buildHistory();

  SongRuns* runs_;
  std::unique_ptr<Player> player_;
  TimeAxis* axis_;
  ActionList actions_{this};
  OpenedSong song_;
  std::unique_ptr<SongBefore> before_;  ///< what is shown again where opening is cancelled; nullptr: nothing is read
  std::vector<std::shared_ptr<const PcmFile>> tracks_;  ///< the song, then its stems
  std::vector<std::shared_ptr<const PcmFile>> played_;  ///< what the player has: these, or an iterate
  bool has_result_ = false;
  int64_t finished_begin_ = 0, finished_end_ = 0;  ///< frames of the stems that are shown
  std::shared_ptr<const SessionFolder> folder_;
  Saver* saver_;
  QTimer* timer_;
  std::unique_ptr<nlohmann::json> session_;         ///< of the open song, newer than what is saved
  QString wanted_stems_;                            ///< folder of stems that wait for their song
  std::unique_ptr<nlohmann::json> tracks_session_;  ///< mute, solo and loudness that wait for their stems
  std::unique_ptr<nlohmann::json> wanted_keys_;     ///< of a compared cell, to be used once its song is open
  bool session_read_ = false, applying_ = false;
  SoundExport exported_;  ///< asked for last
  QString stems_;         ///< the folder of the stems that are shown; empty: they are kept nowhere
  QString stems_before_;  ///< of those that were shown before them
  std::function<void()> after_run_;

  RunButtons* buttons_;
  SongPanel* panel_;
  SidePanels* sides_;
  QStackedWidget* stack_;
  MessageBar* message_;
  QLabel* forming_;
  SongHistory *history_, *start_history_;  ///< beside the lanes, and where no song is open
  QWidget* start_songs_;
  StemRows* rows_;
  QProgressBar* progress_;
  QPushButton* cancel_;
  QWidget* progress_row_;
  TransportBar* transport_;
  Overview* overview_;
  SongScrubber* scrubber_;
  PractiseBar* practise_;
};

}  // namespace mgdm::ui
