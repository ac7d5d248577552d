#include "core/priors/model_import.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>

#include "core/checkpoints/shards.h"
#include "core/checkpoints/torch_file.h"
#include "core/files/atomic_file.h"
#include "core/files/folders.h"
#include "core/files/hash.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/priors/family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void stopped(const fs::path& file) {
  throw ModelError(file.string() + ": the import was stopped; nothing was kept");
}

bool is_utf8(const std::string& text) {
  try {
    (void)json(text).dump();
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

// A name that is a file's name, too.
std::string tidy(const std::string& text) {
  std::string name;
  for (const char c : text) {
    // Letters of any script are more than one byte each, all of them above 127.
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 127 || std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.';
    name += plain ? c : '-';
  }
  if (!is_utf8(name))
    std::replace_if(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) > 127; }, '-');
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name;
}

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

void write_card(const PriorCard& card) {
  AtomicFile making(card.file);
  std::ofstream out(making.temporary(), std::ios::trunc);
  out << json_text(card.all, 2) << '\n';
  out.close();
  std::error_code error;
  if (!out || !making.commit(error)) {
    throw ModelError(card.file.string() + ": cannot be written (is the disk full, or the folder read-only?)");
  }
}

// The weights that the model uses, as float16; integers stay.
Checkpoint converted(const PriorCard& card, const ImportProgress& progress, const std::stop_token& stop) {
  const PriorFamily& family = family_of(card);
  Checkpoint checkpoint;
  const WeightFile file(card.weights);
  const auto weights = family.kept_weights(file);
  size_t done = 0;
  for (const auto& [name, tensor] : weights) {
    if (stop.stop_requested()) stopped(card.weights);
    // Tables of the schedule lose too much in 16 bits.
    const bool small = tensor.is_floating_point() && name != "alphas_cumprod" && name != "scale_factor";
    checkpoint.tensors[name] = small ? tensor.to(at::kHalf).contiguous() : tensor.contiguous();
    if (progress) progress(0.5 + 0.4 * static_cast<double>(++done) / static_cast<double>(weights.size()), "converting");
  }
  return checkpoint;
}

}  // namespace

PriorCard describe_model(const ImportRequest& request) {
  std::error_code error;
  const fs::path file = weights_at(fs::absolute(request.file, error));
  if (file.empty()) throw ModelError(request.file.string() + ": is a folder without weights that are known by name");
  if (!fs::is_regular_file(file, error)) throw ModelError(request.file.string() + ": is no file");
  PriorCard card;
  card.weights = file;
  json config = config_of(card);
  config.update(request.config);
  // A card is text: what is no UTF-8 in it would lead to another file.
  if (!request.convert && !is_utf8(file.string()))
    throw ModelError(file.string() +
                     ": its name, or that of a folder above it, holds bytes that are no UTF-8: rename it, or copy its "
                     "weights (--convert)");
  json all{{"label", file.stem().string()},
           {"license", "not known; ask where the file came from"},
           {"source", "not known"},
           {"value_range", {-1, 1}}};
  try {
    const WeightFile weights(file);
    const PriorFamily* family = recognised_family(weights);
    if (family == nullptr) refuse_unknown(weights);
    card.family = family->about().name;
    all.update(family->describe(weights, config, request.trust_code));
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  }
  std::string stem = is_shard_index(file) ? file.stem().stem().stem().string() : file.stem().string();
  if (const std::string parent = file.parent_path().filename().string();
      (stem == "model" || stem == "diffusion_pytorch_model" || stem == "diffusion_pytorch_model.fp16" ||
       stem == "pytorch_model" || stem == "last") &&
      !parent.empty())
    stem = parent == "unet" ? file.parent_path().parent_path().filename().string() : parent;
  card.name = tidy(!request.name.empty()      ? request.name
                   : all.contains("known_as") ? all["known_as"].get<std::string>()
                                              : stem);
  if (card.name.empty()) throw ModelError("a model needs a name of letters and digits");
  if (!all.contains("known_as")) all["label"] = stem;
  all.update({{"name", card.name},
              {"family", card.family},
              {"file", file.filename().string()},
              {"imported", today()},
              {"weights", file.string()}});
  card.label = all["label"];
  card.license = all["license"];
  card.all = std::move(all);
  return card;
}

PriorCard import_model(const ImportRequest& request, const ImportProgress& progress, std::stop_token stop) {
  const auto say = [&](double share, const char* what) {
    if (stop.stop_requested()) stopped(request.file);
    if (progress) progress(share, what);
  };
  say(0, "reading");
  PriorCard card = describe_model(request);
  for (const auto& other : list_priors()) {
    if (other.name == card.name)
      throw ModelError("a model named '" + card.name + "' is there already (" + other.file.string() +
                       "); choose another name with --name, or remove it first");
  }
  const fs::path folder = own_model_folder();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw ModelError(folder.string() + ": the folder cannot be made: " + error.message());
  card.file = folder / (card.name + ".json");
  const std::string hash = sha256_of(
      card.weights, [&](double share) { say(0.05 + share * (request.convert ? 0.45 : 0.9), "checking"); }, stop);
  card.all["source_sha256"] = hash;
  fs::path own;
  if (request.convert) {
    if (const std::string& why = family_of(card).about().not_convertible; !why.empty()) throw ModelError(why);
    Checkpoint checkpoint = converted(card, progress, stop);
    checkpoint.metadata = {{"converted_from", card.weights.filename().string()}, {"source_sha256", hash}};
    own = folder / (card.name + ".safetensors");
    say(0.92, "writing");
    try {
      write_safetensors(own, checkpoint);
    } catch (const CheckpointError& e) {
      throw ModelError(e.what());
    }
    card.weights = own;
    card.all["weights"] = own.filename().string();
  }
  try {
    card.all["sha256"] = request.convert ? sha256_of(card.weights, {}, stop) : hash;
    if (is_shard_index(card.weights)) {
      for (const fs::path& shard : shards_of(card.weights))
        card.all["shards"][shard.filename().string()] = sha256_of(shard, {}, stop);
    }
    card.all["bytes"] = static_cast<uint64_t>(fs::file_size(card.weights));
    say(0.99, "writing");
    write_card(card);
  } catch (...) {
    if (!own.empty()) fs::remove(own, error);
    throw;
  }
  if (progress) progress(1, "done");
  return card;
}

void remove_model(const std::string& name) {
  const PriorCard card = find_prior(name);
  const fs::path folder = own_model_folder();
  std::error_code error;
  const auto inside = [&](const fs::path& file) {
    return !file.empty() && fs::equivalent(file.parent_path(), folder, error);
  };
  if (!inside(card.file))
    throw ModelError("model '" + name + "' is not one of yours; only imported models can be removed");
  const bool weights_too = inside(card.weights);
  if (!fs::remove(card.file, error) || error)
    throw ModelError(card.file.string() + ": cannot be removed: " + error.message());
  if (weights_too) fs::remove(card.weights, error);
}

std::vector<std::string> verify_model(const std::string& name, const ImportProgress& progress, std::stop_token stop) {
  const PriorCard card = find_prior(name);
  std::vector<std::string> wrong;
  std::error_code error;
  if (!fs::exists(card.weights, error)) return {card.weights.string() + ": is missing"};
  if (const auto bytes = card.all.find("bytes");
      bytes != card.all.end() && fs::file_size(card.weights, error) != bytes->get<uint64_t>()) {
    wrong.push_back(card.weights.string() + ": has " + std::to_string(fs::file_size(card.weights, error)) +
                    " bytes, the card says " + bytes->dump());
  }
  if (const auto hash = card.all.find("sha256"); hash != card.all.end()) {
    const std::string now = sha256_of(
        card.weights,
        [&](double share) {
          if (progress) progress(0.8 * share, "checking");
        },
        stop);
    if (now != hash->get<std::string>())
      wrong.push_back(card.weights.string() + ": is not the file that was imported (its hash differs)");
  }
  if (const auto shards = card.all.find("shards"); shards != card.all.end() && shards->is_object()) {
    for (const auto& [shard, recorded] : shards->items()) {
      const fs::path file = card.weights.parent_path() / fs::path(shard).filename();
      if (!fs::exists(file, error))
        wrong.push_back(file.string() + ": is missing");
      else if (recorded != sha256_of(file, {}, stop))
        wrong.push_back(file.string() + ": is not the file that was imported (its hash differs)");
    }
  }
  if (progress) progress(0.85, "computing");
  try {
    at::NoGradGuard no_grad;
    at::Tensor out;
    const PriorFamily& family = family_of(card);
    if (!family.about().medium) {
      out = family.trial(card);
    } else if (family.about().medium == Medium::Music) {
      const BandPrior band = load_band_prior(card, at::kCPU, "float32");
      out = band.prior->denoiser->denoise(
          at::zeros({1, static_cast<int64_t>(band.stems.size()), band.frame_multiple, band.codec.options().bins}), 1.0);
    } else {
      const Prior prior = load_prior(card, at::kCPU, "float32");
      const int64_t side = (std::max<int64_t>(prior.min_size, prior.size_multiple) + prior.size_multiple - 1) /
                           prior.size_multiple * prior.size_multiple;
      auto sizes = prior.codec->model_sizes({3, side, side});
      sizes.insert(sizes.begin(), 1);
      out = prior.codec->decode(prior.denoiser->denoise(at::zeros(sizes), 1.0));
    }
    if (!out.isfinite().all().item<bool>()) wrong.push_back("model '" + name + "' gives values that are not numbers");
  } catch (const ModelError& e) {
    wrong.emplace_back(e.what());
  } catch (const std::invalid_argument& e) {
    wrong.push_back("model '" + name + "': " + e.what());
  }
  if (progress) progress(1, "done");
  return wrong;
}

}  // namespace mgdm
