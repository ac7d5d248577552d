// The page for photos: what to do on the left, the photo in the middle with its iterates and samples below, watching,
// layers and history on the right.
#pragma once
#include <QTimer>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "ui/page.h"
#include "ui/photo/canvas.h"
#include "ui/photo/run_outcome.h"
#include "ui/widgets/action_list.h"

class QLabel;
class QProgressBar;
class QSpinBox;
class QUndoStack;

namespace mgdm::ui {

class Canvas;
class Document;
class History;
struct HistoryEntry;
struct ReadPhoto;
class Inspector;
class LayersPanel;
class MessageBar;
class ObjectSelection;
class PhotoBatch;
class PhotoFiles;
class PhotoRuns;
class PhotoSession;
class ResultComparison;
class RunButtons;
class SampleStrip;
class Saver;
class SessionFolder;
class TaskPanel;
class Timeline;
enum class Way;

class PhotoPage : public Page {
  Q_OBJECT
 public:
  /// `sample`: the shipped photo; may be empty.
  PhotoPage(const QString& sample, std::shared_ptr<const SessionFolder> folder, QWidget* parent = nullptr);
  ~PhotoPage() override;  ///< waits for what is still being written

  QString name() const override { return QStringLiteral("photos"); }
  QString title() const override;
  const QList<QAction*>& pageActions() const override { return actions_.all(); }
  QList<QAction*> menuActions() const override;
  QString toolBarTitle() const override;
  void fillToolBar(QToolBar* bar) override;
  QWidget* statusWidget() override;
  QString fileFilter() const override;
  bool canOpen(const QString& path) const override;
  void open(const QString& path) override;
  bool mayLeave() override;
  void leave() override;
  void modelsChanged() override;
  bool useModel(const QString& name) override;
  bool useSettings(const QString& medium, const nlohmann::json& keys) override;
  void enter() override;
  void showNotice(const QString& words) override;
  QWidget* home() override;
  SidePanels* sides() override { return sides_; }

  /// Opens the shipped sample photo with a mask already painted.
  void openSample();
  /// Reopens photo, mask, area and settings as they were when the program ended, however it ended. False
  /// if there is nothing to reopen.
  bool restoreSession();
  void chooseWay(Way way);
  /// Goes through photos with the task as it is set, into a folder that is asked for.
  void chooseBatch(const QStringList& files);
  void startBatch(const QStringList& photos, const QString& folder);
  void copy();  ///< the photo with its results, to the clipboard
  /// Writes the photo with the shown result put in. The format is the extension's.
  void saveTo(const QString& file);
  /// Puts the selected sample into the photo, as one undo step.
  void acceptSample();
  /// Goes on with the run that was on when the program was killed, if there was one.
  void resumeInterrupted();

  const PhotoBatch* batch() const { return batch_; }
  PhotoRuns* runs() const { return runs_; }
  Document* document() const { return document_; }
  Canvas* canvas() const { return canvas_; }
  History* history() const { return history_; }
  PhotoFiles* files() const { return files_; }
  Saver* saver() const { return saver_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* buildMiddle();
  QWidget* buildEmpty();
  QWidget* buildRight();
  void buildFileActions();
  void buildMaskActions();
  void buildViewActions();
  void buildRunActions();
  double mask_step() const;  ///< photo pixels by which the mask grows at once
  void connectDocument();
  void connectRuns();
  void connectPanels();
  void connectFiles();
  // What is asked before something is lost: photo_leaving.cpp.
  void photoRead(const ReadPhoto& read);
  bool mayEndRun(const QString& question, const QString& close_words, const std::function<void()>& then);
  void afterRun();
  void connectBatch();
  void runInBatch();
  void offerBatchFolder(const QString& why);
  void photoOpened();
  void paintSampleMask();
  void sayOfFile(const QString& name);  ///< what a person should know of the photo that was opened
  void describePhoto();
  void updateState();
  void updateActions(bool running);
  void startRun();
  void startFresh();
  void watchRun();
  void branchHere();
  // What of a run is chosen: photo_choosing.cpp.
  void connectChoosing();
  void goOnWith(const std::set<int>& samples);
  void addComparison(QToolBar* bar);
  void addFrame(const Frame& frame);
  void showFrame(const Frame& frame, int index);
  void showOutcome(const RunOutcome& outcome);
  void runDiscarded();
  // To the page for comparing and back: photo_compare.cpp.
  void compareSettings();
  std::optional<nlohmann::json> comparedArea();
  bool takeSettings(const nlohmann::json& keys);
  void takeCell();
  // Finished runs that are shown again: photo_history.cpp.
  void showHistory(int row);
  void showEntry(const HistoryEntry& entry, const RunOutcome& outcome, const std::vector<Frame>& iterates);
  void restoreRun(const RunOutcome& outcome);
  void entryRemoved(const QString& title);
  void putShownIn();  ///< unless it is in already
  void showMessage(const QString& words);
  QImage areaThumbnail(const cv::Rect& area) const;
  QString nameOf(const RunOutcome& outcome) const;  ///< of what was run
  QString timeLeft(const Frame& frame);
  QString form() const;  ///< all that is set for a run, as JSON

  QString sample_;
  std::shared_ptr<const SessionFolder> folder_;  ///< until all of it is written
  QUndoStack* undo_;
  Saver* saver_;
  Document* document_;
  Canvas* canvas_;
  ObjectSelection* selection_;
  PhotoRuns* runs_;
  History* history_;
  PhotoFiles* files_;
  PhotoBatch* batch_;
  QImage batch_mask_;
  RunButtons* buttons_;
  TaskPanel* panel_;
  SidePanels* sides_;
  QWidget* empty_;  ///< in the photo's place, where there is none
  PhotoSession* session_;
  MessageBar* message_;
  QProgressBar* progress_;
  Timeline* timeline_;
  SampleStrip* strip_;
  Inspector* inspector_;
  LayersPanel* layers_;
  ResultComparison* comparison_;
  QLabel* zoom_;
  QSpinBox *brush_size_, *hardness_;
  ActionList actions_{this};

  int interval_ = 1;                                   ///< every so many iterates one is shown
  std::vector<AreaImage> finished_parts_;              ///< of the run that is on
  QTimer expect_;                                      ///< what a run would take is asked when edits have come to rest
  WorkingArea run_area_;                               ///< of the run that is shown
  QImage run_input_;                                   ///< what is seen there
  QString run_form_;                                   ///< what the form said when it was asked for
  QString entry_;                                      ///< of the history, that is shown
  QString wanted_entry_;                               ///< to be shown once its photo is open
  std::shared_ptr<const nlohmann::json> wanted_keys_;  ///< of a compared cell, to be used once its photo is open
  bool file_replaced_ = false;                         ///< the photo's file was written since it was opened
  std::function<void()> after_run_;
  struct Pace {
    double share = 0, seconds = 0;
  };
  std::optional<Pace> pace_;    ///< where this part of the run began
  bool iterate_shown_ = false;  ///< of a finished run, instead of the selected sample
  bool accepted_ = false, sample_mask_pending_ = false, mask_changed_in_run_ = false;
};

}  // namespace mgdm::ui
