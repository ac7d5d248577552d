// The iterates of a song's run that were seen, as sound, so that a person can go back to them.
//
// Any thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <mutex>
#include <vector>

namespace mgdm::ui {

struct SongIterate {
  int window = 0, step = 0, steps = 0, t = 0;
  int64_t begin = 0, end = 0;  ///< frames of the song
  double rate = 0;             ///< of `sound`, Hz
  at::Tensor sound;            ///< float16 [stems, n], mono
};

class SongIterates {
 public:
  /// Over the cap every second iterate of the older half goes.
  explicit SongIterates(int64_t cap_bytes = int64_t{256} << 20) : cap_(cap_bytes) {}
  void clear();
  void add(SongIterate iterate);
  /// Those of the window that holds `frame` (the newest, where several do), else of the newest one, in order.
  std::vector<SongIterate> at(int64_t frame) const;
  int64_t bytes() const;

 private:
  const int64_t cap_;
  mutable std::mutex mutex_;
  std::vector<SongIterate> all_;
  int64_t bytes_ = 0;
};

}  // namespace mgdm::ui
