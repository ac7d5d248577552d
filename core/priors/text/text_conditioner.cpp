#include "core/priors/text/text_conditioner.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "core/errors.h"

namespace mgdm {

namespace {

// The end token: the tokenizer's, else the last of the published vocabulary, behind which some have added words.
int64_t end_of(const TextConditioner::Part& part) {
  constexpr int64_t kPublished = 49408;
  return part.tokenizer ? part.tokenizer->end() : std::min(part.encoder->config().vocabulary, kPublished) - 1;
}

// The same prompt with the padding of another encoder: what stands behind the first end token.
at::Tensor repadded(const at::Tensor& ids, int64_t end, int64_t padding) {
  const at::Tensor first = ids.argmax(1, true), places = at::arange(ids.size(1), ids.options()).unsqueeze(0);
  const at::Tensor same = at::where(places > first, at::full_like(ids, padding), ids);
  if (ids.numel() > 0 && (ids.gather(1, first) != end).any().item<bool>())
    throw std::invalid_argument("the tokens have no end (" + std::to_string(end) + ")");
  return same;
}

bool is_empty(const std::string& prompt) {
  return std::all_of(prompt.begin(), prompt.end(), [](unsigned char c) { return c == ' ' || (c >= 9 && c <= 13); });
}

}  // namespace

TextConditioner::TextConditioner(std::vector<Part> parts, bool pools) : parts_(std::move(parts)), pools_(pools) {
  for (const Part& part : parts_) {
    if (part.tokenizer && std::max(part.tokenizer->end(), part.tokenizer->start()) >= part.encoder->config().vocabulary)
      throw std::invalid_argument("the vocabulary has " + std::to_string(part.tokenizer->size()) +
                                  " tokens, the text encoder knows " +
                                  std::to_string(part.encoder->config().vocabulary));
  }
}

bool TextConditioner::has_vocabulary() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.tokenizer != nullptr; });
}

int64_t TextConditioner::pooled_width() const {
  const TextEncoderConfig& config = parts_.back().encoder->config();
  return config.has_projection() ? config.embedding : config.width;
}

TextCondition TextConditioner::encode(const std::vector<at::Tensor>& given, bool pool) const {
  if (given.empty() || given.size() > parts_.size())
    throw std::invalid_argument("the model has " + std::to_string(parts_.size()) + " text encoder(s)");
  std::vector<at::Tensor> states;
  TextCondition condition;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const at::Tensor ids =
        i < given.size() ? given[i] : repadded(given[0], end_of(part), part.padded_with_end ? end_of(part) : 0);
    const bool last = i + 1 == parts_.size();
    const TextEncoder::States s = part.encoder->encode(ids, last && (pool || pools_), device_);
    states.push_back(s.tokens);
    if (last) condition.pooled = s.pooled;
  }
  condition.context = states.size() == 1 ? states[0] : at::cat(states, 2);
  return condition;
}

std::vector<at::Tensor> TextConditioner::tokenize(const std::string& prompt, std::string* cut) const {
  if (cut != nullptr) cut->clear();
  std::vector<at::Tensor> ids;
  for (const Part& part : parts_) {
    TokenizedPrompt tokens;
    if (part.tokenizer) {
      tokens = part.tokenizer->encode(prompt);
    } else if (is_empty(prompt)) {
      tokens.ids = {end_of(part) - 1, end_of(part)};
    } else {
      throw ModelError(
          "the model has no vocabulary, so it knows the empty prompt only; lay merges.txt (and vocab.json) of its "
          "tokenizer beside its file or into a folder 'tokenizer' there, or into 'clip-tokenizer' in your model "
          "folder");
    }
    ids.push_back(padded_prompt(tokens.ids, part.padded_with_end ? tokens.ids.back() : 0));
    if (cut != nullptr && cut->size() < tokens.cut.size()) *cut = tokens.cut;
  }
  return ids;
}

TextCondition TextConditioner::encode(const std::string& prompt, std::string* cut) const {
  return encode(tokenize(prompt, cut));
}

TextCondition TextConditioner::nothing() const {
  int64_t width = 0;
  for (const Part& part : parts_) width += part.encoder->config().width;
  TextCondition condition{at::zeros({1, kPromptTokens, width}, device_), {}};
  if (pools_) condition.pooled = at::zeros({1, pooled_width()}, device_);
  return condition;
}

std::shared_ptr<const TextGuidance> without_words(const TextConditioner& conditioner) {
  auto guidance = std::make_shared<TextGuidance>();
  guidance->wanted = conditioner.encode("");
  return guidance;
}

at::Tensor size_label(const at::Tensor& pooled, const std::vector<double>& sizes, int64_t label_width) {
  const int64_t width = (label_width - pooled.size(1)) / static_cast<int64_t>(sizes.size());
  if (width < 2 || width * static_cast<int64_t>(sizes.size()) + pooled.size(1) != label_width)
    throw std::invalid_argument("the U-Net's label is " + std::to_string(label_width) + " wide, the pooled text " +
                                std::to_string(pooled.size(1)) + ", which leaves no place for six sizes");
  const at::Tensor numbers = at::tensor(sizes, at::TensorOptions().dtype(at::kFloat)).to(pooled.device());
  return at::cat({pooled, sinusoids(numbers, width).reshape({1, -1}).expand({pooled.size(0), -1})}, 1);
}

at::Tensor guided_output(const ConditionalUnet& network, const at::Tensor& x, const at::Tensor& t,
                         const TextGuidance& guidance, int64_t factor) {
  const auto height = static_cast<double>(factor * x.size(2)), width = static_cast<double>(factor * x.size(3));
  const auto output = [&](const TextCondition& told) {
    at::Tensor y;
    if (network.config().label > 0)
      y = size_label(told.pooled.to(x.device()), {height, width, 0, 0, height, width}, network.config().label);
    return network.forward(x, t, told.context.to(x.device()), y);
  };
  const at::Tensor wanted = output(guidance.wanted);
  if (guidance.scale == 1) return wanted;
  const at::Tensor unwanted = output(guidance.unwanted);
  return unwanted + guidance.scale * (wanted - unwanted);
}

}  // namespace mgdm
