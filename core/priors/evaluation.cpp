#include "core/priors/evaluation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "core/errors.h"
#include "core/networks/audio_unet.h"
#include "core/networks/conditional_unet.h"
#include "core/networks/first_stage.h"
#include "core/priors/text/text_conditioner.h"

namespace mgdm {

namespace {

using Tensors = std::map<std::string, at::Tensor>;

at::Tensor tensor_in(const Tensors& input, const char* name) {
  return input.count(name) != 0 ? input.at(name) : at::Tensor();
}

// Noise and x_0 from what the network gave for x at `levels`, in double.
void add_estimates(const PublishedModel& model, const at::Tensor& x, const at::Tensor& levels, Tensors& result) {
  const at::Tensor out = result["out"].slice(1, 0, model.channels).to(at::kDouble),
                   a = model.alphas_cumprod.index_select(0, levels.cpu()).reshape({-1, 1, 1, 1}).to(out.device()),
                   signal = a.sqrt(), noise = (1 - a).sqrt(), given = x.to(at::kDouble);
  at::Tensor eps = out, x0;
  if (model.prediction == Prediction::Velocity) {
    eps = signal * out + noise * given;
    x0 = signal * given - noise * out;
  } else if (model.prediction == Prediction::Sample) {
    eps = (given - signal * out) / noise;
    x0 = out;
  } else {
    x0 = (given - noise * out) / signal;
  }
  result["eps"] = eps.to(at::kFloat).contiguous();
  result["x0"] = x0.to(at::kFloat).contiguous();
}

// `tokens` [B, 77], or [encoders, B, 77], or `tokens` and `tokens_2` (the second encoder's padding is another).
void encode_tokens(const PublishedModel& model, const Tensors& input, Tensors& result) {
  if (!model.text) throw ModelError("this model has no text encoder");
  const at::Tensor tokens = tensor_in(input, "tokens"), second = tensor_in(input, "tokens_2");
  std::vector<at::Tensor> ids;
  if (tokens.dim() == 3)
    ids = tokens.to(at::kLong).unbind(0);
  else
    ids.push_back((tokens.dim() == 1 ? tokens.unsqueeze(0) : tokens).to(at::kLong));
  if (second.defined()) ids.push_back(second.to(at::kLong));
  const TextCondition condition = model.text->encode(ids, true);
  result["text"] = condition.context.to(at::kCPU);
  if (condition.pooled.defined()) result["pooled"] = condition.pooled.to(at::kCPU);
}

}  // namespace

std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model,
                                                     const std::map<std::string, at::Tensor>& input) {
  const auto find = [&](const char* name) { return tensor_in(input, name); };
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
      const at::Tensor y = find("y"), context = find("context");
      if (model.conditional && !context.defined())
        throw ModelError("this model is told a context: the states that a text encoder gives for tokens");
      result["out"] = differentiate(x, [&](const at::Tensor& v) {
        return model.conditional ? model.conditional->forward(v, levels, context, y) : model.forward(v, levels, y);
      });
      add_estimates(model, x, levels, result);
    } else if (find("tokens").defined()) {
      encode_tokens(model, input, result);
    } else if (const at::Tensor z = find("z"); z.defined()) {
      if (!model.first_stage) throw ModelError("this model has no autoencoder to decode with");
      result["decoded"] = differentiate(z, [&](const at::Tensor& v) { return model.first_stage->decode(v); });
    } else if (const at::Tensor image = find("image"); image.defined()) {
      if (!model.first_stage) throw ModelError("this model has no autoencoder to encode with");
      result["encoded"] = differentiate(image, [&](const at::Tensor& v) { return model.first_stage->encode(v); });
    } else {
      throw ModelError("the input holds none of {x, t}, {x, sigma}, {tokens}, {z}, {image}");
    }
  } catch (const std::invalid_argument& e) {
    throw ModelError(std::string("the input does not fit the model: ") + e.what());
  } catch (const c10::Error& e) {
    throw ModelError(std::string("the input does not fit the model: ") + e.what_without_backtrace());
  }
  return result;
}

}  // namespace mgdm
