#include "app/models_command.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>

#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/settings/settings.h"
#ifdef MGDM_STUDIO
#include "core/priors/model_import.h"
#endif

using nlohmann::json;

json model_configuration(const std::filesystem::path& file, const std::vector<std::string>& set) {
  json config = json::object();
  if (!file.empty()) {
    if (!std::ifstream(file)) throw mgdm::ModelError(file.string() + ": cannot be opened");
    config = mgdm::read_json(file);
    if (!config.is_object()) throw mgdm::ModelError(file.string() + ": is no JSON object");
  }
  for (const auto& text : set) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw mgdm::SettingError("--set " + text + ": expected key=value");
    const std::string words = text.substr(equals + 1);
    const json value = mgdm::parse_json(words);
    config[text.substr(0, equals)] = value.is_discarded() ? json(words) : value;
  }
  return config;
}

namespace {

struct Options {
  std::string name;
  std::filesystem::path config;
  std::vector<std::string> set;
  bool print_json = false, quiet = false;
#ifdef MGDM_STUDIO
  mgdm::ImportRequest request;
#endif
};

std::string medium_words(const mgdm::PriorCard& card) {
  if (card.family == "first_stage") return "autoencoder";
  try {
    return mgdm::medium_of(card) == mgdm::Medium::Music ? "music" : card.family == "ldm" ? "photos (latent)" : "photos";
  } catch (const mgdm::ModelError&) {
    return "unknown";
  }
}

int list(const Options& o) {
  std::vector<std::string> problems;
  const auto cards = mgdm::list_priors(&problems);
  if (o.print_json) {
    json all = json::array();
    for (const auto& card : cards) all.push_back(card.all);
    std::cout << mgdm::json_text(all, 2) << '\n';
  } else {
    size_t width = 16;
    for (const auto& card : cards) width = std::max(width, card.name.size());
    for (const auto& card : cards) {
      std::cout << std::left << std::setw(static_cast<int>(width) + 2) << card.name << std::setw(17)
                << medium_words(card) << card.label << "  (" << card.license << ")\n";
    }
    if (cards.empty()) std::cout << "no model is installed\n";
  }
  for (const auto& problem : problems) std::cerr << "mgdm: " << problem << '\n';
  return 0;
}

int show(const Options& o) {
  const mgdm::PriorCard card = mgdm::find_prior(o.name);
  std::cout << mgdm::json_text(card.all, 2) << '\n';
#ifdef MGDM_STUDIO
  if (!o.print_json) std::cerr << mgdm::uses_of(card) << '\n';
#endif
  return 0;
}

int published(const Options& o) {
  json all = json::array();
  for (const auto& m : mgdm::known_models()) {
    all.push_back({{"name", m.name},
                   {"label", m.label},
                   {"file", m.file},
                   {"source", m.source},
                   {"license", m.license},
                   {"gigabytes", m.gigabytes},
                   {"parameters", m.parameters}});
    if (!o.print_json) {
      std::cout << std::left << std::setw(20) << m.name << m.label << "\n                    " << m.file << ", "
                << m.gigabytes << " GB, " << m.source << "  (" << m.license << ")\n";
    }
  }
  if (o.print_json) std::cout << mgdm::json_text(all, 2) << '\n';
  return 0;
}

#ifdef MGDM_STUDIO

/// A line that is drawn over itself on a terminal, nothing in a pipe.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() {
    if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  }
  void operator()(double share, const std::string& what) {
    if (!shown_) return;
    drawn_ = true;
    std::cerr << '\r' << what << ' ' << static_cast<int>(share * 100) << " %\x1b[K" << std::flush;
  }

 private:
  bool shown_, drawn_ = false;
};

int import(Options o, const std::stop_token& stop) {
  o.request.config = model_configuration(o.config, o.set);
  mgdm::PriorCard card;
  {
    const auto line = std::make_shared<ProgressLine>(!o.quiet);
    card = mgdm::import_model(
        o.request, [line](double share, const std::string& what) { (*line)(share, what); }, stop);
  }
  if (o.print_json) {
    std::cout << mgdm::json_text(card.all, 2) << '\n';
  } else if (!o.quiet) {
    std::cout << "imported as '" << card.name << "': " << card.label << ", " << std::setprecision(3)
              << card.all.value("parameters", 0.0) / 1e6 << " million parameters (" << card.license << ")\n";
    for (const auto& left_out : card.all.value("not_used", json::array()))
      std::cout << "not used: " << left_out.get<std::string>() << '\n';
    std::cout << mgdm::uses_of(card) << '\n';
  }
  return 0;
}

int verify(const Options& o, const std::stop_token& stop) {
  std::vector<std::string> wrong;
  {
    const auto line = std::make_shared<ProgressLine>(!o.quiet);
    wrong = mgdm::verify_model(
        o.name, [line](double share, const std::string& what) { (*line)(share, what); }, stop);
  }
  if (o.print_json)
    std::cout << mgdm::json_text({{"name", o.name}, {"problems", wrong}}, 2) << '\n';
  else if (wrong.empty() && !o.quiet)
    std::cout << "model '" << o.name << "' is as its card says\n";
  for (const auto& problem : wrong) std::cerr << "mgdm: " << problem << '\n';
  return wrong.empty() ? 0 : 4;
}

#endif

}  // namespace

void add_models_command(CLI::App& app, std::function<int()>& action,
                        const std::function<std::stop_token()>& stoppable) {
  const auto o = std::make_shared<Options>();
  auto* models = app.add_subcommand("models", "The models: list, show, published, import, remove, verify");
  models->require_subcommand(0, 1);
  models->add_flag("--json", o->print_json, "as JSON");
  models->callback([&action, o, models] {
    if (models->get_subcommands().empty()) action = [o] { return list(*o); };
  });
  const auto command = [&](const char* name, const char* help, std::function<int()> run) {
    auto* sub = models->add_subcommand(name, help);
    sub->add_flag("--json", o->print_json, "as JSON");
    sub->callback([&action, run = std::move(run)] { action = run; });
    return sub;
  };
  const auto named = [&](CLI::App* sub) { sub->add_option("name", o->name, "model name or card file")->required(); };
  command("list", "list the installed ones (default)", [o] { return list(*o); });
  named(command("show", "print a model's card", [o] { return show(*o); }));
  command("published", "the published models that are known, and where they are from", [o] { return published(*o); });
#ifdef MGDM_STUDIO
  auto* take = command("import", "take a downloaded checkpoint into your models",
                       [o, stoppable] { return import(*o, stoppable()); });
  take->add_option("file", o->request.file, "checkpoint (.pt, .pth, .ckpt, .bin, .safetensors)")->required();
  take->add_option("--name", o->request.name, "name of the model");
  take->add_option("--config", o->config, "JSON with what the weights do not tell: a diffusers config.json, a card");
  take->add_option("--set", o->set,
                   "one value of it, e.g. num_head_channels=64, or first_stage=FILE for a latent model without its "
                   "autoencoder (may be repeated)")
      ->allow_extra_args(false);
  take->add_flag("--convert", o->request.convert,
                 "copy the weights into your model folder, as float16; else the file stays where it is");
  take->add_flag(
      "--trust-code", o->request.trust_code,
      "import a TorchScript module: such a file is a program that runs on this computer with all your rights");
  take->add_flag("--quiet", o->quiet, "no progress, no summary");
  named(command("remove", "remove an imported model", [o] {
    mgdm::remove_model(o->name);
    std::cout << "removed '" << o->name << "'\n";
    return 0;
  }));
  auto* check = command("verify", "check a model's file against its card, and that it computes",
                        [o, stoppable] { return verify(*o, stoppable()); });
  named(check);
  check->add_flag("--quiet", o->quiet, "no progress");
#else
  (void)stoppable;
#endif
}
