#include "core/compare/classical.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#ifdef MGDM_XPHOTO
#include <opencv2/xphoto.hpp>
#endif

#include "core/media/image_file.h"
#include "core/operators/blur_kernels.h"

namespace mgdm {

namespace {

cv::Mat mat_of(const at::Tensor& signal) {  // [3, H, W] in [-1, 1] -> 8-bit RGB
  const at::Tensor hwc = to_pixels(signal).permute({1, 2, 0}).contiguous();
  return cv::Mat(static_cast<int>(hwc.size(0)), static_cast<int>(hwc.size(1)), CV_8UC3, hwc.data_ptr()).clone();
}

at::Tensor signal_of(const cv::Mat& rgb) {
  const at::Tensor hwc = at::from_blob(rgb.data, {rgb.rows, rgb.cols, 3}, at::TensorOptions().dtype(at::kByte));
  return to_signal(hwc.permute({2, 0, 1}).contiguous()).unsqueeze(0);
}

at::Tensor wiener(const at::Tensor& y, const at::Tensor& kernel, double noise_to_signal) {
  const int64_t pad = 32;
  const at::Tensor padded = at::reflection_pad2d(y, {pad, pad, pad, pad});
  const int64_t h = padded.size(2), w = padded.size(3), k = kernel.size(0);
  if (k > h || k > w) throw OperatorError("the picture is too small for the Wiener filter");
  at::Tensor point = at::zeros({h, w}, at::kFloat);
  point.slice(0, 0, k).slice(1, 0, k).copy_(kernel);
  const at::Tensor transfer = at::fft_rfft2(point.roll({-(k / 2), -(k / 2)}, {0, 1}));
  const at::Tensor restored =
      at::fft_irfft2(at::fft_rfft2(padded) * transfer.conj() / (at::real(transfer * transfer.conj()) + noise_to_signal),
                     at::OptionalIntArrayRef(std::vector<int64_t>{h, w}));
  return restored.slice(2, pad, h - pad).slice(3, pad, w - pad).contiguous();
}

cv::Mat filled(const std::string& name, const cv::Mat& rgb, const cv::Mat& hole) {
  cv::Mat out;
  if (name == "fsr") {
#ifdef MGDM_XPHOTO
    cv::Mat known = hole == 0;
    cv::xphoto::inpaint(rgb, known, out, cv::xphoto::INPAINT_FSR_FAST);
#endif
  } else {
    cv::inpaint(rgb, hole, out, 4, name == "telea" ? cv::INPAINT_TELEA : cv::INPAINT_NS);
  }
  return out;
}

Setting strength(std::string help, double value, double low, double high) {
  return {"strength", "Strength", std::move(help), SettingKind::Real, value, low, high, {}};
}

}  // namespace

const std::vector<ClassicalMethod>& classical_methods() {
  static const std::vector<ClassicalMethod> list{
      {"telea", "Telea", true},
      {"navier_stokes", "Navier-Stokes", true},
#ifdef MGDM_XPHOTO
      {"fsr", "Frequency selective reconstruction", true},
#endif
      {"nlm", "Non-local means", false, {strength("h, in grey values of 255.", 20, 0.1, 255)}},
      {"wiener",
       "Wiener filter",
       false,
       {strength("Noise to signal, the ratio of their powers.", 0.01, 1e-6, 1),
        {"sigma", "Blur", "Deviation of the Gaussian blur, in pixels.", SettingKind::Real, 3, 0.1, 50, {}}}},
      {"bicubic", "Bicubic", false},
      {"observation", "The observation itself", false}};
  return list;
}

const ClassicalMethod& find_classical_method(const std::string& name) {
  std::string names;
  for (const ClassicalMethod& method : classical_methods()) {
    if (method.name == name) return method;
    names += (names.empty() ? "" : ", ") + method.name;
  }
  throw SettingError("there is no classical method '" + name + "'; there are " + names);
}

at::Tensor classical_result(const ClassicalMethod& method, const Settings& settings, const at::Tensor& observation,
                            const at::Tensor& hole, const std::vector<int64_t>& signal) {
  const auto same_size = [&] { return observation.size(2) == signal[1] && observation.size(3) == signal[2]; };
  if (method.fills) {
    if (!hole.defined()) throw OperatorError(method.label + " fills holes, and there is none");
    at::Tensor bytes = hole.to(at::kByte) * 255;
    bytes = bytes.contiguous();
    const cv::Mat mask(static_cast<int>(bytes.size(0)), static_cast<int>(bytes.size(1)), CV_8UC1, bytes.data_ptr());
    return signal_of(filled(method.name, mat_of(observation[0]), mask));
  }
  if (method.name != "bicubic" && !same_size())
    throw OperatorError(method.label + " cannot undo this: the observation is of another size");
  if (method.name == "nlm") {
    cv::Mat out;
    cv::fastNlMeansDenoising(mat_of(observation[0]), out, std::vector<float>{settings.at("strength").get<float>()}, 5,
                             15);
    return signal_of(out);
  }
  if (method.name == "wiener") {
    const at::Tensor kernel = gaussian_kernel(61, settings.at("sigma").get<double>()).to(at::kFloat);
    return wiener(observation, kernel, settings.at("strength").get<double>());
  }
  if (method.name == "bicubic") {
    cv::Mat out;
    cv::resize(mat_of(observation[0]), out, cv::Size(static_cast<int>(signal[2]), static_cast<int>(signal[1])), 0, 0,
               cv::INTER_CUBIC);
    return signal_of(out);
  }
  return observation;
}

}  // namespace mgdm
