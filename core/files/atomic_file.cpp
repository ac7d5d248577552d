#include "core/files/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>

#include "core/errors.h"

namespace mgdm {

namespace fs = std::filesystem;

AtomicFile::AtomicFile(fs::path file, const std::string& writer)
    : file_(std::move(file)), temporary_(file_.string() + (writer.empty() ? "" : "." + writer) + ".part") {}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (!committed_) fs::remove(temporary_, ignored);
}

bool AtomicFile::commit(std::error_code& error) {
  // A rename survives a crash only if the data reached the disk first.
  if (const int handle = ::open(temporary_.c_str(), O_RDONLY); handle >= 0) {
    ::fsync(handle);
    ::close(handle);
  }
  fs::rename(temporary_, file_, error);
  committed_ = !error;
  return committed_;
}

std::string read_file_bytes(const fs::path& file) {
  const auto fail = [&](const std::string& what) { throw MediaError(file.string() + ": " + what); };
  std::error_code error;
  if (fs::is_directory(file, error)) fail("is a folder, not an image");
  const auto size = fs::file_size(file, error);
  if (error) fail("cannot be opened: " + error.message());
  if (size == 0) fail("is empty");
  if (size > (1u << 30)) fail("is larger than 1 GB");
  std::string bytes(size, '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) fail("cannot be read");
  return bytes;
}

void write_file_bytes(const fs::path& file, const std::string& bytes,
                      const std::function<void(const fs::path&)>& finish, const std::string& writer) {
  AtomicFile making(file, writer);
  std::ofstream out(making.temporary(), std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out && finish) finish(making.temporary());
  std::error_code error;
  if (!out || !making.commit(error)) {
    throw MediaError(file.string() + ": cannot be written (is the folder there and writable, and the disk not full?)");
  }
}

std::string this_writer() {
  static std::atomic<int> calls = 0;
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "-" + std::to_string(::getpid()) + "-" + std::to_string(++calls);
}

}  // namespace mgdm
