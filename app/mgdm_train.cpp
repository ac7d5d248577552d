// mgdm-train: trains a prior: on photos (a folder, or one packed tensor file of them) or on songs in stems.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include "app/process.h"
#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/priors/denoising_unet_file.h"
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

}  // namespace

int main(int argc, char** argv) {
  settle_process(argv);
  CLI::App app{"Trains a prior (a diffusion denoiser) on photos or on songs in stems."};
  fs::path recipe_file, data, validation, out, initial, pack, evaluate;
  std::vector<std::string> overrides, without;
  int64_t measured_steps = 0;
  std::string device_name = "cpu";
  int threads = 0;
  app.add_option("--recipe", recipe_file, "recipe, e.g. models/recipes/photo.json");
  app.add_option("--data", data,
                 "folder of photos, a packed .safetensors of them, or a folder of songs (recipe with data = stems)");
  app.add_option("--validation", validation, "photos or songs to validate on (never trained on)");
  app.add_option("--out", out, "output folder; a training found there is continued");
  app.add_option("--init", initial, "weights to start from (.safetensors of the same network)");
  app.add_option("--pack", pack, "only write the photos of --data into this packed file");
  app.add_option("--evaluate", evaluate, "only print the denoising PSNR of these weights on the photos of --data");
  app.add_option("--set", overrides, "recipe setting, e.g. --set minutes=30 or network.blocks=[2,2,2]")
      ->allow_extra_args(false);
  app.add_option("--without", without, "leave out what makes training on a GPU fast: graph, kernel, cast, queue")
      ->check(CLI::IsMember({"graph", "kernel", "cast", "queue"}));
  app.add_option("--measure", measured_steps,
                 "only measure: so many steps with everything that makes training fast and without each of it")
      ->check(CLI::Range(2, 100000));
  app.add_option("--device", device_name, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option("--threads", threads, "CPU threads; 0 = all cores")->check(CLI::Range(0, 1024));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    at::set_num_threads(threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
    const at::Device device(device_name);
    std::signal(SIGINT, [](int) { stop_requested = true; });
    std::signal(SIGTERM, [](int) { stop_requested = true; });
    std::optional<mgdm::TrainingRecipe> recipe;
    if (!recipe_file.empty()) recipe = read_recipe(recipe_file, overrides);
    const auto notice = [](const std::string& text) { std::cerr << "note: " << text << '\n'; };
    const auto peak = [&] {
      return mgdm::matrix_product_rate(device, !recipe || recipe->precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
    };
    if (measured_steps > 0) {
      if (!recipe) throw std::invalid_argument("--measure needs --recipe");
      const double matrix = peak();
      std::cout << "matrix product: " << std::setprecision(3) << matrix * 1e-12 << " TFLOP/s\n";
      const auto synthetic = mgdm::synthetic_data(*recipe, device);
      for (const auto& s : mgdm::training_speeds(*recipe, *synthetic, device, measured_steps, notice)) {
        std::cout << s.name << ": " << s.samples_per_second << " samples/s, " << s.operations_per_second * 1e-12
                  << " TFLOP/s, " << std::lround(100 * s.operations_per_second / matrix)
                  << " % of the matrix product, loss " << std::setprecision(4) << s.loss << std::setprecision(3)
                  << std::endl;
      }
      return 0;
    }
    if (data.empty()) throw std::invalid_argument("--data is needed");
    if (recipe && out.empty() && pack.empty() && evaluate.empty())
      throw std::invalid_argument("--out is needed for training");
    const auto train = [&](const mgdm::TrainingData& samples) {
      const double matrix = peak();
      const mgdm::TrainingHooks hooks{[&](const mgdm::TrainingProgress& p) { show(p, matrix); }, write_picture, notice,
                                      &stop_requested};
      const auto left_out = [&](const char* name) {
        return std::find(without.begin(), without.end(), name) != without.end();
      };
      mgdm::train(*recipe, samples, out, initial, device, hooks,
                  {.graph = !left_out("graph"),
                   .kernel = !left_out("kernel"),
                   .cast_once = !left_out("cast"),
                   .queue = !left_out("queue")});
      return stop_requested ? 130 : 0;
    };
    if (recipe && recipe->data == "stems") {
      const auto held_out = validation.empty() ? std::vector<mgdm::NamedSong>{} : mgdm::read_songs(validation);
      const mgdm::StemDataset songs(mgdm::read_songs(data), held_out, recipe->codec, recipe->frames,
                                    {.muted = recipe->muted, .shuffled = recipe->shuffled}, device);
      std::cerr << std::setprecision(3) << songs.hours() << " hours of songs from " << data.string() << '\n';
      return train(songs);
    }
    const auto photos = load_photos(data);
    std::cerr << photos.size() << " photos from " << data.string() << '\n';
    if (!pack.empty()) {
      mgdm::write_packed_photos(pack, photos);
      return 0;
    }
    if (!evaluate.empty()) {
      const auto network = mgdm::load_denoising_unet(evaluate);
      network->to(device);
      const std::vector<double> sigmas{0.1, 0.3, 1.0, 3.0};
      for (const auto type : {at::kFloat, at::kBFloat16}) {
        network->set_compute_type(type);
        const auto psnr = mgdm::denoising_psnr(*network, mgdm::centre_crops(photos, 128).to(device), sigmas);
        std::cout << (type == at::kFloat ? "float32 " : "bfloat16");
        for (size_t i = 0; i < sigmas.size(); ++i) {
          std::cout << "  sigma " << sigmas[i] << ": " << std::fixed << std::setprecision(2) << psnr[i]
                    << std::defaultfloat << " dB";
        }
        std::cout << std::endl;
      }
      return 0;
    }
    if (!recipe || out.empty()) throw std::invalid_argument("--recipe and --out are needed for training");
    mgdm::PhotoDataset dataset(
        photos, recipe->shares,
        {recipe->crop, recipe->small_crop, recipe->small_share, recipe->pyramid_factor, recipe->augmented}, device);
    if (!validation.empty()) {
      auto held_out = load_photos(validation);
      // Evenly spread over the sorted names, so that every source is represented.
      std::vector<mgdm::NamedPhoto> chosen;
      const size_t wanted = std::min<size_t>(recipe->validation_photos, held_out.size());
      for (size_t i = 0; i < wanted; ++i) chosen.push_back(held_out[i * held_out.size() / wanted]);
      dataset.set_held_out(mgdm::centre_crops(chosen, recipe->validation_size));
    }
    return train(dataset);
  } catch (const mgdm::CheckpointError& e) {
    return said(e, 4);
  } catch (const std::invalid_argument& e) {
    return said(e, 2);
  } catch (const std::exception& e) {
    return said(e, 3);
  }
}
