// The studio's window: what to do on the left, the photo in the middle with its iterates and samples
// below, watching and history on the right.
#pragma once
#include <QHash>
#include <QMainWindow>
#include <memory>
#include <set>

#include "core/priors/catalogue.h"
#include "ui/canvas.h"
#include "ui/icons.h"
#include "ui/run_controller.h"

class QAction;
class QButtonGroup;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QListWidget;
class QMenu;
class QProgressBar;
class QPushButton;
class QSlider;
class QSpinBox;
class QTimer;
class QStackedWidget;
class QToolBar;
class QUndoStack;

namespace mgdm {
struct Task;
}

namespace mgdm::ui {

class History;
class Inspector;
class ModelsDialog;
class SettingsForm;
class SongPage;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  /// The three ways in.
  enum class Way { Fill, Repair, Try };

  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  /// A photo or a song, by its name's extension.
  void open(const QString& path);
  /// Between the photo and the song.
  void showSongs(bool songs);
  /// Several files wait in a queue; the first is opened.
  void openAll(const QStringList& paths);
  /// Opens the shipped sample photo with a mask already painted.
  void openSample();
  /// Reopens photo, mask, area and settings as they were when the program ended, however it ended. False
  /// if there is nothing to reopen.
  bool restoreSession();

  void chooseWay(Way way);
  /// Writes the photo with the shown result put in. The format is the extension's.
  void saveTo(const QString& file);
  /// The run file of the shown result: `mgdm restore --replay` does exactly that again.
  void exportRunTo(const QString& file);
  /// A mask from a picture: from its transparency where that varies, else its brightness; stretched to the
  /// photo if need be. And the mask as an 8-bit PNG.
  void importMaskFrom(const QString& file);
  void exportMaskTo(const QString& file);
  /// Puts the selected sample into the photo, as one undo step.
  void acceptSample();
  /// The window of the models, made when it is first asked for.
  ModelsDialog* models();
  /// The model that photos are restored with, by its name; unknown names are ignored.
  void useModel(const QString& name);
  /// Goes on with the run that was on when the program was killed, if there was one.
  void resumeInterrupted();

  RunController* controller() const { return controller_; }
  Document* document() const { return document_; }
  Canvas* canvas() const { return canvas_; }
  History* history() const { return history_; }
  SongPage* songPage() const { return songs_; }

 Q_SIGNALS:
  void saved(const QString& file);

 protected:
  void closeEvent(QCloseEvent* event) override;

 private:
  enum class View { Denoised, Noisy, Residual };
  QAction* action(const char* name, const QString& words, const QKeySequence& keys, std::function<void()> slot);
  void buildActions();
  void buildToolBar();
  QWidget* buildLeft();
  QWidget* buildMiddle();
  QWidget* buildRight();
  bool mayLeavePhoto();  ///< asks if there are unsaved results
  void photoOpened();
  void describePhoto();
  void chooseTask();
  void chooseNoise();
  void chooseSampler();
  void offerSamplers();  ///< those that can do the task; the others say why not
  void choosePreset();
  Settings presetValues() const;  ///< of the chosen preset, suited to the task
  void useEstimate();
  void updateState();
  void startRun();
  void startFresh();
  void watchRun();
  void addFrame(const Frame& frame);
  void showFrame(int index);
  void setView(View view);
  void showOutcome(const RunOutcome& outcome);
  void showSelected();
  void fillStrip();
  void showMessage(const QString& words);
  void showNotice(const QString& words, const QString& offer = {});  ///< `offer`: to be clicked, to resume
  void chooseFile();
  void chooseSaveFile();
  void branchHere();
  QImage areaThumbnail() const;
  QWidget* buildLayers();
  void fillLayers();
  void saveLayers();
  void restoreLayers();
  void fillHistory();
  void openHistory(int row);
  void fillRecent(QMenu* menu);
  void showQueue();
  void saveSession();
  void setDetail(int network);
  void fillModels();
  void chooseModel();
  void fillDetail(int64_t native);
  PriorTraits modelTraits() const;
  RunRequest request() const;
  const Task& task() const;
  int selectedSample() const;  ///< index into the samples, samples.size() = mean, -1 = something else

  void fillMenu(QMenu* menu);

  QUndoStack* undo_;
  Document* document_;
  Canvas* canvas_;
  RunController* controller_;
  History* history_;
  QList<QAction*> actions_;
  QButtonGroup* ways_;
  QComboBox *model_, *task_, *preset_, *detail_, *sampler_, *noise_law_;
  QDoubleSpinBox *noise_, *outliers_;
  QFormLayout* form_;
  QSpinBox *samples_count_, *seed_, *brush_size_, *hardness_, *preview_;
  QLabel *task_help_, *message_, *status_, *zoom_, *estimate_label_, *sampler_help_, *timeline_label_, *queue_label_;
  SettingsForm *task_form_, *sampler_form_;
  QPushButton *run_, *stop_, *discard_, *advanced_, *accept_, *favourite_, *difference_;
  QButtonGroup* views_;
  QProgressBar* progress_;
  QSlider* timeline_;
  QPushButton* branch_;
  QWidget *timeline_row_, *strip_row_, *queue_row_;
  QListWidget *samples_, *history_list_, *layers_list_;
  QSlider* layer_opacity_;
  QLabel* layer_hint_;
  QPushButton *layer_up_, *layer_down_, *layer_remove_;
  Layers written_layers_, layers_in_file_;  ///< kept in the session's folder; already in the photo's own file
  Inspector* inspector_;
  QTimer* session_timer_;
  QStackedWidget* pages_;
  SongPage* songs_;
  ModelsDialog* models_ = nullptr;
  std::vector<PriorCard> model_cards_;  ///< those in `model_`, in its order
  QToolBar *photo_bar_, *song_bar_;

  std::vector<Frame> frames_;
  qint64 frame_bytes_ = 0;
  bool following_ = true;
  View view_ = View::Denoised;
  WorkingArea run_area_;
  QImage run_input_;
  RunOutcome outcome_;
  bool accepted_ = false;
  Settings preset_values_;  ///< that the form was filled with last
  std::set<int> favourites_;
  Estimate estimate_;
  bool estimate_known_ = false, sample_mask_pending_ = false, mask_changed_in_run_ = false, restoring_ = false;
  QByteArray pending_session_;
  QHash<QString, QImage> thumbnails_;
  QStringList queue_;
  int queue_at_ = 0;
};

}  // namespace mgdm::ui
