// The studio's window: what to do on the left, the photo in the middle, the samples below.
#pragma once
#include <QMainWindow>
#include <memory>

#include "ui/run_controller.h"

class QAction;
class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QUndoStack;

namespace mgdm::ui {

class Canvas;
class SettingsForm;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  void open(const QString& path);
  /// Opens the shipped sample photo with a mask already painted.
  void openSample();
  RunController* controller() const { return controller_; }
  Canvas* canvas() const { return canvas_; }

 protected:
  void closeEvent(QCloseEvent* event) override;

 private:
  void buildToolBar();
  QWidget* buildPanel();
  void chooseTask();
  void choosePreset();
  void updateState();
  void startRun();
  void showFrame(const Frame& frame);
  void showOutcome(const RunOutcome& outcome);
  void showMessage(const QString& text);
  void chooseFile();
  void saveResult();
  void selectSample(int row);
  RunRequest request() const;

  QUndoStack* undo_;
  Canvas* canvas_;
  RunController* controller_;
  QComboBox *task_, *preset_;
  QCheckBox* observed_;
  QDoubleSpinBox* noise_;
  QSpinBox *samples_count_, *seed_;
  QLabel *task_help_, *message_, *status_, *inspector_, *zoom_;
  SettingsForm *task_form_, *sampler_form_;
  QPushButton *run_, *stop_, *discard_, *advanced_;
  QProgressBar* progress_;
  QListWidget* samples_;
  QAction *save_action_, *brush_action_, *eraser_action_, *clear_action_, *invert_action_;
  QSpinBox* brush_size_;
  RunOutcome outcome_;
  bool sample_mask_pending_ = false;
};

}  // namespace mgdm::ui
