// `mgdm models ...`, and what commands share that take a published network's configuration.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

/// `file` (JSON, may be empty) with "key=value" on top; values are JSON where they can be read so, else texts. Throws
/// ModelError, SettingError.
nlohmann::json model_configuration(const std::filesystem::path& file, const std::vector<std::string>& set);

/// Adds list, show, published, import, remove, verify. `stoppable` is called by what can be stopped.
void add_models_command(CLI::App& app, std::function<int()>& action, const std::function<std::stop_token()>& stoppable);
