// Independent streams of random numbers from one seed, so that drawing more of one never changes another.
#pragma once
#include <cstdint>

namespace mgdm {

/// What a stream is for. Values are part of what a seed means: they never change.
enum class Stream : uint64_t { Observation = 1, Sampler = 2, Refinement = 3 };

/// The seed of stream `number` (counted from 1) of `seed`.
constexpr uint64_t stream_seed(uint64_t seed, uint64_t number) {
  return seed * 0x9E3779B97F4A7C15ull + number * 0xD1B54A32D192ED03ull;
}
constexpr uint64_t stream_seed(uint64_t seed, Stream stream) {
  return stream_seed(seed, static_cast<uint64_t>(stream));
}

}  // namespace mgdm
