#include "core/networks/text_encoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace mgdm {

namespace {

const std::string kTextModel = "text_model.", kLayers = "text_model.encoder.layers.",
                  kTokens = "text_model.embeddings.token_embedding.weight",
                  kPositions = "text_model.embeddings.position_embedding.weight",
                  kFinalNorm = "text_model.final_layer_norm", kProjection = "text_projection";
constexpr double kTextEpsilon = 1e-5;

std::string text_layer(int64_t n) { return kLayers + std::to_string(n) + '.'; }

// Of a layer of OpenCLIP: what stands behind "transformer.resblocks.N.".
void add_open_clip(TextEncoder::Weights& named, const std::string& layer, const std::string& name,
                   const at::Tensor& tensor) {
  if (name.rfind("attn.in_proj_", 0) == 0) {
    const std::string kind = name.substr(13);  // weight or bias
    if (tensor.dim() == 0 || tensor.size(0) % 3 != 0)
      throw std::invalid_argument(layer + name + " is " + c10::str(tensor.sizes()) + ", not three maps in one");
    const auto parts = tensor.chunk(3, 0);
    const char* maps[] = {"q", "k", "v"};
    for (size_t i = 0; i < 3; ++i) named[layer + "self_attn." + maps[i] + "_proj." + kind] = parts[i].contiguous();
    return;
  }
  static const std::pair<const char*, const char*> kNames[] = {{"ln_1.", "layer_norm1."},
                                                               {"ln_2.", "layer_norm2."},
                                                               {"attn.out_proj.", "self_attn.out_proj."},
                                                               {"mlp.c_fc.", "mlp.fc1."},
                                                               {"mlp.c_proj.", "mlp.fc2."}};
  for (const auto& [theirs, ours] : kNames) {
    const std::string stem(theirs);
    if (name.rfind(stem, 0) == 0) {
      named[layer + ours + name.substr(stem.size())] = tensor;
      return;
    }
  }
  named[layer + name] = tensor;
}

}  // namespace

TextEncoder::Weights text_names(const TextEncoder::Weights& all, const std::string& prefix) {
  TextEncoder::Weights named;
  const std::string blocks = "transformer.resblocks.";
  for (auto i = all.lower_bound(prefix); i != all.end() && i->first.rfind(prefix, 0) == 0; ++i) {
    const std::string name = i->first.substr(prefix.size());
    const at::Tensor& tensor = i->second;
    if (name == "logit_scale" || name == "attn_mask" ||
        (name.size() >= 12 && name.compare(name.size() - 12, 12, "position_ids") == 0))
      continue;
    if (name.rfind(blocks, 0) == 0) {
      const size_t dot = name.find('.', blocks.size());
      if (dot == std::string::npos) throw std::invalid_argument("the weights' " + name + " belongs to no layer");
      add_open_clip(named, kLayers + name.substr(blocks.size(), dot - blocks.size()) + '.', name.substr(dot + 1),
                    tensor);
    } else if (name == "token_embedding.weight") {
      named[kTokens] = tensor;
    } else if (name == "positional_embedding") {
      named[kPositions] = tensor;
    } else if (name.rfind("ln_final.", 0) == 0) {
      named[kFinalNorm + name.substr(8)] = tensor;
    } else if (name == kProjection) {
      if (tensor.dim() != 2) throw std::invalid_argument("the weights' text_projection is no matrix");
      named[kProjection + ".weight"] = tensor.t().contiguous();
    } else if (name.rfind("encoder.", 0) == 0 || name.rfind("embeddings.", 0) == 0 ||
               name.rfind("final_layer_norm.", 0) == 0) {
      named[kTextModel + name] = tensor;
    } else {
      named[name] = tensor;
    }
  }
  return named;
}

TextEncoderConfig TextEncoderConfig::of(const NamedWeights& w) {
  TextEncoderConfig c;
  c.vocabulary = w.size(kTokens, 0);
  c.width = w.size(kTokens, 1);
  c.positions = w.size(kPositions, 0);
  c.layers = 0;
  while (w.has(text_layer(c.layers) + "mlp.fc1.weight")) ++c.layers;
  if (c.layers == 0) throw std::invalid_argument("the text encoder's weights have no layer");
  c.hidden = w.size(text_layer(0) + "mlp.fc1.weight", 0);
  c.embedding = w.has(kProjection + ".weight") ? w.size(kProjection + ".weight", 0) : 0;
  return c;
}

WeightLayout TextEncoderConfig::layout() const {
  WeightLayout layout;
  layout.add(kTokens, {vocabulary, width});
  layout.add(kPositions, {positions, width});
  const auto norm = [&](const std::string& name) {
    layout.add(name + ".weight", {width});
    layout.add(name + ".bias", {width});
  };
  for (int64_t n = 0; n < layers; ++n) {
    const std::string prefix = text_layer(n);
    norm(prefix + "layer_norm1");
    for (const char* map : {"q_proj", "k_proj", "v_proj", "out_proj"})
      layout.linear(prefix + "self_attn." + map, width, width);
    norm(prefix + "layer_norm2");
    layout.linear(prefix + "mlp.fc1", width, hidden);
    layout.linear(prefix + "mlp.fc2", hidden, width);
  }
  norm(kFinalNorm);
  if (has_projection()) layout.linear(kProjection, width, embedding, false);
  return layout;
}

TextEncoder::TextEncoder(const Weights& weights, const TextEncoderOptions& options)
    : weights_(weights, ""), options_(options), config_(TextEncoderConfig::of(weights_)) {
  config_.layout().check(weights_.all());
  if (options_.heads < 1 || config_.width % options_.heads != 0)
    throw std::invalid_argument("a text encoder " + std::to_string(config_.width) + " wide cannot have " +
                                std::to_string(options_.heads) + " heads");
  if (options_.left_out < 0 || options_.left_out >= config_.layers)
    throw std::invalid_argument("the text encoder has " + std::to_string(config_.layers) +
                                " layers, which are too few");
}

at::Tensor TextEncoder::layer(const NamedWeights& weights, const at::Tensor& x, const at::Tensor& mask) const {
  const int64_t batch = x.size(0), length = x.size(1), d = config_.width / options_.heads;
  const at::Tensor y = weights.layer_norm("layer_norm1", x, kTextEpsilon);
  const auto heads = [&](const char* map) {
    return weights.linear(std::string("self_attn.") + map, y)
        .reshape({batch, length, options_.heads, d})
        .transpose(1, 2);
  };
  const at::Tensor scores =
      at::matmul(heads("q_proj") * std::pow(static_cast<double>(d), -0.5), heads("k_proj").transpose(-2, -1))
          .to(at::kFloat) +
      mask;
  const at::Tensor values = heads("v_proj"),
                   attended = at::matmul(at::softmax(scores, -1).to(values.scalar_type()), values);
  const at::Tensor h =
      x + weights.linear("self_attn.out_proj", attended.transpose(1, 2).reshape({batch, length, config_.width}));
  at::Tensor inner = weights.linear("mlp.fc1", weights.layer_norm("layer_norm2", h, kTextEpsilon));
  inner = options_.quick_gelu ? inner * at::sigmoid(1.702 * inner) : at::gelu(inner);
  return h + weights.linear("mlp.fc2", inner);
}

TextEncoder::States TextEncoder::encode(const at::Tensor& ids, bool pool, at::Device device) const {
  if (ids.dim() != 2 || ids.size(1) != config_.positions)
    throw std::invalid_argument("the text encoder takes prompts of " + std::to_string(config_.positions) + " tokens");
  const at::Tensor& table = weights_.at(kTokens);
  const at::Tensor tokens = ids.to(table.device(), at::kLong);
  if (tokens.min().item<int64_t>() < 0 || tokens.max().item<int64_t>() >= config_.vocabulary)
    throw std::invalid_argument("the tokens must lie between 0 and " + std::to_string(config_.vocabulary - 1));
  at::NoGradGuard no_grad;
  at::Tensor h = (at::embedding(table, tokens) + weights_.at(kPositions)).to(device);
  const at::Tensor mask = at::full({config_.positions, config_.positions}, -std::numeric_limits<float>::infinity(),
                                   at::TensorOptions().dtype(at::kFloat).device(device))
                              .triu(1);
  States states;
  for (int64_t n = 0; n < config_.layers; ++n) {
    if (n == config_.layers - options_.left_out) states.tokens = h;
    if (states.tokens.defined() && !pool) break;
    h = layer(weights_.below(text_layer(n), device), h, mask);
  }
  if (!states.tokens.defined()) states.tokens = h;
  // The rest is little: where the weights are.
  if (options_.normalised)
    states.tokens = weights_.layer_norm(kFinalNorm, states.tokens.to(table.device()), kTextEpsilon);
  states.tokens = states.tokens.to(device, at::kFloat).contiguous();
  if (!pool) return states;
  const at::Tensor end = tokens.argmax(1), rows = at::arange(tokens.size(0), end.options());
  const at::Tensor last = weights_.layer_norm(kFinalNorm, h.to(table.device()), kTextEpsilon).index({rows, end});
  states.pooled =
      (config_.has_projection() ? weights_.linear(kProjection, last) : last).to(device, at::kFloat).contiguous();
  return states;
}

}  // namespace mgdm
