// Fetching one large file over HTTP: from several addresses in order, going on where a break left it (also one of the
// program), checked by size and SHA-256. What is fetched is only stored, never run. By libcurl, which takes proxies
// from the environment (https_proxy, no_proxy). Blocking; one thread at a time for one file.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/errors.h"

namespace mgdm {

/// The line, the server or what it sent: names the host, and what stays of what was fetched.
struct DownloadError : Error {
  explicit DownloadError(const std::string& sentence) : Error(ErrorKind::Model, sentence) {}
};

struct DownloadRequest {
  std::vector<std::string> addresses;  ///< http or https; tried in order
  std::filesystem::path file;          ///< where it lies in the end; until then FILE.part beside it
  int64_t size = 0;                    ///< bytes; 0: not known
  std::string sha256;                  ///< 64 hexadecimal digits; empty: not published
};

struct DownloadProgress {
  int64_t done = 0, size = 0;  ///< bytes; size 0: not known yet
  double rate = 0;             ///< bytes a second, of the last seconds
  double seconds_left = -1;    ///< below 0: not known
  bool checking = false;       ///< its SHA-256 is being computed
};

/// How patient it is.
struct DownloadPatience {
  int attempts = 5;                      ///< for each address, where the line breaks; what was fetched counts
  std::chrono::seconds stall{60};        ///< without a byte, then the attempt ends
  std::chrono::milliseconds wait{2000};  ///< before the second attempt; twice as long before each further one
};

struct Downloaded {
  std::string sha256;      ///< of the whole file
  bool published = false;  ///< it was compared with one that was known before
  std::string address;     ///< where its last byte is from
};

/// Returns when the file is there. A file that is there already is only checked. Throws DownloadError: no way to the
/// host, not there, a web page instead of the file, another size or hash, stopped; MediaError: no room for it, or the
/// disk fails. FILE.part stays but where its content is wrong.
Downloaded download(const DownloadRequest& request, const std::function<void(const DownloadProgress&)>& progress = {},
                    std::stop_token stop = {}, const DownloadPatience& patience = {});

}  // namespace mgdm
