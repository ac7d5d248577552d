#include "core/download/model_source.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/files/atomic_file.h"
#include "core/files/folders.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path list_file() {
  if (const char* said = std::getenv("MGDM_SOURCES"); said != nullptr && *said != '\0') return said;
  return model_folders().back() / "published/sources.json";
}

bool is_archive(const std::string& name) { return fs::path(name).extension() == ".zip"; }

// A name that stays below the folder it is put into.
bool stays_inside(const fs::path& name) {
  return !name.empty() && name.is_relative() &&
         std::none_of(name.begin(), name.end(), [](const fs::path& part) { return part == ".."; });
}

SourceFile file_of(const json& j, const std::string& owner) {
  SourceFile file;
  file.name = j.at("name").get<std::string>();
  file.addresses = j.at("addresses").get<std::vector<std::string>>();
  file.size = j.value("size", int64_t{0});
  file.sha256 = j.value("sha256", "");
  if (!stays_inside(file.name)) throw ModelError(owner + ": '" + file.name + "' is no name of a file");
  if (file.addresses.empty()) throw ModelError(owner + ": '" + file.name + "' has no address");
  for (const std::string& address : file.addresses) {
    if (address.rfind("https://", 0) != 0 && address.rfind("http://", 0) != 0)
      throw ModelError(owner + ": '" + address + "' is no address of a web server");
  }
  return file;
}

ModelSource source_of(const json& j, const fs::path& list) {
  ModelSource source;
  source.name = j.at("name").get<std::string>();
  const std::string owner = list.string() + ": " + source.name;
  source.label = j.value("label", source.name);
  source.publisher = j.at("publisher").get<std::string>();
  source.page = j.at("page").get<std::string>();
  source.license = j.at("license").get<std::string>();
  source.terms = j.value("terms", source.page);
  source.model = j.value("model", "");
  source.by_hand = j.value("by_hand", "");
  source.part_of = j.value("part_of", "");
  source.config = j.value("config", json::object());
  for (const json& file : j.value("files", json::array())) source.files.push_back(file_of(file, owner));
  if (source.files.empty() == source.by_hand.empty())
    throw ModelError(owner + ": it has either files or a way to get it by hand");
  return source;
}

[[noreturn]] void broken(const fs::path& file, archive* a) {
  const char* why = archive_error_string(a);
  throw ModelError(file.string() + ": the archive is damaged" + (why != nullptr ? std::string(" (") + why + ")" : ""));
}

// One file of it, in one piece.
void unpack_entry(const fs::path& file, archive* in, const fs::path& to, int64_t size, const std::stop_token& stop,
                  const std::function<void(double)>& progress) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  AtomicFile out(to);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(out.temporary().c_str(), "wb"), std::fclose);
  if (stream == nullptr) throw MediaError(to.string() + ": cannot be written");
  int64_t done = 0;
  for (;;) {
    const void* data = nullptr;
    size_t n = 0;
    la_int64_t at = 0;
    const int code = archive_read_data_block(in, &data, &n, &at);
    if (code == ARCHIVE_EOF) break;
    if (code != ARCHIVE_OK) broken(file, in);
    if (stop.stop_requested()) throw DownloadError(file.filename().string() + ": stopped while it was unpacked");
    if (std::fwrite(data, 1, n, stream.get()) != n) throw MediaError(to.string() + ": there is no room for it");
    done += static_cast<int64_t>(n);
    if (size > 0) progress(static_cast<double>(done) / static_cast<double>(size));
  }
  if (std::fflush(stream.get()) != 0) throw MediaError(to.string() + ": there is no room for it");
  if (!out.commit(error)) throw MediaError(to.string() + ": " + error.message());
}

void unpack(const fs::path& file, const fs::path& folder, const std::function<void(double)>& progress,
            const std::stop_token& stop) {
  const std::unique_ptr<archive, int (*)(archive*)> in(archive_read_new(), archive_read_free);
  archive_read_support_format_zip(in.get());
  if (archive_read_open_filename(in.get(), file.c_str(), 1 << 20) != ARCHIVE_OK) broken(file, in.get());
  archive_entry* entry = nullptr;
  for (int code = 0; (code = archive_read_next_header(in.get(), &entry)) != ARCHIVE_EOF;) {
    if (code != ARCHIVE_OK) broken(file, in.get());
    if (archive_entry_filetype(entry) != AE_IFREG) continue;  // folders are made, links are not wanted
    const char* said = archive_entry_pathname(entry);
    const fs::path name = said != nullptr ? said : "";
    if (!stays_inside(name)) throw ModelError(file.string() + ": the archive has a file that leads out of its folder");
    unpack_entry(file, in.get(), folder / name, archive_entry_size(entry), stop, progress);
  }
}

}  // namespace

int64_t ModelSource::size() const {
  int64_t sum = 0;
  for (const SourceFile& file : files) {
    if (file.size == 0) return 0;
    sum += file.size;
  }
  return sum;
}

std::vector<ModelSource> read_model_sources(const fs::path& file) {
  std::vector<ModelSource> all;
  try {
    const json whole = read_json(file);
    for (const json& source : whole.at("models")) all.push_back(source_of(source, file));
  } catch (const json::exception& e) {
    throw ModelError(file.string() + ": " + e.what());
  }
  return all;
}

const std::vector<ModelSource>& model_sources() {
  static const std::vector<ModelSource> list = read_model_sources(list_file());
  return list;
}

const ModelSource& find_model_source(const std::string& name) {
  std::string known;
  for (const ModelSource& source : model_sources()) {
    if (source.name == name) return source;
    known += (known.empty() ? "" : ", ") + source.name;
  }
  throw ModelError("nothing is known of where to fetch '" + name + "'; known are " + known);
}

fs::path fetched_folder(const ModelSource& source) { return own_model_folder() / "fetched" / source.name; }

std::optional<PriorCard> fetch_model(const ModelSource& source, const ImportProgress& progress, std::stop_token stop,
                                     const DownloadPatience& patience) {
  if (!source.by_hand.empty()) throw ModelError(source.name + " cannot be fetched by a program: " + source.by_hand);
  const fs::path folder = fetched_folder(source);
  const auto say = [&](double share, const std::string& what) {
    if (progress) progress(share, what);
  };
  constexpr double kFetching = 0.9;  // of the whole
  const auto files = static_cast<double>(source.files.size());
  for (size_t k = 0; k < source.files.size(); ++k) {
    const SourceFile& file = source.files[k];
    const auto share = [&](double of_file) { return kFetching * (static_cast<double>(k) + of_file) / files; };
    // An archive goes when it is unpacked; what it held says that.
    if (is_archive(file.name) && !source.model.empty() && fs::exists(folder / source.model)) continue;
    download(
        {file.addresses, folder / file.name, file.size, file.sha256},
        [&](const DownloadProgress& p) {
          char words[128];
          const double done = static_cast<double>(p.done) / 1e6, all = static_cast<double>(p.size) / 1e6;
          std::snprintf(words, sizeof words, p.size > 0 ? "%s: %.0f of %.0f MB" : "%s: %.0f MB",
                        p.checking ? "checking" : "fetching", done, all);
          std::string text = std::string(words) + " of " + file.name;
          if (p.rate > 0) {
            std::snprintf(words, sizeof words, ", %.1f MB/s", p.rate / 1e6);
            text += words;
          }
          if (p.seconds_left >= 0) {
            std::snprintf(words, sizeof words, ", %.0f s left", p.seconds_left);
            text += words;
          }
          say(share(p.size > 0 ? done / all : 0), text);
        },
        stop, patience);
    if (!is_archive(file.name)) continue;
    unpack(
        folder / file.name, folder, [&](double part) { say(share(part), "unpacking " + file.name); }, stop);
    std::error_code ignored;
    fs::remove(folder / file.name, ignored);
  }
  if (!source.part_of.empty()) return std::nullopt;
  ImportRequest request;
  request.file = source.model.empty() ? folder : folder / source.model;
  request.name = source.name;
  request.config = source.config;
  return import_model(
      request, [&](double part, const std::string& what) { say(kFetching + (1 - kFetching) * part, what); }, stop);
}

}  // namespace mgdm
