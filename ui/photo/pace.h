// How long runs take, and durations as people say them.
#pragma once
#include <QString>
#include <optional>

namespace mgdm::ui {

/// "40 s", "3 min": as exact as a guess can be.
QString aboutTime(double seconds);

/// What runs took on this machine, kept with the program's settings. GUI thread.
///
/// A forecast counts evaluations of the network (core/runs/run_cost.h); what else a run does, a latent model's decoder
/// above all, is learned from the runs: the forecast of the same model and sampler is corrected by what the latest
/// took.
class KnownTimes {
 public:
  /// Of a finished run: what was foreseen for it, uncorrected (0: nothing), and what it took.
  static void learn(const QString& model, const QString& sampler, const QString& task, double foreseen, double took);
  static double corrected(const QString& model, const QString& sampler, double foreseen);
  /// Of the latest run of that model for that task, whatever its photo and settings were.
  static std::optional<double> latest(const QString& model, const QString& task);
};

}  // namespace mgdm::ui
