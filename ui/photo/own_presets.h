// A person's own presets: a sampler's settings under a name, kept in a folder, one file each, which can be given to
// others.
#pragma once
#include <QString>
#include <optional>
#include <string>
#include <vector>

#include "core/settings/settings.h"

namespace mgdm::ui {

struct OwnPreset {
  QString name;
  std::string sampler;
  Settings settings;  ///< complete
};

/// Those that are kept, by name; files that are none are left out.
std::vector<OwnPreset> ownPresets();
/// Takes the place of one of the same name. What went wrong, as a sentence; empty: nothing.
QString keepPreset(const OwnPreset& preset);
void forgetPreset(const QString& name);

/// To and from a file of a person's choice: {"preset": name, "sampler": name, "settings": {...}}.
QString writePreset(const QString& file, const OwnPreset& preset);
/// `problem` is one sentence that names the file, where nothing is returned.
std::optional<OwnPreset> readPreset(const QString& file, QString& problem);

}  // namespace mgdm::ui
