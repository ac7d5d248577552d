#include "app/command_line/documents.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/command_line/command.h"
#include "core/compare/figures.h"
#include "core/files/atomic_file.h"
#include "core/metrics/error_maps.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/priors/family.h"
#include "core/priors/known_models.h"
#include "core/samplers/description.h"

#ifdef MGDM_STUDIO
#include "core/download/model_source.h"
#endif

namespace mgdm::app {

namespace {

using nlohmann::json;

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::vector<const CLI::App*> subcommands(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App*) { return true; });
}

// The subcommands, each followed by its own.
std::vector<const CLI::App*> all_commands(const CLI::App& program) {
  std::vector<const CLI::App*> all;
  for (const auto* command : subcommands(program)) {
    all.push_back(command);
    for (const auto* sub : subcommands(*command)) all.push_back(sub);
  }
  return all;
}

// "models import"
std::string full_name(const CLI::App& program, const CLI::App& command) {
  const auto* parent = command.get_parent();
  return (parent == &program ? "" : parent->get_name() + " ") + command.get_name();
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const auto* command : commands) names.push_back(command->get_name());
  return names;
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option*) { return true; });
}

std::vector<std::string> dashed_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> options_text(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : options_of(command)) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const auto& task : tasks()) names.push_back(task.name);
  return names;
}

std::vector<std::string> sampler_names() {
  std::vector<std::string> names;
  for (const auto& sampler : samplers()) names.push_back(sampler.name);
  return names;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& sampler : samplers()) {
    for (const auto& [name, values] : sampler.presets) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

// The values an option may have: those of its check ("TEXT:{a,b}"), or those of the registry that it names.
std::vector<std::string> values_of(const CLI::Option& option) {
  for (const auto& name : option.get_lnames()) {
    if (name == "task" || name == "tasks") return task_names();
    if (name == "sampler") return sampler_names();
    if (name == "preset") return preset_names();
  }
  const std::string type = option.get_type_name();
  const auto open = type.find('{'), close = type.rfind('}');
  std::vector<std::string> values;
  if (open == std::string::npos || close == std::string::npos) return values;
  std::istringstream in(type.substr(open + 1, close - open - 1));
  for (std::string value; std::getline(in, value, ',');) values.push_back(value);
  return values;
}

// ---- the man page ----

std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\\\";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_start = c == '\n';
  }
  return out;
}

void man_entry(std::ostream& out, const std::string& head, const std::string& text) {
  out << ".TP\n.B " << roff(head) << "\n" << roff(text) << "\n";
}

void man_settings(std::ostream& out, const std::vector<Setting>& settings, const std::string& prefix) {
  for (const auto& s : settings) man_entry(out, prefix + s.name, s.help + " Default " + describe_range(s) + ".");
}

std::string option_head(const CLI::Option& option) {
  if (option.get_positional() && dashed_names(option).empty()) return option.get_name(true);
  const bool takes_value = option.get_items_expected_max() > 0;
  return joined(dashed_names(option), ", ") + (takes_value ? " VALUE" : "");
}

std::string option_text(const CLI::Option& option) {
  std::string text = option.get_description();
  const auto values = values_of(option);
  if (!values.empty() && values.size() < 8) text += " (" + joined(values, ", ") + ")";
  if (!option.get_default_str().empty()) text += "; default " + option.get_default_str();
  return text;
}

// ---- the README's lists ----

std::string cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
  return text;
}

std::string tasks_table() {
  std::ostringstream out;
  out << "| task | | default noise | settings |\n|---|---|---|---|\n";
  for (const auto& task : tasks()) {
    std::vector<std::string> settings;
    for (const auto& s : task.settings) settings.push_back("`" + s.name + "`");
    out << "| `" << task.name << "` | " << cell(task.help) << " | " << task.noise << " | " << joined(settings, ", ")
        << " |\n";
  }
  return out.str();
}

std::string samplers_table() {
  std::ostringstream out;
  out << "| sampler | from | presets | laws of noise |\n|---|---|---|---|\n";
  for (const auto& sampler : samplers()) {
    std::vector<std::string> presets, laws;
    for (const auto& [name, values] : sampler.presets) presets.push_back("`" + name + "`");
    for (const auto law : sampler.laws) laws.push_back(noise_law_names()[static_cast<size_t>(law)]);
    out << "| `" << sampler.name << "` | " << cell(sampler.paper) << " | " << joined(presets, ", ") << " | "
        << joined(laws, ", ") << " |\n";
  }
  return out.str();
}

std::string settings_tables() {
  std::ostringstream out;
  const auto table = [&](const std::string& owner, const std::vector<Setting>& settings) {
    for (const auto& s : settings) {
      out << "| " << owner << " | `" << s.name << "` | " << cell(s.help) << " | " << cell(describe_range(s)) << " |\n";
    }
  };
  out << "| of | setting | what it is | default and range |\n|---|---|---|---|\n";
  for (const auto& sampler : samplers()) table(sampler.name, sampler.settings);
  for (const auto& task : tasks()) table("task " + task.name, task.settings);
  return out.str();
}

// Which sampler can do which task: tasks that no sampler tells apart share a line.
std::string matrix() {
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;  // what each sampler says -> tasks
  for (const auto& task : tasks()) {
    const auto degradation = example_operator(task);
    std::string row;
    for (const auto& sampler : samplers()) {
      const PriorTraits prior{.latent = sampler.space == PriorSpace::Latent};  // one that it is for
      row += why_not(sampler, *degradation, NoiseLaw::Gaussian, prior).empty() ? "| yes " : "| – ";
    }
    auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.first == row; });
    if (found == rows.end()) found = rows.insert(rows.end(), {row, {}});
    found->second.push_back("`" + task.name + "`");
  }
  std::ostringstream out;
  out << "| task";
  for (const auto& sampler : samplers()) out << " | " << sampler.name;
  out << " |\n|---";
  for (size_t i = 0; i < samplers().size(); ++i) out << "|---";
  out << "|\n";
  for (const auto& [row, names] : rows) out << "| " << joined(names, ", ") << " " << row << "|\n";
  return out.str();
}

std::string list_named(const std::string& name) {
  if (name == "tasks") return tasks_table();
  if (name == "samplers") return samplers_table();
  if (name == "settings") return settings_tables();
  if (name == "matrix") return matrix();
  throw SettingError("describe: a list named '" + name + "' is unknown; known are tasks, samplers, settings, matrix");
}

json described_settings(const std::vector<Setting>& settings) {
  json list = json::array();
  for (const auto& s : settings) {
    json one = {{"name", s.name}, {"label", s.label}, {"help", s.help}, {"default", s.fallback}};
    if (s.minimum < s.maximum) one["range"] = {s.minimum, s.maximum};
    if (!s.choices.empty()) one["choices"] = s.choices;
    list.push_back(one);
  }
  return list;
}

void collect_texts(std::vector<std::string>& texts, const std::vector<Setting>& settings) {
  for (const auto& s : settings) {
    texts.push_back(s.label);
    texts.push_back(s.help);
    texts.insert(texts.end(), s.choices.begin(), s.choices.end());
  }
}

std::string unescaped_xml(std::string text) {
  const std::pair<const char*, const char*> entities[] = {
      {"&quot;", "\""}, {"&apos;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
  for (const auto& [entity, plain] : entities) {
    const std::string from = entity;
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) text.replace(at, from.size(), plain);
  }
  return text;
}

}  // namespace

void list_settings(std::ostream& out, const std::vector<Setting>& settings, const std::string& indent,
                   const std::string& prefix) {
  for (const auto& s : settings) {
    out << indent << std::left << std::setw(20) << prefix + s.name << s.help << " Default " << describe_range(s)
        << ".\n";
  }
}

std::string tasks_and_samplers() {
  std::ostringstream out;
  out << "Tasks (--task; their settings with --set task.NAME=VALUE):\n";
  for (const auto& task : tasks()) {
    out << "  " << std::left << std::setw(20) << task.name << task.help << " Noise " << task.noise << ".\n";
    list_settings(out, task.settings, "      ", "task.");
  }
  out << "\nModels of words (Stable Diffusion); settings also with --set prior.NAME=VALUE:\n";
  list_settings(out, all_prior_settings(), "  ", "prior.");
  for (const auto& sampler : samplers()) {
    out << "\nSampler " << sampler.name << " (" << sampler.paper << "); presets:";
    for (const auto& [name, values] : sampler.presets) out << ' ' << name;
    out << "; settings with --set NAME=VALUE:\n";
    list_settings(out, sampler.settings, "  ", "");
  }
  out << "\nRules over the outer step i of n are JSON lists, the first that holds wins:\n"
         "  --set 'gradient_steps=[{\"last\":30,\"value\":20},{\"value\":5}]'   (also \"first\", \"every\")\n"
         "\nExit codes: 0 done, 2 wrong usage, 3 an input cannot be read, 4 a model cannot be read or does not\n"
         "fit, 5 a value is not a number, 130 interrupted.\n";
  return out.str();
}

json described(const CLI::App& program) {
  json all = {{"tasks", json::array()}, {"samplers", json::array()}, {"commands", json::array()}};
  for (const auto& task : tasks()) {
    all["tasks"].push_back({{"name", task.name},
                            {"label", task.label},
                            {"help", task.help},
                            {"noise", task.noise},
                            {"settings", described_settings(task.settings)}});
  }
  for (const auto& sampler : samplers()) {
    json presets = json::object();
    for (const auto& [name, values] : sampler.presets) presets[name] = values;
    all["samplers"].push_back({{"name", sampler.name},
                               {"label", sampler.label},
                               {"help", sampler.help},
                               {"paper", sampler.paper},
                               {"presets", presets},
                               {"settings", described_settings(sampler.settings)}});
  }
  for (const auto* command : all_commands(program)) {
    json options = json::array();
    for (const auto* option : options_of(*command)) {
      options.push_back(
          {{"name", option->get_name(true)}, {"help", option->get_description()}, {"values", values_of(*option)}});
    }
    all["commands"].push_back(
        {{"name", full_name(program, *command)}, {"help", command->get_description()}, {"options", options}});
  }
  return all;
}

std::string bash_completion(const CLI::App& program) {
  std::ostringstream out;
  out << "# bash completion for mgdm, made by mgdm describe --completion\n"
         "_mgdm() {\n"
         "  local cur prev words cword options=\"--help\" words_of=\n"
         "  _init_completion || return\n"
         "  case ${words[1]} in\n";
  std::map<std::string, std::string> places;  // values -> "restore --task | degrade --task"
  std::ostringstream positionals;
  for (const auto* command : subcommands(program)) {
    std::vector<std::string> options = options_text(*command);
    for (const auto* sub : subcommands(*command)) {
      for (const auto& name : options_text(*sub)) {
        if (std::find(options.begin(), options.end(), name) == options.end()) options.push_back(name);
      }
    }
    out << "    " << command->get_name() << ") options=\"" << joined(options) << "\" ;;\n";
    const auto subs = names_of(subcommands(*command));
    if (!subs.empty())
      positionals << "    " << command->get_name() << ") [ \"$cword\" -eq 2 ] && words_of=\"" << joined(subs)
                  << "\" ;;\n";
    for (const auto* option : options_of(*command)) {
      const auto values = values_of(*option);
      if (values.empty()) continue;
      if (dashed_names(*option).empty())
        positionals << "    " << command->get_name() << ") [ \"$cword\" -eq 2 ] && words_of=\"" << joined(values)
                    << "\" ;;\n";
      else
        for (const auto& name : dashed_names(*option)) {
          std::string& place = places[joined(values)];
          place += (place.empty() ? "'" : " | '") + command->get_name() + " " + name + "'";
        }
    }
  }
  out << "  esac\n  case \"${words[1]} $prev\" in\n";
  for (const auto& [values, place] : places) out << "    " << place << ") words_of=\"" << values << "\" ;;\n";
  out << "  esac\n  case $prev in\n";
  out << "    --prior | show | verify | remove) words_of=$(mgdm models 2>/dev/null | cut -d' ' -f1) ;;\n"
         "    --network) words_of=\"all $(mgdm models published 2>/dev/null | grep -o '^[a-z][^ ]*')\" ;;\n"
      << positionals.str()
      << "  esac\n"
         "  if [ \"$cword\" -eq 1 ]; then\n"
         "    words_of=\""
      << joined(names_of(subcommands(program)))
      << " --help --version\"\n"
         "  elif [[ -z $words_of && $cur == -* ]]; then\n"
         "    words_of=$options\n"
         "  fi\n"
         "  if [ -n \"$words_of\" ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words_of\" -- \"$cur\")\n"
         "  else\n"
         "    _filedir\n"
         "  fi\n"
         "} && complete -F _mgdm mgdm\n";
  return out.str();
}

std::string man_page(const CLI::App& program) {
  std::ostringstream out;
  out << ".\\\" made by mgdm describe --man\n"
         ".TH MGDM 1 \"\" \"MGDM Studio " MGDM_VERSION
         "\" \"User Commands\"\n"
         ".SH NAME\nmgdm \\- restore photos and separate songs by diffusion posterior sampling\n"
         ".SH SYNOPSIS\n";
  for (const auto* command : all_commands(program)) {
    out << ".B mgdm " << roff(full_name(program, *command)) << "\n";
    for (const auto* option : options_of(*command)) {
      if (option->get_positional() && dashed_names(*option).empty())
        out << ".I " << roff(option->get_name(true)) << "\n";
    }
    out << "[options]\n.br\n";
  }
  out << ".SH DESCRIPTION\n"
         "Samples the posterior of a photo given a damaged observation of it, or of the stems of a song given their\n"
         "mix, with a diffusion model as prior and the method MGDM. The prior is one of the shipped models or a\n"
         "published checkpoint that\n.B mgdm models import\nhas taken in.\n"
         ".SH COMMANDS\n";
  for (const auto* command : all_commands(program)) {
    out << ".SS mgdm " << roff(full_name(program, *command)) << "\n" << roff(command->get_description()) << ".\n";
    for (const auto* option : options_of(*command)) man_entry(out, option_head(*option), option_text(*option));
  }
  out << ".SH TASKS\nTheir settings are given with \\-\\-set task.NAME=VALUE.\n";
  for (const auto& task : tasks()) {
    man_entry(out, task.name, task.help);
    if (task.settings.empty()) continue;
    out << ".RS\n";
    man_settings(out, task.settings, "task.");
    out << ".RE\n";
  }
  out << ".SH MODELS OF WORDS\nTheir settings are given with \\-\\-set prior.NAME=VALUE.\n";
  man_settings(out, all_prior_settings(), "prior.");
  out << ".SH SAMPLERS\nTheir settings are given with \\-\\-set NAME=VALUE. A value over the outer step i of n is a "
         "JSON\n"
         "list of rules, the first that holds wins: [{\"last\":30,\"value\":20},{\"value\":5}] (also \"first\", "
         "\"every\").\n";
  for (const auto& sampler : samplers()) {
    man_entry(out, sampler.name, sampler.help + " " + sampler.paper + ".");
    out << ".RS\n";
    man_settings(out, sampler.settings, "");
    out << ".RE\n";
  }
  out << ".SH EXIT STATUS\n0 done, 2 wrong usage, 3 an input cannot be read, 4 a model cannot be read or does not "
         "fit,\n"
         "5 a value is not a number, 130 interrupted (what there was is kept).\n"
         ".SH FILES\n.TP\n.I ~/.local/share/mgdm\\-studio/models\n"
         "models of one's own, each a card (.json) beside its weights\n"
         ".SH SEE ALSO\n.BR mgdm\\-studio (1),\n.BR mgdm\\-train (1)\n";
  return out.str();
}

std::string with_lists(const std::string& text) {
  const std::string begin = "<!-- mgdm describe: ", close = " -->\n", end = "<!-- end -->";
  std::string result;
  size_t done = 0;
  for (size_t at = 0; (at = text.find(begin, done)) != std::string::npos;) {
    const size_t named = at + begin.size(), opened = text.find(close, named);
    if (opened == std::string::npos) throw SettingError("describe: a list's first line does not end");
    const std::string name = text.substr(named, opened - named);
    const size_t ended = text.find(end, opened);
    if (ended == std::string::npos) throw SettingError("describe: the list '" + name + "' does not end");
    result += text.substr(done, opened + close.size() - done) + list_named(name);
    done = ended;
  }
  return result + text.substr(done);
}

std::vector<std::string> untranslated(const std::filesystem::path& translations) {
  const std::string file = unescaped_xml(read_file_bytes(translations));
  std::vector<std::string> texts, missing;
  for (const auto& task : tasks()) {
    texts.push_back(task.label);
    texts.push_back(task.help);
    collect_texts(texts, task.settings);
  }
  for (const auto& sampler : samplers()) {
    texts.push_back(sampler.help);
    collect_texts(texts, sampler.settings);
  }
  collect_texts(texts, all_prior_settings());
  for (const auto& family : prior_families()) texts.push_back(family->about().uses);
  for (const auto& known : known_models()) texts.push_back(known.label);
  for (const auto& card : list_priors()) {
    if (!family_of(card).about().own) continue;
    texts.push_back(card.label);
    texts.push_back(card.description);
  }
#ifdef MGDM_STUDIO
  for (const auto& source : model_sources()) {
    for (const auto& said : {source.label, source.publisher, source.license, source.by_hand, source.part_of})
      texts.push_back(said);
  }
#endif
  for (const auto& figure : known_figures()) texts.push_back(figure.label);
  for (const auto& map : error_maps()) {
    texts.push_back(map.label);
    texts.push_back(map.unit);
  }
  for (const auto& text : texts) {
    if (text.empty()) continue;
    const bool there = file.find("<source>" + text + "</source>") != std::string::npos;
    if (!there && std::find(missing.begin(), missing.end(), text) == missing.end()) missing.push_back(text);
  }
  return missing;
}

}  // namespace mgdm::app
