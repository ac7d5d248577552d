// The builds without CUDA: nothing can be recorded.
#include "core/networks/work_graph.h"

#include <ATen/ATen.h>

#include <stdexcept>

namespace mgdm {

struct WorkGraph::Recording {};
struct OwnStream::Guard {};

WorkGraph::WorkGraph() = default;
WorkGraph::~WorkGraph() = default;
WorkGraph::WorkGraph(WorkGraph&&) noexcept = default;
WorkGraph& WorkGraph::operator=(WorkGraph&&) noexcept = default;

bool WorkGraph::possible(at::Device) { return false; }
void WorkGraph::record(const std::function<void()>&) { throw std::logic_error("this build cannot record GPU work"); }
void WorkGraph::replay() { throw std::logic_error("no GPU work is recorded"); }

OwnStream::OwnStream(at::Device) {}
OwnStream::~OwnStream() = default;

void choose_fastest_kernels() {}
void wait_for_device(at::Device) {}

}  // namespace mgdm
