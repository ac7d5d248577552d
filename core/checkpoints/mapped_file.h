// A whole file in memory: pages are read when they are touched and private to this process, so tensors can be views of
// a file until somebody writes to them. The file must not be made shorter while a mapping of it lives.
#pragma once
#include <c10/util/ArrayRef.h>

#include <cstddef>
#include <filesystem>

namespace mgdm {

using Bytes = c10::ArrayRef<unsigned char>;

class MappedFile {
 public:
  /// Throws CheckpointError with the file's name.
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  Bytes bytes() const { return {static_cast<const unsigned char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mgdm
