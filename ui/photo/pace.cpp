#include "ui/photo/pace.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QSettings>
#include <algorithm>
#include <cmath>

#include "core/media/working_area.h"
#include "core/runs/run_request.h"
#include "ui/jobs/processor_threads.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

/// A number, or the last of the rules that stand for one.
double number_in(const Settings& settings, const char* name, double otherwise) {
  if (!settings.is_object() || !settings.contains(name)) return otherwise;
  const auto& value = settings.at(name);
  if (value.is_number()) return value.get<double>();
  if (value.is_array() && !value.empty() && value.back().is_object()) return value.back().value("value", otherwise);
  return otherwise;
}

/// What a run costs beside what its kind of settings costs: steps, samples, pixels.
double size_of(const RunRequest& request, const WorkingArea& area) {
  const double pixels = static_cast<double>(area.width) * area.height / 65536.0;
  return std::max(1.0, number_in(request.sampler_settings, "steps", 1)) * static_cast<double>(request.samples) *
         std::max(0.01, pixels);
}

/// Network passes in a step, roughly: one for each point of the denoising grid, three for each gradient step.
double passes(const Settings& settings) {
  return std::max(1.0, number_in(settings, "gibbs", 1)) *
         (std::max(1.0, number_in(settings, "denoising_steps", 1)) + 3 * number_in(settings, "gradient_steps", 0));
}

QString pace_of(const RunRequest& request) {
  return QStringLiteral("pace/%1/%2").arg(text(request.prior), text(request.sampler));
}

/// Of all settings but the number of steps.
QString exact_pace_of(const RunRequest& request) {
  Settings settings = request.sampler_settings;
  if (settings.is_object()) settings.erase("steps");
  const QByteArray all = QByteArray::fromStdString(settings.dump() + request.task);
  return pace_of(request) + '_' +
         QString::fromLatin1(QCryptographicHash::hash(all, QCryptographicHash::Md5).toHex().left(12));
}

}  // namespace

double expectedSeconds(const RunRequest& request, const WorkingArea& area) {
  const QSettings settings;
  const double size = size_of(request, area);
  const double exact = settings.value(exact_pace_of(request)).toDouble();
  if (exact > 0) return exact * size;
  const double alike = settings.value(pace_of(request)).toDouble();
  if (alike > 0) return alike * size * passes(request.sampler_settings);
  constexpr double kSecondsAPass = 0.25;  // of 256 x 256 pixels by the model "photo", on two cores
  return kSecondsAPass * 2 / std::min(16, runThreads()) * size * passes(request.sampler_settings);
}

void notePace(const QString& record, const WorkingArea& area) {
  const auto json = nlohmann::json::parse(record.toStdString(), nullptr, false);
  try {
    const RunRequest request = json.at("request").get<RunRequest>();
    if (json.value("stopped", false) || !request.branch.is_null()) return;
    const double pace = json.at("seconds").get<double>() / size_of(request, area);
    QSettings settings;
    settings.setValue(exact_pace_of(request), pace);
    settings.setValue(pace_of(request), pace / std::max(1.0, passes(request.sampler_settings)));
  } catch (const std::exception&) {
    // Of another version: nothing is learnt from it.
  }
}

QString aboutTime(double seconds) {
  if (seconds < 10) return QCoreApplication::translate("Pace", "%1 s").arg(std::max(1.0, std::round(seconds)));
  if (seconds < 90) return QCoreApplication::translate("Pace", "%1 s").arg(5 * std::round(seconds / 5));
  if (seconds < 5400) return QCoreApplication::translate("Pace", "%1 min").arg(std::round(seconds / 60));
  return QCoreApplication::translate("Pace", "%1 h").arg(seconds / 3600, 0, 'f', 1);
}

}  // namespace mgdm::ui
