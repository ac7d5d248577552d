#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/networks/cuda/group_norm_silu_kernels.h"

namespace mgdm::kernels {

namespace {

constexpr int kVector = 8;  // channels a thread handles at once: 16 bytes of bfloat16
constexpr int kThreads = 256;
constexpr int64_t kBlocksWanted = 132 * 8;  // fills the largest present card several times
constexpr int64_t kMaxSplits = 64;

struct Vector {
  float v[kVector];
};

__device__ inline Vector load(const uint4* p) {
  const uint4 bits = __ldg(p);
  const unsigned int words[4] = {bits.x, bits.y, bits.z, bits.w};
  Vector r;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    r.v[2 * i] = __uint_as_float(words[i] << 16);
    r.v[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000u);
  }
  return r;
}

__device__ inline void store(uint4* p, const Vector& r) {
  unsigned int words[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(r.v[2 * i], r.v[2 * i + 1]);
    words[i] = *reinterpret_cast<const unsigned int*>(&pair);
  }
  *p = make_uint4(words[0], words[1], words[2], words[3]);
}

__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + __expf(-x)); }

// How a sample's pixels are dealt out: `splits` blocks a sample, `rows` pixels of a block at a time, `lanes` threads a
// pixel.
struct Deal {
  int lanes, rows, splits;
  int64_t pixels_per_split;
};

Deal deal_of(const GroupNormSiluShape& s) {
  Deal d;
  d.lanes = static_cast<int>(s.channels / kVector);
  d.rows = std::max(1, kThreads / d.lanes);
  const int64_t most = std::max<int64_t>(1, s.pixels / (4 * d.rows));
  const int64_t wanted = std::min(kMaxSplits, std::max<int64_t>(1, (kBlocksWanted + s.batch - 1) / s.batch));
  d.splits = static_cast<int>(std::min(most, wanted));
  d.pixels_per_split = (s.pixels + d.splits - 1) / d.splits;
  return d;
}

struct Place {
  int lane, row;
  int64_t begin, end;  // pixels of this block
  bool busy;
};

__device__ inline Place place_of(const Deal& d, int64_t pixels) {
  Place p;
  p.lane = threadIdx.x % d.lanes;
  p.row = threadIdx.x / d.lanes;
  p.begin = blockIdx.x * d.pixels_per_split;
  p.end = min(pixels, p.begin + d.pixels_per_split);
  p.busy = p.row < d.rows;
  return p;
}

// partial[b][split][group] = {sum x, sum x^2}
__global__ void moments_kernel(const uint4* x, int64_t pixels, int groups, Deal d, float2* partial) {
  extern __shared__ float2 shared_moments[];  // [rows][lanes]
  const Place p = place_of(d, pixels);
  const int64_t b = blockIdx.y;
  if (p.busy) {
    const uint4* sample = x + b * pixels * d.lanes;
    float sum = 0, square = 0;
#pragma unroll 4
    for (int64_t i = p.begin + p.row; i < p.end; i += d.rows) {
      const Vector r = load(sample + i * d.lanes + p.lane);
#pragma unroll
      for (int k = 0; k < kVector; ++k) {
        sum += r.v[k];
        square += r.v[k] * r.v[k];
      }
    }
    shared_moments[p.row * d.lanes + p.lane] = make_float2(sum, square);
  }
  __syncthreads();
  const int lanes_a_group = d.lanes / groups;
  for (int g = threadIdx.x; g < groups; g += blockDim.x) {
    float sum = 0, square = 0;
    for (int row = 0; row < d.rows; ++row) {
      for (int l = 0; l < lanes_a_group; ++l) {
        const float2 m = shared_moments[row * d.lanes + g * lanes_a_group + l];
        sum += m.x;
        square += m.y;
      }
    }
    partial[(b * gridDim.x + blockIdx.x) * groups + g] = make_float2(sum, square);
  }
}

// y = silu(a x + d); every block makes a and d for itself from the partial sums.
__global__ void forward_kernel(const uint4* x, const float* scale, const float* shift, float eps, int64_t pixels,
                               int groups, Deal d, const float2* partial, float* mean, float* rstd, uint4* y) {
  const Place p = place_of(d, pixels);
  if (!p.busy) return;
  const int64_t b = blockIdx.y;
  const int lanes_a_group = d.lanes / groups, group = p.lane / lanes_a_group;
  double sum = 0, square = 0;
  for (int split = 0; split < d.splits; ++split) {
    const float2 m = partial[(b * d.splits + split) * groups + group];
    sum += m.x;
    square += m.y;
  }
  const double count = static_cast<double>(pixels) * lanes_a_group * kVector, m = sum / count;
  double variance = square / count - m * m;
  if (variance < 0) variance = 0;  // keeps a NaN
  const float r = static_cast<float>(1.0 / sqrt(variance + eps)), mf = static_cast<float>(m);
  if (blockIdx.x == 0 && p.row == 0 && p.lane % lanes_a_group == 0) {
    mean[b * groups + group] = mf;
    rstd[b * groups + group] = r;
  }
  const int64_t c = b * d.lanes * kVector + p.lane * kVector;
  float a[kVector], e[kVector];
#pragma unroll
  for (int k = 0; k < kVector; ++k) {
    a[k] = r * scale[c + k];
    e[k] = shift[c + k] - mf * a[k];
  }
  const uint4* from = x + b * pixels * d.lanes;
  uint4* to = y + b * pixels * d.lanes;
#pragma unroll 4
  for (int64_t i = p.begin + p.row; i < p.end; i += d.rows) {
    Vector v = load(from + i * d.lanes + p.lane);
#pragma unroll
    for (int k = 0; k < kVector; ++k) {
      const float u = a[k] * v.v[k] + e[k];
      v.v[k] = u * sigmoid(u);
    }
    store(to + i * d.lanes + p.lane, v);
  }
}

struct Coefficients {
  float a[kVector], e[kVector];
};

__device__ inline Coefficients coefficients(const float* scale, const float* shift, float mean, float rstd, int64_t c) {
  Coefficients r;
#pragma unroll
  for (int k = 0; k < kVector; ++k) {
    r.a[k] = rstd * scale[c + k];
    r.e[k] = shift[c + k] - mean * r.a[k];
  }
  return r;
}

// dy silu'(u)
__device__ inline float slope(float dy, float u) {
  const float s = sigmoid(u);
  return dy * s * (1.0f + u * (1.0f - s));
}

// partial[b][split][0][c] = sum g, [1][c] = sum g x, with g = dy silu'(a x + e)
__global__ void backward_sums_kernel(const uint4* x, const uint4* dy, const float* scale, const float* shift,
                                     const float* mean, const float* rstd, int64_t pixels, int groups, Deal d,
                                     float* partial) {
  extern __shared__ float shared_sums[];  // [rows][2][channels]
  const Place p = place_of(d, pixels);
  const int64_t b = blockIdx.y;
  const int channels = d.lanes * kVector;
  if (p.busy) {
    const int group = p.lane / (d.lanes / groups);
    const Coefficients q =
        coefficients(scale, shift, mean[b * groups + group], rstd[b * groups + group], b * channels + p.lane * kVector);
    float g[kVector] = {}, gx[kVector] = {};
    const uint4* xs = x + b * pixels * d.lanes;
    const uint4* dys = dy + b * pixels * d.lanes;
#pragma unroll 2
    for (int64_t i = p.begin + p.row; i < p.end; i += d.rows) {
      const Vector v = load(xs + i * d.lanes + p.lane), w = load(dys + i * d.lanes + p.lane);
#pragma unroll
      for (int k = 0; k < kVector; ++k) {
        const float s = slope(w.v[k], q.a[k] * v.v[k] + q.e[k]);
        g[k] += s;
        gx[k] += s * v.v[k];
      }
    }
#pragma unroll
    for (int k = 0; k < kVector; ++k) {
      shared_sums[(2 * p.row) * channels + p.lane * kVector + k] = g[k];
      shared_sums[(2 * p.row + 1) * channels + p.lane * kVector + k] = gx[k];
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < 2 * channels; i += blockDim.x) {
    float sum = 0;
    for (int row = 0; row < d.rows; ++row) sum += shared_sums[row * 2 * channels + i];
    partial[(b * gridDim.x + blockIdx.x) * 2 * channels + i] = sum;
  }
}

// From the partial sums: dscale, dshift, and for each group p and q of dx = a g - p - q x.
__global__ void backward_finish_kernel(const float* partial, const float* scale, const float* mean, const float* rstd,
                                       int64_t pixels, int groups, int channels, int splits, float* dscale,
                                       float* dshift, float2* pq) {
  extern __shared__ double shared_group[];  // [2][channels]
  const int64_t b = blockIdx.x;
  const int size = channels / groups;
  for (int c = threadIdx.x; c < channels; c += blockDim.x) {
    double g = 0, gx = 0;
    for (int split = 0; split < splits; ++split) {
      const float* sums = partial + (b * splits + split) * 2 * channels;
      g += sums[c];
      gx += sums[channels + c];
    }
    const double m = mean[b * groups + c / size], r = rstd[b * groups + c / size];
    const double centred = (gx - m * g) * r;
    dshift[b * channels + c] = static_cast<float>(g);
    dscale[b * channels + c] = static_cast<float>(centred);
    shared_group[c] = scale[b * channels + c] * g;
    shared_group[channels + c] = scale[b * channels + c] * centred;
  }
  __syncthreads();
  for (int group = threadIdx.x; group < groups; group += blockDim.x) {
    double mean_g = 0, mean_gx = 0;
    for (int c = group * size; c < (group + 1) * size; ++c) {
      mean_g += shared_group[c];
      mean_gx += shared_group[channels + c];
    }
    const double count = static_cast<double>(pixels) * size;
    const double m = mean[b * groups + group], r = rstd[b * groups + group];
    const double q = r * r * mean_gx / count;
    pq[b * groups + group] = make_float2(static_cast<float>(r * mean_g / count - m * q), static_cast<float>(q));
  }
}

__global__ void backward_kernel(const uint4* x, const uint4* dy, const float* scale, const float* shift,
                                const float* mean, const float* rstd, int64_t pixels, int groups, Deal d,
                                const float2* pq, uint4* dx) {
  const Place p = place_of(d, pixels);
  if (!p.busy) return;
  const int64_t b = blockIdx.y;
  const int group = p.lane / (d.lanes / groups);
  const Coefficients q = coefficients(scale, shift, mean[b * groups + group], rstd[b * groups + group],
                                      b * d.lanes * kVector + p.lane * kVector);
  const float2 centre = pq[b * groups + group];
  const int64_t sample = b * pixels * d.lanes;
#pragma unroll 2
  for (int64_t i = p.begin + p.row; i < p.end; i += d.rows) {
    const int64_t at = sample + i * d.lanes + p.lane;
    const Vector v = load(x + at), w = load(dy + at);
    Vector out;
#pragma unroll
    for (int k = 0; k < kVector; ++k) {
      out.v[k] = q.a[k] * slope(w.v[k], q.a[k] * v.v[k] + q.e[k]) - centre.x - centre.y * v.v[k];
    }
    store(dx + at, out);
  }
}

void check_launch(const char* what) {
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(error));
}

}  // namespace

int64_t GroupNormSiluShape::scratch() const {
  const Deal d = deal_of(*this);
  return batch * d.splits * 2 * channels + 2 * batch * groups;
}

void group_norm_silu_forward_cuda(const GroupNormSiluShape& s, const void* x, const float* scale, const float* shift,
                                  float eps, void* y, float* mean, float* rstd, float* scratch, CUstream_st* stream) {
  const Deal d = deal_of(s);
  const dim3 grid(static_cast<unsigned>(d.splits), static_cast<unsigned>(s.batch));
  const int groups = static_cast<int>(s.groups), threads = d.rows * d.lanes;
  auto* partial = reinterpret_cast<float2*>(scratch);
  moments_kernel<<<grid, threads, threads * sizeof(float2), stream>>>(static_cast<const uint4*>(x), s.pixels, groups, d,
                                                                      partial);
  forward_kernel<<<grid, threads, 0, stream>>>(static_cast<const uint4*>(x), scale, shift, eps, s.pixels, groups, d,
                                               partial, mean, rstd, static_cast<uint4*>(y));
  check_launch("group norm + SiLU");
}

void group_norm_silu_backward_cuda(const GroupNormSiluShape& s, const void* x, const void* dy, const float* scale,
                                   const float* shift, const float* mean, const float* rstd, void* dx, float* dscale,
                                   float* dshift, float* scratch, CUstream_st* stream) {
  const Deal d = deal_of(s);
  const dim3 grid(static_cast<unsigned>(d.splits), static_cast<unsigned>(s.batch));
  const int groups = static_cast<int>(s.groups), channels = static_cast<int>(s.channels), threads = d.rows * d.lanes;
  auto* pq = reinterpret_cast<float2*>(scratch);
  float* partial = scratch + 2 * s.batch * s.groups;
  const auto* xs = static_cast<const uint4*>(x);
  const auto* dys = static_cast<const uint4*>(dy);
  backward_sums_kernel<<<grid, threads, d.rows * 2 * channels * sizeof(float), stream>>>(
      xs, dys, scale, shift, mean, rstd, s.pixels, groups, d, partial);
  backward_finish_kernel<<<static_cast<unsigned>(s.batch), kThreads, 2 * channels * sizeof(double), stream>>>(
      partial, scale, mean, rstd, s.pixels, groups, channels, d.splits, dscale, dshift, pq);
  backward_kernel<<<grid, threads, 0, stream>>>(xs, dys, scale, shift, mean, rstd, s.pixels, groups, d, pq,
                                                static_cast<uint4*>(dx));
  check_launch("gradient of group norm + SiLU");
}

}  // namespace mgdm::kernels
