#include "ui/photo/pace.h"

#include <QCoreApplication>
#include <QSettings>
#include <algorithm>
#include <cmath>

namespace mgdm::ui {

namespace {

QString factor_key(const QString& model, const QString& sampler) {
  return QStringLiteral("times/%1/%2").arg(model, sampler);
}

QString latest_key(const QString& model, const QString& task) {
  return QStringLiteral("times/%1/of_%2").arg(model, task);
}

}  // namespace

void KnownTimes::learn(const QString& model, const QString& sampler, const QString& task, double foreseen,
                       double took) {
  constexpr double kShortest = 0.5;  // seconds; of shorter runs other things are most of the time
  QSettings settings;
  if (took > 0) settings.setValue(latest_key(model, task), took);
  if (foreseen > 0 && took > kShortest)
    settings.setValue(factor_key(model, sampler), std::clamp(took / foreseen, 0.02, 50.0));
}

double KnownTimes::corrected(const QString& model, const QString& sampler, double foreseen) {
  return foreseen * QSettings().value(factor_key(model, sampler), 1.0).toDouble();
}

std::optional<double> KnownTimes::latest(const QString& model, const QString& task) {
  const QVariant known = QSettings().value(latest_key(model, task));
  return known.isValid() ? std::optional(known.toDouble()) : std::nullopt;
}

QString aboutTime(double seconds) {
  if (seconds < 10) return QCoreApplication::translate("Pace", "%1 s").arg(std::max(1.0, std::round(seconds)));
  if (seconds < 90) return QCoreApplication::translate("Pace", "%1 s").arg(5 * std::round(seconds / 5));
  if (seconds < 5400) return QCoreApplication::translate("Pace", "%1 min").arg(std::round(seconds / 60));
  return QCoreApplication::translate("Pace", "%1 h").arg(seconds / 3600, 0, 'f', 1);
}

}  // namespace mgdm::ui
