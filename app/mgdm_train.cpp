// mgdm-train: trains a prior: on photos (a folder, or one packed tensor file of them) or on songs in stems.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <optional>
#include <thread>

#include "app/process.h"
#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/photo_autoencoder_file.h"
#include "core/training/autoencoding.h"
#include "core/training/latent_dataset.h"
#include "core/training/photo_dataset.h"
#include "core/training/stem_dataset.h"
#include "core/training/trainer.h"
#include "core/training/training_speed.h"
#ifdef MGDM_STUDIO
#include "core/media/image_file.h"
#endif

namespace {

namespace fs = std::filesystem;

std::atomic<bool> stop_requested{false};

std::vector<mgdm::NamedPhoto> load_photos(const fs::path& source) {
  if (fs::is_regular_file(source)) return mgdm::read_packed_photos(source);
#ifdef MGDM_STUDIO
  if (!fs::is_directory(source)) throw std::runtime_error(source.string() + ": no such file or folder");
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    std::string extension = entry.path().extension().string();
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (extension == ".jpg" || extension == ".jpeg" || extension == ".png" || extension == ".webp" ||
        extension == ".tif") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<mgdm::NamedPhoto> photos;
  for (const auto& file : files) {
    try {
      photos.push_back({file.stem().string(), mgdm::read_image(file)});
    } catch (const mgdm::MediaError& e) {
      std::cerr << "left out: " << e.what() << '\n';
    }
  }
  return photos;
#else
  throw std::runtime_error(
      source.string() +
      ": this build reads packed photos only; make the file with 'mgdm-train --pack' where OpenCV is");
#endif
}

mgdm::TrainingRecipe read_recipe(const fs::path& file, const std::vector<std::string>& overrides) {
  if (!std::ifstream(file)) throw mgdm::MediaError(file.string() + ": cannot be opened");
  nlohmann::json json = mgdm::read_json(file, true);
  if (json.is_discarded()) throw mgdm::MediaError(file.string() + ": is not valid JSON");
  for (const auto& text : overrides) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("--set " + text + ": expected key=value");
    const std::string value = text.substr(equals + 1);
    nlohmann::json parsed = mgdm::parse_json(value);
    // "network.channels=[32,64]" reaches into an object
    std::string pointer = "/" + text.substr(0, equals);
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    json[nlohmann::json::json_pointer(pointer)] = parsed.is_discarded() ? nlohmann::json(value) : parsed;
  }
  return json.get<mgdm::TrainingRecipe>();
}

std::string duration(double seconds) {
  const auto minutes = static_cast<long>(seconds / 60);
  char text[32];
  std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", minutes / 60, minutes % 60, static_cast<long>(seconds) % 60);
  return text;
}

// `peak`: operations a second of a matrix product on this device.
void show(const mgdm::TrainingProgress& p, double peak) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  std::ostringstream line;
  line << "step " << p.row->step << "  loss " << std::setprecision(4) << p.row->loss << "  " << std::setprecision(3)
       << p.samples_per_second << " samples/s  " << p.operations_per_second * 1e-12 << " TFLOP/s ("
       << std::lround(100 * p.operations_per_second / peak) << " % of a matrix product)  "
       << static_cast<int>(100 * p.fraction) << " %  left " << duration(p.seconds_left);
  if (!p.row->psnr.empty()) {
    line << "  PSNR";
    for (const double db : p.row->psnr) line << ' ' << std::fixed << std::setprecision(2) << db;
  }
  if (terminal && p.row->psnr.empty()) {
    std::cerr << '\r' << line.str() << "\x1b[K" << std::flush;
  } else {
    std::cerr << (terminal ? "\r" : "") << line.str() << (terminal ? "\x1b[K\n" : "\n") << std::flush;
  }
}

void write_picture(const fs::path& stem, const at::Tensor& pixels) {
#ifdef MGDM_STUDIO
  mgdm::write_image(stem.string() + ".png", pixels);
#else
  std::ofstream out(stem.string() + ".ppm", std::ios::binary);
  out << "P6\n" << pixels.size(2) << ' ' << pixels.size(1) << "\n255\n";
  const at::Tensor interleaved = pixels.permute({1, 2, 0}).contiguous();
  out.write(static_cast<const char*>(interleaved.data_ptr()), interleaved.numel());
#endif
}

// One line, whatever a library wrote.
int said(const std::exception& e, int code) {
  const std::string what = e.what();
  std::cerr << "mgdm-train: " << what.substr(0, what.find('\n')) << '\n';
  return code;
}

struct Options {
  fs::path recipe_file, data, validation, out, initial, autoencoder, pack, evaluate;
  std::vector<std::string> overrides, without;
  int64_t measured_steps = 0, side = 0;
  std::string device_name = "cpu";
  int threads = 0;
  bool left_out(const char* name) const { return std::find(without.begin(), without.end(), name) != without.end(); }
};

void add_options(CLI::App& app, Options& o) {
  app.add_option("--recipe", o.recipe_file, "recipe, e.g. models/recipes/photo.json");
  app.add_option("--data", o.data,
                 "folder of photos, a packed .safetensors of them, or a folder of songs (recipe with data = stems)");
  app.add_option("--validation", o.validation, "photos or songs to validate on (never trained on)");
  app.add_option("--out", o.out, "output folder; a training found there is continued");
  app.add_option("--init", o.initial, "weights to start from (.safetensors of the same network)");
  app.add_option("--autoencoder", o.autoencoder,
                 "autoencoder whose latents are trained on (recipe with data = latents)");
  app.add_option("--pack", o.pack, "only write the photos of --data into this packed file");
  app.add_option(
      "--evaluate", o.evaluate,
      "only print the PSNR of these weights on the photos of --data: a denoiser's, or an autoencoder's reconstruction");
  app.add_option("--size", o.side, "with --evaluate: side of the centre crops in pixels; 0: 128, of latents 256")
      ->check(CLI::Range(0, 4096));
  app.add_option("--set", o.overrides, "recipe setting, e.g. --set minutes=30 or network.blocks=[2,2,2]")
      ->allow_extra_args(false);
  app.add_option("--without", o.without, "leave out what makes training on a GPU fast: graph, kernel, cast, queue")
      ->check(CLI::IsMember({"graph", "kernel", "cast", "queue"}));
  app.add_option("--measure", o.measured_steps,
                 "only measure: so many steps with everything that makes training fast and without each of it")
      ->check(CLI::Range(2, 100000));
  app.add_option("--device", o.device_name, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option("--threads", o.threads, "CPU threads; 0 = all cores")->check(CLI::Range(0, 1024));
}

void notice(const std::string& text) { std::cerr << "note: " << text << '\n'; }

double matrix_rate(const std::optional<mgdm::TrainingRecipe>& recipe, at::Device device) {
  return mgdm::matrix_product_rate(device, !recipe || recipe->precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
}

void measure(const Options& o, const mgdm::TrainingRecipe& recipe, at::Device device) {
  const double matrix = matrix_rate(recipe, device);
  std::cout << "matrix product: " << std::setprecision(3) << matrix * 1e-12 << " TFLOP/s\n";
  const auto synthetic = mgdm::synthetic_data(recipe, device);
  for (const auto& s : mgdm::training_speeds(recipe, *synthetic, device, o.measured_steps, notice)) {
    std::cout << s.name << ": " << s.samples_per_second << " samples/s, " << s.operations_per_second * 1e-12
              << " TFLOP/s, " << std::lround(100 * s.operations_per_second / matrix)
              << " % of the matrix product, loss " << std::setprecision(4) << s.loss << std::setprecision(3)
              << std::endl;
  }
}

// `reported` is called after each report.
int train(const Options& o, const mgdm::TrainingRecipe& recipe, const mgdm::TrainingData& samples, at::Device device,
          const std::function<void()>& reported = {}) {
  const double matrix = matrix_rate(recipe, device);
  const auto progress = [&](const mgdm::TrainingProgress& p) {
    show(p, matrix);
    if (reported) reported();
  };
  const mgdm::TrainingHooks hooks{progress, write_picture, notice, &stop_requested};
  mgdm::train(recipe, samples, o.out, o.initial, device, hooks,
              {.graph = !o.left_out("graph"),
               .kernel = !o.left_out("kernel"),
               .cast_once = !o.left_out("cast"),
               .queue = !o.left_out("queue")});
  return stop_requested ? 130 : 0;
}

// Brings songs that are put into the folder to the device while the training runs, until there is no room.
void keep_adding(const std::stop_token& stop, mgdm::GrowingSongFolder& folder, mgdm::StemDataset& songs) {
  try {
    while (!stop.stop_requested()) {
      auto found = folder.next(16);
      if (found.empty()) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
      } else if (!songs.add(std::move(found))) {
        return;
      }
    }
  } catch (const std::exception& e) {
    notice(e.what());
  }
}

int train_on_songs(const Options& o, const mgdm::TrainingRecipe& recipe, at::Device device) {
  const auto held_out = o.validation.empty() ? std::vector<mgdm::NamedSong>{} : mgdm::read_songs(o.validation);
  mgdm::GrowingSongFolder folder(o.data);
  mgdm::StemDataset songs(folder.next(std::numeric_limits<size_t>::max()), held_out, recipe.codec, recipe.frames,
                          {.muted = recipe.muted, .shuffled = recipe.shuffled}, device, recipe.hours);
  const auto say_hours = [&] {
    std::cerr << std::setprecision(3) << std::defaultfloat << songs.hours() << " hours of songs from "
              << o.data.string() << '\n';
  };
  say_hours();
  std::jthread adding;  // from the first report on: a pass that is being recorded bears no other work on the device
  const int result = train(o, recipe, songs, device, [&] {
    if (recipe.hours > 0 && !adding.joinable())
      adding = std::jthread([&](const std::stop_token& stop) { keep_adding(stop, folder, songs); });
  });
  if (recipe.hours > 0) say_hours();
  return result;
}

// `autoencoder`: of a recipe on latents.
int train_on_photos(const Options& o, const mgdm::TrainingRecipe& recipe, const std::vector<mgdm::NamedPhoto>& photos,
                    const std::shared_ptr<mgdm::PhotoAutoencoder>& autoencoder, at::Device device) {
  auto dataset = std::make_unique<mgdm::PhotoDataset>(photos, recipe.shares, mgdm::photo_crops(recipe), device);
  if (!o.validation.empty()) {
    auto held_out = load_photos(o.validation);
    // Evenly spread over the sorted names, so that every source is represented.
    std::vector<mgdm::NamedPhoto> chosen;
    const size_t wanted = std::min<size_t>(recipe.validation_photos, held_out.size());
    for (size_t i = 0; i < wanted; ++i) chosen.push_back(held_out[i * held_out.size() / wanted]);
    dataset->set_held_out(mgdm::centre_crops(chosen, recipe.validation_size));
  }
  if (recipe.data != "latents") return train(o, recipe, *dataset, device);
  const mgdm::LatentDataset latents(std::move(dataset), autoencoder,
                                    recipe.precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
  return train(o, recipe, latents, device);
}

// What the weights of a file are of, by what it says of itself.
struct Evaluated {
  bool denoiser = false, autoencoder = false;
};

Evaluated kind_of(const fs::path& weights) {
  const auto metadata = mgdm::read_safetensors(weights).metadata;
  return {metadata.count("network") != 0, metadata.count("autoencoder") != 0};
}

void print_psnr(const char* what, const std::vector<double>& sigmas, const std::vector<double>& psnr) {
  std::cout << what;
  for (size_t i = 0; i < sigmas.size(); ++i) {
    std::cout << "  sigma " << sigmas[i] << ": " << std::fixed << std::setprecision(2) << psnr[i] << std::defaultfloat
              << " dB";
  }
  std::cout << std::endl;
}

// A denoiser's PSNR at noise levels of its own space; an autoencoder's, with no noise and with some on its latents.
void evaluate(const Options& o, const std::vector<mgdm::NamedPhoto>& photos, at::Device device) {
  const Evaluated kind = kind_of(o.evaluate);
  const int64_t side = o.side > 0 ? o.side : kind.autoencoder ? 256 : 128;
  const at::Tensor crops = mgdm::centre_crops(photos, side);
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const char* const name = type == at::kFloat ? "float32 " : "bfloat16";
    if (kind.autoencoder) {
      const auto autoencoder = mgdm::load_photo_autoencoder(o.evaluate);
      autoencoder->to(device);
      autoencoder->freeze(type);
      const std::vector<double> sigmas{0, 0.1, 0.3};
      print_psnr((std::string(name) + " reconstruction").c_str(), sigmas,
                 mgdm::reconstruction_psnr(*autoencoder, crops, sigmas));
    }
    if (kind.autoencoder && !kind.denoiser) continue;
    const auto network = mgdm::load_denoising_unet(o.evaluate);
    network->to(device);
    network->set_compute_type(type);
    const std::vector<double> sigmas{0.1, 0.3, 1.0, 3.0};
    if (!kind.autoencoder) {
      print_psnr(name, sigmas, mgdm::denoising_psnr(*network, crops.to(device), sigmas));
      continue;
    }
    auto held_out = std::make_unique<mgdm::PhotoDataset>(photos, std::map<std::string, double>{},
                                                         mgdm::PhotoCrops{.size = 16}, device);
    held_out->set_held_out(crops);
    print_psnr((std::string(name) + " decoded").c_str(), sigmas,
               mgdm::LatentDataset(std::move(held_out), mgdm::load_photo_autoencoder(o.evaluate), type)
                   .validate(*network, sigmas));
  }
}

int run(const Options& o) {
  at::set_num_threads(o.threads > 0 ? o.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  const at::Device device(o.device_name);
  std::signal(SIGINT, [](int) { stop_requested = true; });
  std::signal(SIGTERM, [](int) { stop_requested = true; });
  std::optional<mgdm::TrainingRecipe> recipe;
  if (!o.recipe_file.empty()) recipe = read_recipe(o.recipe_file, o.overrides);
  if (o.measured_steps > 0) {
    if (!recipe) throw std::invalid_argument("--measure needs --recipe");
    measure(o, *recipe, device);
    return 0;
  }
  if (o.data.empty()) throw std::invalid_argument("--data is needed");
  if (recipe && o.out.empty() && o.pack.empty() && o.evaluate.empty())
    throw std::invalid_argument("--out is needed for training");
  if (recipe && recipe->data == "stems") return train_on_songs(o, *recipe, device);
  std::shared_ptr<mgdm::PhotoAutoencoder> autoencoder;
  if (recipe && recipe->data == "latents") {
    if (o.autoencoder.empty())
      throw std::invalid_argument("a recipe with data = latents needs --autoencoder FILE, trained before");
    autoencoder = mgdm::load_photo_autoencoder(o.autoencoder);
  }
  const auto photos = load_photos(o.data);
  std::cerr << photos.size() << " photos from " << o.data.string() << '\n';
  if (!o.pack.empty()) {
    mgdm::write_packed_photos(o.pack, photos);
    return 0;
  }
  if (!o.evaluate.empty()) {
    evaluate(o, photos, device);
    return 0;
  }
  if (!recipe || o.out.empty()) throw std::invalid_argument("--recipe and --out are needed for training");
  return train_on_photos(o, *recipe, photos, autoencoder, device);
}

}  // namespace

int main(int argc, char** argv) {
  settle_process(argv);
  CLI::App app{
      "Trains a prior (a diffusion denoiser) on photos, on their latents or on songs in stems, or an autoencoder."};
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    return run(options);
  } catch (const mgdm::CheckpointError& e) {
    return said(e, 4);
  } catch (const std::invalid_argument& e) {
    return said(e, 2);
  } catch (const std::exception& e) {
    return said(e, 3);
  }
}
