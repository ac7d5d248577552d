#include "ui/compare/axis_words.h"

#include <QCoreApplication>
#include <QHash>
#include <algorithm>

#include "core/compare/medium.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/samplers/description.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

std::optional<Setting> described_key(const std::string& medium, const std::string& task,
                                     const std::vector<std::string>& samplers, const std::string& key) {
  const auto in = [](const std::vector<Setting>& list, const std::string& name) -> std::optional<Setting> {
    const auto found = std::find_if(list.begin(), list.end(), [&](const Setting& s) { return s.name == name; });
    return found == list.end() ? std::nullopt : std::optional(*found);
  };
  try {
    if (const auto found = in(find_compared_medium(medium).settings, key)) return found;
    if (key.rfind("task.", 0) == 0) {
      Settings ignored = Settings::object();
      return in(find_task(task, ignored).settings, key.substr(5));
    }
    if (key.rfind("prior.", 0) == 0) return in(all_prior_settings(), key.substr(6));
    for (const std::string& name : samplers) {
      if (const auto found = in(find_sampler(name).settings, key)) return found;
    }
  } catch (const SettingError&) {  // still being typed
  }
  return std::nullopt;
}

QString axis_words(const std::string& medium, const std::string& task, const std::vector<std::string>& samplers,
                   const std::string& key) {
  const QHash<QString, QString> known{
      {QStringLiteral("sampler"), QCoreApplication::translate("AxisWords", "Sampler")},
      {QStringLiteral("preset"), QCoreApplication::translate("AxisWords", "Quality")},
      {QStringLiteral("prior"), QCoreApplication::translate("AxisWords", "Model")},
      {QStringLiteral("task"), QCoreApplication::translate("AxisWords", "Task")},
      {QStringLiteral("photo"), QCoreApplication::translate("AxisWords", "Photo")},
      {QStringLiteral("packed"), QCoreApplication::translate("AxisWords", "Photo")},
      {QStringLiteral("song"), QCoreApplication::translate("AxisWords", "Song")},
      {QStringLiteral("problem"), QCoreApplication::translate("AxisWords", "Problem")},
      {QStringLiteral("picture"), QCoreApplication::translate("AxisWords", "Picture")},
      {QStringLiteral("method"), QCoreApplication::translate("AxisWords", "Method")},
      {QStringLiteral("classical"), QCoreApplication::translate("AxisWords", "Method without a model")},
  };
  const QString name = text(key);
  if (known.contains(name)) return known.value(name);
  if (const auto setting = described_key(medium, task, samplers, key)) return spoken(setting->label);
  return name;
}

}  // namespace mgdm::ui
