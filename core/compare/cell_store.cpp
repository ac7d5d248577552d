#include "core/compare/cell_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>

#include "core/checkpoints/safetensors.h"
#include "core/errors.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"
#include "core/runs/separation_state.h"

namespace mgdm {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kDone = ".safetensors";
constexpr const char* kFailed = ".failed.json";
constexpr const char* kState = ".state.safetensors";
constexpr const char* kLock = ".lock";

json cell_json(const CellResult& result) {
  json figures = json::object();
  for (const auto& [name, value] : result.figures) figures[name] = std::isfinite(value) ? json(value) : json();
  json all = {{"key", result.key}, {"label", result.label}, {"figures", figures}, {"record", result.record}};
  if (!result.curve.is_null()) all["curve"] = result.curve;
  return all;
}

CellResult result_of(const json& cell) {
  CellResult result;
  result.key = cell.value("key", "");
  result.label = cell.value("label", "");
  result.error = cell.value("error", "");
  result.record = cell.value("record", json());
  result.curve = cell.value("curve", json());
  const json figures = cell.value("figures", json::object());
  for (const auto& [name, value] : figures.items())
    result.figures[name] = value.is_number() ? value.get<double>() : std::nan("");
  return result;
}

}  // namespace

CellClaim::~CellClaim() {
  if (lock_ < 0) return;
  ::unlink(file_.c_str());  // while it is still held: who opened it meanwhile sees that it is gone
  ::close(lock_);
}

CellStore::CellStore(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (!fs::is_directory(folder_)) throw MediaError(folder_.string() + ": the folder cannot be made");
}

fs::path CellStore::file(const std::string& key, const char* ending) const { return folder_ / (key + ending); }
bool CellStore::has(const std::string& key) const { return fs::exists(file(key, kDone)); }
bool CellStore::failed(const std::string& key) const { return fs::exists(file(key, kFailed)); }
fs::path CellStore::state_file(const std::string& key) const { return file(key, kState); }

std::optional<CellResult> CellStore::read(const std::string& key, bool tensors) const {
  try {
    if (!has(key)) {
      if (!failed(key)) return std::nullopt;
      const json failure = read_json(file(key, kFailed));
      return failure.is_object() ? std::optional(result_of(failure)) : std::nullopt;
    }
    Checkpoint checkpoint;
    if (tensors) {
      checkpoint = read_safetensors(file(key, kDone));
    } else {
      checkpoint.metadata = read_safetensors_metadata(file(key, kDone));
    }
    const json cell = parse_json(checkpoint.metadata["cell"]);
    if (!cell.is_object()) return std::nullopt;
    CellResult result = result_of(cell);
    result.tensors = std::move(checkpoint.tensors);
    return result;
  } catch (const CheckpointError&) {
    return std::nullopt;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void CellStore::write(const CellResult& result) const {
  std::error_code ignored;
  if (!result.error.empty()) {
    write_file_bytes(file(result.key, kFailed),
                     json_text({{"key", result.key}, {"label", result.label}, {"error", result.error}}, 2) + "\n");
    fs::remove(file(result.key, kState), ignored);
    fs::remove(sound_beside(file(result.key, kState)), ignored);
    return;
  }
  try {
    write_safetensors(file(result.key, kDone), {result.tensors, {{"cell", json_text(cell_json(result))}}});
  } catch (const CheckpointError& e) {
    throw MediaError(e.what());
  }
  fs::remove(file(result.key, kFailed), ignored);
  fs::remove(file(result.key, kState), ignored);
  fs::remove(sound_beside(file(result.key, kState)), ignored);
}

std::unique_ptr<CellClaim> CellStore::claim(const std::string& key) const {
  std::unique_ptr<CellClaim> claim(new CellClaim);
  claim->file_ = file(key, kLock);
  for (;;) {
    const int lock = ::open(claim->file_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (lock < 0) throw MediaError(folder_.string() + ": cannot be written");
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      ::close(lock);
      if (taken) return nullptr;
      return claim;  // the disk knows no locks
    }
    struct stat held {
    }, named{};
    // The one who held it may have removed it between our two calls.
    if (::fstat(lock, &held) == 0 && ::stat(claim->file_.c_str(), &named) == 0 && held.st_ino == named.st_ino) {
      claim->lock_ = lock;
      return claim;
    }
    ::close(lock);
  }
}

}  // namespace mgdm
