#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include <stdexcept>

#include "core/networks/work_graph.h"

namespace mgdm {

struct WorkGraph::Recording {
  at::cuda::CUDAGraph graph;
};
struct OwnStream::Guard {
  explicit Guard(c10::cuda::CUDAStream stream) : guard(stream) {}
  c10::cuda::CUDAStreamGuard guard;
};

WorkGraph::WorkGraph() = default;
WorkGraph::~WorkGraph() = default;
WorkGraph::WorkGraph(WorkGraph&&) noexcept = default;
WorkGraph& WorkGraph::operator=(WorkGraph&&) noexcept = default;

bool WorkGraph::possible(at::Device device) { return device.is_cuda(); }

void WorkGraph::record(const std::function<void()>& work) {
  recording_.reset();
  for (int i = 0; i < 3; ++i) work();
  c10::cuda::device_synchronize();
  auto recording = std::make_unique<Recording>();
  recording->graph.capture_begin();
  try {
    work();
  } catch (...) {
    try {
      recording->graph.capture_end();  // ends the stream's recording; what it holds is thrown away
    } catch (const std::exception&) {
    }
    throw;
  }
  recording->graph.capture_end();
  recording_ = std::move(recording);
}

void WorkGraph::replay() {
  if (!recorded()) throw std::logic_error("no GPU work is recorded");
  recording_->graph.replay();
}

OwnStream::OwnStream(at::Device device) {
  if (device.is_cuda()) guard_ = std::make_unique<Guard>(c10::cuda::getStreamFromPool(false, device.index()));
}
OwnStream::~OwnStream() = default;

void choose_fastest_kernels() { at::globalContext().setBenchmarkCuDNN(true); }
void wait_for_device(at::Device device) {
  if (device.is_cuda()) c10::cuda::device_synchronize();
}

}  // namespace mgdm
