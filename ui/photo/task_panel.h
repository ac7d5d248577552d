// The form on the left of the photo page: what to do, with what, how; it makes the request of a run.
#pragma once
#include <QHash>
#include <QIcon>
#include <QScrollArea>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core/types.hpp>
#include <optional>
#include <vector>

#include "ui/photo/run_outcome.h"

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;
class QTimer;
class QVBoxLayout;

namespace mgdm {
struct PriorTraits;
struct RunRequest;
struct Task;
}  // namespace mgdm

namespace mgdm::ui {

class Document;
class ModelChoice;
class SettingsForm;
struct OwnPreset;

/// The three ways in.
enum class Way { Fill, Repair, Try };

class TaskPanel : public QScrollArea {
  Q_OBJECT
 public:
  /// `run_buttons` stand below what is asked of everybody. The document gets the area that the form says.
  TaskPanel(Document* document, QWidget* run_buttons, QWidget* parent = nullptr);
  ~TaskPanel() override;

  RunRequest request() const;
  const Task& task() const;
  bool needsMask() const;
  int samples() const;
  bool stopsToChoose() const;  ///< a run of several samples waits at a third until some of them are chosen
  Way way() const;
  void chooseWay(Way way);
  /// False if no photo model has this name.
  bool useModel(const QString& name);
  /// The models there are now.
  void fillModels();
  void setEstimate(const Estimate& estimate);
  /// Faces of the open photo, in its pixels: where one is worked on, the model for portraits is proposed.
  void setFaces(std::vector<cv::Rect> faces);
  void setThumbnail(const QString& task, const QImage& image);
  void setRunning(bool running);
  void tellTime(double seconds);  ///< what a run would take; 0: not known
  /// The settings as they are, under a name of the person's own; a file of one, given by others.
  void keepAs(const QString& name);
  void importPreset(const QString& file);
  void exportPreset(const QString& file);
  void choosePresetFile();  ///< and exports to it

  /// All that the form says, and back. Throws SettingError, json exceptions where it is not of this version.
  nlohmann::json session() const;
  void restoreModel(const nlohmann::json& session);  ///< before the area: it has a say in it
  void restore(const nlohmann::json& session);
  // task_keys.cpp
  /// The same as keys of a compared cell (core/compare/spec.h), but for its input.
  nlohmann::json keys() const;
  /// The session of a cell's keys, complete, whatever its input. Throws Error and json exceptions where this program or
  /// this form does not know something of it.
  nlohmann::json sessionOf(const nlohmann::json& keys) const;
  void take(const nlohmann::json& session);  ///< of `sessionOf`: a person has chosen it

 Q_SIGNALS:
  void taskChosen();
  void edited();  ///< something of `session` changed
  void wantsModels();
  void wantsPart();  ///< only a part of the photo is to be worked on
  void failed(const QString& words);
  /// The settings could not be written as a preset; they are still those of the form.
  void presetNotWritten(const QString& why);

 private:
  void buildTask(QVBoxLayout* column);
  void buildNoise(QFormLayout* form);
  void buildRun();
  void buildAdvanced(QVBoxLayout* column);
  void buildPresetMenu(QVBoxLayout* column);
  void connectAll();
  void chooseTask();
  void fillTasks(Way way);
  void chooseNoise();
  void showNoise();
  void chooseSampler();
  void offerSamplers();  ///< those that can do the task; the others say why not
  void fillPresets(const QString& wanted);
  void choosePreset();
  bool isLargeRepair() const;
  bool canBeFaster() const;
  void beFaster();
  void suitSize();
  void halve();
  void chooseModel();
  bool worksOnFace() const;
  void suitModel();
  void useEstimate();
  void fillDetail(int64_t native);
  PriorTraits modelTraits() const;
  std::string preset() const;           ///< empty: none that is shipped
  nlohmann::json presetValues() const;  ///< of the chosen preset, suited to the task

  Document* document_;
  QButtonGroup* ways_;
  QComboBox *task_, *preset_, *detail_, *sampler_, *noise_law_;
  ModelChoice* model_;
  QDoubleSpinBox *noise_, *outliers_;
  QFormLayout *form_, *fine_form_;
  QPushButton *more_, *presets_;
  QCheckBox* choose_;
  QSpinBox *samples_count_, *seed_;
  QLabel *task_label_, *task_help_, *estimate_label_, *time_, *sampler_help_, *portrait_;
  SettingsForm *task_form_, *prior_form_, *sampler_form_;
  std::unique_ptr<nlohmann::json> preset_values_;  ///< that the form was filled with last
  std::unique_ptr<nlohmann::json> preset_form_;    ///< and what it said then
  std::vector<OwnPreset> own_presets_;
  std::optional<Estimate> estimate_;
  bool chosen_ = false;  ///< the person has chosen sampler or quality
  bool suited_ = false;  ///< they were chosen for a large photo
  std::vector<cv::Rect> faces_;
  QTimer* painting_;           ///< since the mask changed last
  bool for_portrait_ = false;  ///< the model was chosen for a face
  bool model_chosen_ = false;  ///< the person has chosen the model, for this photo or another than the first
  bool suiting_ = false;
  QHash<QString, QIcon> thumbnails_;
};

}  // namespace mgdm::ui
