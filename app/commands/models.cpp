// mgdm models: the installed models, and what becomes one.
#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/options.h"
#include "app/command_line/progress.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/priors/family.h"
#include "core/priors/known_models.h"
#ifdef MGDM_STUDIO
#include "core/download/model_source.h"
#include "core/priors/model_import.h"
#endif

namespace mgdm::app {

using nlohmann::json;

namespace {

struct Options {
  std::string name;
  std::string config;
  std::vector<std::string> set;
  bool print_json = false, quiet = false, accept = false;
#ifdef MGDM_STUDIO
  ImportRequest request;
#endif
};

std::string medium_words(const PriorCard& card) {
  const PriorFamily* family = find_family(card.family);
  return family != nullptr ? family->about().kind : "unknown";
}

int list(const Options& o) {
  std::vector<std::string> problems;
  const auto cards = list_priors(&problems);
  if (o.print_json) {
    json all = json::array();
    for (const auto& card : cards) all.push_back(card.all);
    std::cout << json_text(all, 2) << '\n';
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
  const PriorCard card = find_prior(o.name);
  std::cout << json_text(card.all, 2) << '\n';
#ifdef MGDM_STUDIO
  if (!o.print_json) std::cerr << uses_of(card) << '\n';
#endif
  return 0;
}

int published(const Options& o) {
  json all = json::array();
  for (const auto& m : known_models()) {
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
  if (o.print_json) std::cout << json_text(all, 2) << '\n';
  return 0;
}

#ifdef MGDM_STUDIO

int import(Options o) {
  const std::stop_token stop = stop_on_signals();
  o.request.config = model_configuration(o.config, o.set);
  PriorCard card;
  {
    const auto line = std::make_shared<ProgressLine>(!o.quiet);
    card = import_model(
        o.request, [line](double share, const std::string& what) { line->show(share, what); }, stop);
  }
  if (o.print_json) {
    std::cout << json_text(card.all, 2) << '\n';
  } else if (!o.quiet) {
    std::cout << "imported as '" << card.name << "': " << card.label << ", " << std::setprecision(3)
              << card.all.value("parameters", 0.0) / 1e6 << " million parameters (" << card.license << ")\n";
    for (const auto& left_out : card.all.value("not_used", json::array()))
      std::cout << "not used: " << left_out.get<std::string>() << '\n';
    std::cout << uses_of(card) << '\n';
  }
  return 0;
}

// Whether the person at the terminal takes the licence.
bool accepts(const ModelSource& source) {
  std::cerr << source.label << ", published by " << source.publisher << "\nlicence: " << source.license << "\n"
            << source.terms << '\n';
  if (const int64_t size = source.size(); size > 0)
    std::cerr << std::fixed << std::setprecision(1) << static_cast<double>(size) / 1e9 << " GB to fetch\n";
  if (isatty(STDIN_FILENO) == 0)
    throw SettingError("the licence has to be accepted before it is fetched: say --accept-license");
  std::cerr << "Do you accept it? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

int fetch(const Options& o) {
  const ModelSource& source = find_model_source(o.name);
  if (!source.by_hand.empty())
    throw ModelError(source.name + " cannot be fetched by a program: " + source.by_hand + " (" + source.page + ")");
  if (!o.accept && !accepts(source)) return kDone;
  const std::stop_token stop = stop_on_signals();
  std::optional<PriorCard> card;
  {
    const auto line = std::make_shared<ProgressLine>(!o.quiet);
    card = fetch_model(
        source, [line](double share, const std::string& what) { line->show(share, what); }, stop);
  }
  if (!card) {
    std::cout << (fetched_folder(source) / source.model).string() << '\n';
    if (!o.quiet) std::cerr << source.name << ": " << source.part_of << '\n';
  } else if (o.print_json) {
    std::cout << json_text(card->all, 2) << '\n';
  } else {
    std::cout << "fetched and imported as '" << card->name << "': " << card->label << " (" << card->license << ")\n";
  }
  return kDone;
}

int verify(const Options& o) {
  const std::stop_token stop = stop_on_signals();
  std::vector<std::string> wrong;
  {
    const auto line = std::make_shared<ProgressLine>(!o.quiet);
    wrong = verify_model(
        o.name, [line](double share, const std::string& what) { line->show(share, what); }, stop);
  }
  if (o.print_json)
    std::cout << json_text({{"name", o.name}, {"problems", wrong}}, 2) << '\n';
  else if (wrong.empty() && !o.quiet)
    std::cout << "model '" << o.name << "' is as its card says\n";
  for (const auto& problem : wrong) std::cerr << "mgdm: " << problem << '\n';
  return wrong.empty() ? 0 : 4;
}

#endif

#ifdef MGDM_STUDIO
int remove(const Options& o) {
  remove_model(o.name);
  std::cout << "removed '" << o.name << "'\n";
  return kDone;
}

void add_import_options(CLI::App& app, Options& o) {
  app.add_option("file", o.request.file, "checkpoint (.pt, .pth, .ckpt, .bin, .safetensors)")->required();
  app.add_option("--name", o.request.name, "name of the model");
  app.add_option("--config", o.config, "JSON with what the weights do not tell: a diffusers config.json, a card");
  app.add_option("--set", o.set,
                 "one value of it, e.g. num_head_channels=64, or first_stage=FILE for a latent model without its "
                 "autoencoder (may be repeated)")
      ->allow_extra_args(false);
  app.add_flag("--convert", o.request.convert,
               "copy the weights into your model folder, as float16; else the file stays where it is");
  app.add_flag("--trust-code", o.request.trust_code,
               "import a TorchScript module: such a file is a program that runs on this computer with all your rights");
  app.add_flag("--quiet", o.quiet, "no progress, no summary");
}
#endif

std::function<int()> add(CLI::App& app) {
  const auto o = std::make_shared<Options>();
  const auto chosen = std::make_shared<std::function<int()>>([o] { return list(*o); });
  app.require_subcommand(0, 1);
  app.add_flag("--json", o->print_json, "as JSON");
  const auto command = [&](const char* name, const char* help, auto action) {
    auto* sub = app.add_subcommand(name, help);
    sub->add_flag("--json", o->print_json, "as JSON");
    sub->callback([chosen, o, action] { *chosen = [o, action] { return action(*o); }; });
    return sub;
  };
  const auto named = [&](CLI::App* sub) { sub->add_option("name", o->name, "model name or card file")->required(); };
  command("list", "list the installed ones (default)", list);
  named(command("show", "print a model's card", show));
  command("published", "the published models that are known, and where they are from", published);
#ifdef MGDM_STUDIO
  add_import_options(*command("import", "take a downloaded checkpoint into your models", import), *o);
  auto* fetched = command("fetch", "fetch a published model over the network and import it", fetch);
  named(fetched);
  fetched->add_flag("--accept-license", o->accept, "the licence that is shown is accepted");
  fetched->add_flag("--quiet", o->quiet, "no progress");
  named(command("remove", "remove an imported model", remove));
  auto* check = command("verify", "check a model's file against its card, and that it computes", verify);
  named(check);
  check->add_flag("--quiet", o->quiet, "no progress");
#endif
  return [chosen] { return (*chosen)(); };
}

}  // namespace

Command describe_models() {
  return {6, "models", "The models: list, show, published, fetch, import, remove, verify", add};
}

}  // namespace mgdm::app
