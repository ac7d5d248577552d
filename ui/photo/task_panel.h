// The form on the left of the photo page: what to do, with what, how; it makes the request of a run.
#pragma once
#include <QHash>
#include <QIcon>
#include <QScrollArea>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "ui/photo/run_outcome.h"

class QButtonGroup;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QSpinBox;
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
  Way way() const;
  void chooseWay(Way way);
  /// False if no photo model has this name.
  bool useModel(const QString& name);
  /// The models there are now.
  void fillModels();
  void setEstimate(const Estimate& estimate);
  void setThumbnail(const QString& task, const QImage& image);
  void setRunning(bool running);

  /// All that the form says, and back. Throws SettingError, json exceptions where it is not of this version.
  nlohmann::json session() const;
  void restoreModel(const nlohmann::json& session);  ///< before the area: it has a say in it
  void restore(const nlohmann::json& session);

 Q_SIGNALS:
  void taskChosen();
  void edited();  ///< something of `session` changed
  void wantsModels();

 private:
  void buildTask(QVBoxLayout* column);
  void buildNoise(QFormLayout* form);
  void buildRun(QFormLayout* form);
  void buildAdvanced(QVBoxLayout* column);
  void connectAll();
  void chooseTask();
  void chooseNoise();
  void chooseSampler();
  void offerSamplers();  ///< those that can do the task; the others say why not
  void choosePreset();
  void chooseModel();
  void useEstimate();
  void setDetail(int network);
  void fillDetail(int64_t native);
  PriorTraits modelTraits() const;
  nlohmann::json presetValues() const;  ///< of the chosen preset, suited to the task

  Document* document_;
  QButtonGroup* ways_;
  QComboBox *task_, *preset_, *detail_, *sampler_, *noise_law_;
  ModelChoice* model_;
  QDoubleSpinBox *noise_, *outliers_;
  QFormLayout* form_;
  QSpinBox *samples_count_, *seed_;
  QLabel *task_help_, *estimate_label_, *sampler_help_;
  SettingsForm *task_form_, *sampler_form_;
  std::unique_ptr<nlohmann::json> preset_values_;  ///< that the form was filled with last
  std::unique_ptr<nlohmann::json> preset_form_;    ///< and what it said then
  std::optional<Estimate> estimate_;
  QHash<QString, QIcon> thumbnails_;
};

}  // namespace mgdm::ui
