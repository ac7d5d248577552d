// A TIFF that lies in memory, for libtiff, which otherwise wants a file. One thread at a time.
#pragma once
#include <tiffio.h>

#include <string>

namespace mgdm {

class TiffInMemory {
 public:
  /// To be read: `bytes` must outlive it.
  explicit TiffInMemory(const std::string& bytes);
  struct ToWrite {};
  /// To be written, little-endian; the bytes `more` lie behind the header, at offset 8.
  TiffInMemory(const std::string& more, ToWrite);
  ~TiffInMemory();
  TiffInMemory(const TiffInMemory&) = delete;
  TiffInMemory& operator=(const TiffInMemory&) = delete;

  TIFF* get() const { return tiff_; }  ///< null: it is no TIFF
  void close();                        ///< writes what is still to be written
  const std::string& written() const { return written_; }

 private:
  static tmsize_t read(thandle_t self, void* to, tmsize_t count);
  static tmsize_t write(thandle_t self, void* from, tmsize_t count);
  static toff_t seek(thandle_t self, toff_t offset, int whence);
  static toff_t size(thandle_t self);

  const std::string& bytes() const { return source_ != nullptr ? *source_ : written_; }

  const std::string* source_ = nullptr;
  std::string written_;
  size_t at_ = 0;
  TIFF* tiff_ = nullptr;
};

}  // namespace mgdm
