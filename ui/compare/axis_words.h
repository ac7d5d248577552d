// Names of axes as people read them.
#pragma once
#include <QString>
#include <optional>
#include <string>
#include <vector>

#include "core/settings/settings.h"

namespace mgdm::ui {

/// What a key of a comparison is described by: a number or name of the medium, "task.NAME" of the task, a setting of
/// one of the samplers; nullopt: it is none of these.
std::optional<Setting> described_key(const std::string& medium, const std::string& task,
                                     const std::vector<std::string>& samplers, const std::string& key);
/// "sampler" -> "Method"; what is described by its label; else as it is.
QString axis_words(const std::string& medium, const std::string& task, const std::vector<std::string>& samplers,
                   const std::string& key);

}  // namespace mgdm::ui
