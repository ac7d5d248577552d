#include "core/download/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/files/atomic_file.h"
#include "core/files/hash.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::string size_words(int64_t bytes) {
  char text[32];
  const auto b = static_cast<double>(bytes);
  if (b >= 1e9)
    std::snprintf(text, sizeof text, "%.1f GB", b / 1e9);
  else
    std::snprintf(text, sizeof text, "%.0f MB", std::max(1.0, b / 1e6));
  return text;
}

std::string host_of(const std::string& address) {
  const size_t begin = address.find("://");
  if (begin == std::string::npos) return address;
  const size_t end = address.find_first_of("/?#", begin + 3);
  return address.substr(begin + 3, end == std::string::npos ? end : end - begin - 3);
}

int64_t bytes_of(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : static_cast<int64_t>(size);
}

/// What is said of FILE.part beside it: whose bytes these are, so that only the same file is gone on with.
struct PartNote {
  std::string address, tag;
};

fs::path note_file(const fs::path& part) { return part.string() + ".json"; }

std::optional<PartNote> read_note(const fs::path& part) {
  try {
    const nlohmann::json note = read_json(note_file(part));
    return PartNote{note.value("address", ""), note.value("tag", "")};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void write_note(const fs::path& part, const PartNote& note) {
  write_file_bytes(note_file(part), json_text({{"address", note.address}, {"tag", note.tag}}) + "\n");
}

void forget(const fs::path& part) {
  std::error_code ignored;
  fs::remove(part, ignored);
  fs::remove(note_file(part), ignored);
}

/// How an attempt ended.
struct Ending {
  enum class Kind { Done, Again, Elsewhere } kind = Kind::Done;
  std::string sentence;
};

/// One request for the rest of the file.
class Attempt {
 public:
  Attempt(const DownloadRequest& request, const std::string& address, const fs::path& part,
          const std::function<void(const DownloadProgress&)>& progress, const std::stop_token& stop,
          const DownloadPatience& patience)
      : request_(request), address_(address), part_(part), progress_(progress), stop_(stop), patience_(patience) {}

  Ending run() {
    have_ = bytes_of(part_);
    const std::optional<PartNote> note = read_note(part_);
    // Another address may serve other bytes; only a known hash would find that out in the end.
    const bool mine = note && (note->address == address_ ? !note->tag.empty() : false);
    if (have_ > 0 && !mine && request_.sha256.empty()) restart();
    if (request_.size > 0 && have_ > request_.size) restart();
    if (request_.size > 0 && have_ == request_.size) return {};
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    if (curl == nullptr) throw DownloadError("libcurl does not start");
    curl_slist* headers = nullptr;
    if (have_ > 0) {
      curl_easy_setopt(curl.get(), CURLOPT_RANGE, (std::to_string(have_) + "-").c_str());
      if (mine) headers = curl_slist_append(headers, ("If-Range: " + note->tag).c_str());
    }
    const std::unique_ptr<curl_slist, void (*)(curl_slist*)> list(headers, curl_slist_free_all);
    set_options(curl.get(), headers);
    const CURLcode code = curl_easy_perform(curl.get());
    if (out_ != nullptr && std::fclose(out_.release()) != 0 && problem_.empty()) disk_problem();
    if (!disk_.empty()) throw MediaError(disk_);
    if (stop_.stop_requested()) return {Ending::Kind::Again, ""};
    if (!problem_.empty()) return {Ending::Kind::Elsewhere, problem_};
    if (retry_) {
      long status = 0;
      curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
      return {Ending::Kind::Again, host_of(address_) + " answers with " + std::to_string(status)};
    }
    if (code != CURLE_OK) return {Ending::Kind::Again, host_of(address_) + ": " + curl_easy_strerror(code)};
    return whole();
  }

 private:
  void restart() {
    forget(part_);
    have_ = 0;
  }

  void set_options(CURL* curl, curl_slist* headers) {
    curl_easy_setopt(curl, CURLOPT_URL, address_.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "mgdm-studio/" MGDM_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience_.stall.count()));
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(
        curl, CURLOPT_XFERINFOFUNCTION, +[](void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
          return static_cast<Attempt*>(self)->stop_.stop_requested() ? 1 : 0;
        });
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(
        curl, CURLOPT_HEADERFUNCTION, +[](char* data, size_t, size_t n, void* self) {
          static_cast<Attempt*>(self)->header(std::string(data, n));
          return n;
        });
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(
        curl, CURLOPT_WRITEFUNCTION, +[](char* data, size_t, size_t n, void* self) {
          return static_cast<Attempt*>(self)->body(data, n) ? n : size_t{0};
        });
    curl_ = curl;
  }

  void header(const std::string& line) {
    if (line.rfind("HTTP/", 0) == 0) {  // after a redirect the answer that counts is the last one
      tag_.clear();
      range_begin_ = -1;
      range_size_ = 0;
      return;
    }
    const size_t colon = line.find(':');
    if (colon == std::string::npos) return;
    std::string name = line.substr(0, colon), value = line.substr(colon + 1);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    value.erase(0, value.find_first_not_of(" \t"));
    value.erase(value.find_last_not_of(" \t\r\n") + 1);
    if (name == "etag" && value.rfind("W/", 0) != 0) tag_ = value;
    if (name == "content-range") {
      long long begin = -1, end = -1, size = 0;
      if (std::sscanf(value.c_str(), "bytes %lld-%lld/%lld", &begin, &end, &size) >= 2) {
        range_begin_ = begin;
        range_size_ = size;
      }
    }
  }

  // Before the first byte of the answer's body is kept. False: it is not what was asked for.
  bool open(const char* data, size_t n) {
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    const std::string host = host_of(address_);
    if (status == 416) {  // there is no such rest
      restart();
      retry_ = true;
      return false;
    }
    if (status == 429 || status >= 500) {
      retry_ = true;
      return false;
    }
    if (status != 200 && status != 206) {
      problem_ = host + (status == 404 ? " does not have it any more (404)"
                         : status == 401 || status == 403
                             ? " gives it only to who has an account there and has accepted its terms (" +
                                   std::to_string(status) + ")"
                             : " answers with " + std::to_string(status));
      return false;
    }
    const char* type = nullptr;
    curl_easy_getinfo(curl_, CURLINFO_CONTENT_TYPE, &type);
    const std::string begin(data, std::min<size_t>(n, 64));
    if (begin.rfind("version https://git-lfs", 0) == 0) {
      problem_ = host + " sends a Git LFS pointer and not the file it stands for";
      return false;
    }
    const size_t first = begin.find_first_not_of(" \t\r\n");
    if ((type != nullptr && std::strncmp(type, "text/html", 9) == 0) ||
        (first != std::string::npos && have_ == 0 && begin[first] == '<')) {
      problem_ = host + " sends a web page and not the file";
      return false;
    }
    if (status == 206 && range_begin_ != have_) {
      problem_ = host + " sends another part of the file than was asked for";
      return false;
    }
    if (status == 200 && have_ > 0) restart();
    curl_off_t length = -1;
    curl_easy_getinfo(curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    size_ = range_size_ > 0 ? range_size_ : length >= 0 ? have_ + length : 0;
    if (request_.size > 0 && size_ > 0 && size_ != request_.size) {
      problem_ = host + " has a file of another size, " + std::to_string(size_) + " bytes instead of " +
                 std::to_string(request_.size);
      return false;
    }
    return room() && begin_file();
  }

  bool room() {
    const int64_t rest = std::max(size_, request_.size) - have_;
    std::error_code error;
    const auto space = fs::space(part_.parent_path(), error);
    if (error || rest <= 0 || static_cast<int64_t>(space.available) > rest) return true;
    disk_ = part_.parent_path().string() + ": there is no room for it; it takes " + size_words(rest) + ", and " +
            size_words(static_cast<int64_t>(space.available)) + " are free";
    return false;
  }

  bool begin_file() {
    write_note(part_, {address_, tag_});
    out_.reset(std::fopen(part_.c_str(), have_ > 0 ? "ab" : "wb"));
    if (out_ == nullptr) disk_problem();
    begun_ = Clock::now();
    before_ = have_;
    return out_ != nullptr;
  }

  void disk_problem() { disk_ = part_.string() + ": " + std::strerror(errno); }

  bool body(const char* data, size_t n) {
    if (out_ == nullptr && !open(data, n)) return false;
    if (std::fwrite(data, 1, n, out_.get()) != n) {
      disk_problem();
      return false;
    }
    have_ += static_cast<int64_t>(n);
    tell();
    return true;
  }

  void tell() {
    const auto now = Clock::now();
    if (!progress_ || now - told_ < std::chrono::milliseconds(100)) return;
    told_ = now;
    DownloadProgress p;
    p.done = have_;
    p.size = std::max(size_, request_.size);
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    if (seconds > 0.5) {
      p.rate = static_cast<double>(have_ - before_) / seconds;
      if (p.size > 0 && p.rate > 0) p.seconds_left = static_cast<double>(p.size - p.done) / p.rate;
    }
    progress_(p);
    if (seconds > 20) {  // what the line does now, not what it did at first
      begun_ = now - std::chrono::seconds(5);
      before_ = have_ - static_cast<int64_t>(p.rate * 5);
    }
  }

  // The answer has ended without an error: is that all of it?
  Ending whole() {
    if (begun_ == Clock::time_point()) {  // an answer without a body
      long status = 0;
      curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
      open("", 0);
      if (!problem_.empty()) return {Ending::Kind::Elsewhere, problem_};
      return {Ending::Kind::Again,
              host_of(address_) + " answers with " + std::to_string(status) + " and sends nothing"};
    }
    const int64_t size = std::max(size_, request_.size);
    if (size > 0 && have_ < size)
      return {Ending::Kind::Again, host_of(address_) + ": the line broke after " + size_words(have_)};
    return {};
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  const DownloadRequest& request_;
  const std::string& address_;
  const fs::path& part_;
  const std::function<void(const DownloadProgress&)>& progress_;
  const std::stop_token& stop_;
  const DownloadPatience& patience_;
  CURL* curl_ = nullptr;
  std::unique_ptr<std::FILE, Close> out_;
  int64_t have_ = 0, size_ = 0, before_ = 0, range_begin_ = -1, range_size_ = 0;
  std::string tag_, problem_, disk_;
  bool retry_ = false;
  Clock::time_point begun_, told_;
};

// False: it was stopped.
bool wait(std::chrono::milliseconds time, std::stop_token stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any woken;
  woken.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Downloaded download(const DownloadRequest& request, const std::function<void(const DownloadProgress&)>& progress,
                    std::stop_token stop, const DownloadPatience& patience) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!started) throw DownloadError("libcurl does not start");
  const fs::path part = request.file.string() + ".part";
  std::error_code error;
  fs::create_directories(request.file.parent_path(), error);
  const auto stopped = [&] {
    const int64_t have = bytes_of(part);
    return DownloadError(request.file.filename().string() + ": stopped; " + (have > 0 ? size_words(have) : "nothing") +
                         " of it stays, and the same goes on there");
  };
  const auto checked = [&](const fs::path& file) {
    const int64_t size = bytes_of(file);
    return sha256_of(
        file,
        [&](double share) {
          if (progress) progress({static_cast<int64_t>(share * static_cast<double>(size)), size, 0, -1, true});
        },
        stop);
  };
  if (fs::exists(request.file)) {
    const std::string hash = checked(request.file);
    if (request.sha256.empty() || hash == request.sha256) return {hash, !request.sha256.empty(), ""};
    fs::rename(request.file, part, error);
    forget(part);
  }
  std::string last = "there is no address for it";
  for (const std::string& address : request.addresses) {
    auto pause = patience.wait;
    for (int attempt = 1; attempt <= patience.attempts; ++attempt) {
      const int64_t before = bytes_of(part);
      const Ending ending = Attempt(request, address, part, progress, stop, patience).run();
      if (stop.stop_requested()) throw stopped();
      if (ending.kind == Ending::Kind::Done) {
        const std::string hash = checked(part);
        if (request.sha256.empty() || hash == request.sha256) {
          fs::rename(part, request.file, error);
          if (error) throw MediaError(request.file.string() + ": " + error.message());
          forget(part);
          return {hash, !request.sha256.empty(), address};
        }
        last = host_of(address) + " sends another file than was published (SHA-256 " + hash.substr(0, 12) +
               "… instead of " + request.sha256.substr(0, 12) + "…)";
        forget(part);
        break;
      }
      last = ending.sentence;
      if (ending.kind == Ending::Kind::Elsewhere) break;
      if (bytes_of(part) > before) attempt = 0;  // it goes forward, if slowly
      if (attempt < patience.attempts && !wait(pause, stop)) throw stopped();
      pause *= 2;
    }
  }
  const int64_t have = bytes_of(part);
  throw DownloadError(request.file.filename().string() + " could not be fetched: " + last +
                      (have > 0 ? "; " + size_words(have) + " of it stays, and the same goes on there" : ""));
}

}  // namespace mgdm
