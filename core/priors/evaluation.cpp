#include "core/priors/evaluation.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "core/errors.h"
#include "core/networks/audio_unet.h"
#include "core/networks/first_stage.h"

namespace mgdm {

std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model,
                                                     const std::map<std::string, at::Tensor>& input) {
  const auto find = [&](const char* name) { return input.count(name) != 0 ? input.at(name) : at::Tensor(); };
  std::map<std::string, at::Tensor> result;
  const auto differentiate = [&](const at::Tensor& given, const std::function<at::Tensor(const at::Tensor&)>& map) {
    const at::Tensor w = find("w");
    if (!w.defined()) {
      at::NoGradGuard no_grad;
      return map(given.to(at::kFloat));
    }
    at::AutoGradMode with_grad(true);
    const at::Tensor leaf = given.to(at::kFloat).detach().clone().requires_grad_(true), out = map(leaf);
    if (w.sizes() != out.sizes())
      throw ModelError("the input's w is " + c10::str(w.sizes()) + ", the output " + c10::str(out.sizes()));
    result["grad"] = torch::autograd::grad({out}, {leaf}, {w.to(at::kFloat)})[0].detach();
    return out.detach();
  };
  try {
    if (const at::Tensor x = find("x"), sigma = find("sigma"); x.defined() && sigma.defined()) {
      if (!model.audio) throw ModelError("this model takes t, not sigma");
      if (sigma.numel() != 1 && sigma.numel() != x.size(0))
        throw ModelError("sigma must be one number or one for each sample");
      at::Tensor raw;
      result["x0"] = differentiate(x, [&](const at::Tensor& v) { return model.audio->denoise(v, sigma, &raw); });
      result["out"] = raw.detach();
      const at::Tensor s = sigma.to(at::kDouble).reshape({-1, 1, 1});
      result["eps"] = ((x.to(at::kDouble) - result["x0"].to(at::kDouble)) / s).to(at::kFloat);
    } else if (const at::Tensor t = find("t"); x.defined() && t.defined()) {
      if (!model.denoises())
        throw ModelError(model.audio ? "this model is of sound; it takes x and sigma"
                                     : "this model is an autoencoder alone; it takes z or image");
      const at::Tensor levels = t.reshape({-1}).to(at::kLong);
      if (levels.numel() != 1 && levels.numel() != x.size(0))
        throw ModelError("t must be one number or one for each sample");
      if (levels.min().item<int64_t>() < 0 || levels.max().item<int64_t>() > 999)
        throw ModelError("t must lie between 0 and 999");
      const at::Tensor y = find("y");
      result["out"] = differentiate(x, [&](const at::Tensor& v) { return model.forward(v, levels, y); });
      result["eps"] = result["out"].slice(1, 0, model.channels).contiguous();
      const at::Tensor a = model.alphas_cumprod.index_select(0, levels).reshape({-1, 1, 1, 1});
      result["x0"] = ((x.to(at::kDouble) - (1 - a).sqrt() * result["eps"].to(at::kDouble)) / a.sqrt()).to(at::kFloat);
    } else if (const at::Tensor z = find("z"); z.defined()) {
      if (!model.first_stage) throw ModelError("this model has no autoencoder to decode with");
      result["decoded"] = differentiate(z, [&](const at::Tensor& v) { return model.first_stage->decode(v); });
    } else if (const at::Tensor image = find("image"); image.defined()) {
      if (!model.first_stage) throw ModelError("this model has no autoencoder to encode with");
      result["encoded"] = differentiate(image, [&](const at::Tensor& v) { return model.first_stage->encode(v); });
    } else {
      throw ModelError("the input holds none of {x, t}, {x, sigma}, {z}, {image}");
    }
  } catch (const std::invalid_argument& e) {
    throw ModelError(std::string("the input does not fit the model: ") + e.what());
  } catch (const c10::Error& e) {
    throw ModelError(std::string("the input does not fit the model: ") + e.what_without_backtrace());
  }
  return result;
}

}  // namespace mgdm
