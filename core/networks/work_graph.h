// GPU work recorded once and replayed as one launch (a CUDA graph): for small batches and networks of many small layers
// most of the time is otherwise spent launching kernels.
//
// What is recorded must always do the same: same shapes, same memory, no value read back. Its inputs are tensors that
// outlive the graph and are overwritten in place before a replay; its results stay in the tensors they were written to
// until the next one.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace mgdm {

class WorkGraph {
 public:
  WorkGraph();
  ~WorkGraph();
  WorkGraph(WorkGraph&&) noexcept;
  WorkGraph& operator=(WorkGraph&&) noexcept;

  /// Whether work on this device can be recorded: CUDA, in a build with CUDA.
  static bool possible(at::Device device);

  /// Does `work` three times (libraries choose their kernels, memory settles), then records it without doing it. The
  /// thread must be on a stream of its own (`OwnStream`). Throws what `work` or CUDA throws; nothing is recorded then.
  void record(const std::function<void()>& work);
  bool recorded() const { return recording_ != nullptr; }
  /// Enqueues the recorded work on this thread's stream.
  void replay();

 private:
  struct Recording;
  std::unique_ptr<Recording> recording_;
};

/// While one lives, this thread's work on the CUDA device goes to a stream of its own; does nothing for other devices.
class OwnStream {
 public:
  explicit OwnStream(at::Device device);
  ~OwnStream();
  OwnStream(const OwnStream&) = delete;
  OwnStream& operator=(const OwnStream&) = delete;

 private:
  struct Guard;
  std::unique_ptr<Guard> guard_;
};

/// Lets cuDNN try its kernels for each new shape and keep the fastest. Nothing without CUDA.
void choose_fastest_kernels();
/// Waits for all work on `device`.
void wait_for_device(at::Device device);

}  // namespace mgdm
