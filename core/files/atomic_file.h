// Files in one piece: written under a temporary name beside the file and renamed when complete, so that a crash, a kill
// or a full disk leaves an old file as it was.
#pragma once
#include <filesystem>
#include <functional>
#include <string>

namespace mgdm {

/// A file in the making. What was not committed is removed again.
class AtomicFile {
 public:
  /// `writer`: told apart from others that write the same file at the same time, if there are any.
  explicit AtomicFile(std::filesystem::path file, const std::string& writer = {});
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where to write; FILE.part, or FILE.WRITER.part.
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Renames it to the file. False where that fails (the reason as a system knows it in `error`).
  [[nodiscard]] bool commit(std::error_code& error);

 private:
  std::filesystem::path file_, temporary_;
  bool committed_ = false;
};

/// All bytes of an image file. Throws MediaError if it is a folder, missing, empty, above 1 GB or unreadable.
std::string read_file_bytes(const std::filesystem::path& file);

/// Writes the whole file, letting `finish` change the temporary one first. Throws MediaError.
void write_file_bytes(const std::filesystem::path& file, const std::string& bytes,
                      const std::function<void(const std::filesystem::path& temporary)>& finish = {},
                      const std::string& writer = {});
/// A name that no other call has, in any process on the machines that share a disk.
std::string this_writer();

}  // namespace mgdm
