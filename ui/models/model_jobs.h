// Imports and checks models in the background.
#pragma once
#include <QString>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ui/jobs/job_controller.h"

namespace mgdm {
struct ImportRequest;
}

namespace mgdm::ui {

/// `Ready`, or `Running` one job; its end is told by one of the signals.
class ModelJobs : public JobController {
  Q_OBJECT
 public:
  explicit ModelJobs(QObject* parent = nullptr);
  ~ModelJobs() override;
  /// A TorchScript module that is not trusted yet is asked about first.
  void import(const ImportRequest& request);
  /// Fetches a model of core/download/model_source.h over the network, and imports it. Its licence was accepted.
  void fetch(const std::string& name);
  /// Compares the file with the card's hash, and lets the network compute once.
  void verify(const std::string& name);

 Q_SIGNALS:
  void progress(double share);
  void doing(const QString& words);                           ///< of a fetch: how far, how fast
  void fetched(const QString& file, const QString& purpose);  ///< what is no model by itself, and what it is for
  void imported(const QString& name, const QString& label);
  void asksTrust();  ///< the file holds a program
  /// The weights do not tell `key`; `question` asks for it.
  void asks(const QString& key, const QString& question);
  void verified(const QString& name, const QString& wrong);  ///< empty: it is as its card says
};

}  // namespace mgdm::ui
