// diffusers' names of Stable Diffusion's U-Net and autoencoder, turned into those of the single files.
#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include "core/networks/conditional_unet.h"
#include "core/networks/first_stage.h"

namespace mgdm {

namespace {

using Replacements = std::vector<std::pair<std::string, std::string>>;

// What stands in front of the first dot.
std::string head_of(std::string& rest) {
  const size_t dot = rest.find('.');
  std::string head = rest.substr(0, dot);
  rest = dot == std::string::npos ? "" : rest.substr(dot + 1);
  return head;
}

bool take(std::string& rest, const std::string& stem) {
  if (rest.rfind(stem, 0) != 0) return false;
  rest = rest.substr(stem.size());
  return true;
}

std::string replaced(const std::string& name, const Replacements& list) {
  for (const auto& [theirs, ours] : list) {
    if (name.rfind(theirs, 0) == 0) return ours + name.substr(theirs.size());
  }
  return name;
}

const Replacements& residual_names() {
  static const Replacements names{{"norm1.", "in_layers.0."},          {"conv1.", "in_layers.2."},
                                  {"time_emb_proj.", "emb_layers.1."}, {"norm2.", "out_layers.0."},
                                  {"conv2.", "out_layers.3."},         {"conv_shortcut.", "skip_connection."}};
  return names;
}

// How many blocks STEM0., STEM1... there are.
int64_t blocks_in(const NamedWeights::Map& weights, const std::string& stem) {
  int64_t count = 0;
  for (auto i = weights.lower_bound(stem); i != weights.end() && i->first.rfind(stem, 0) == 0; ++i)
    count = std::max<int64_t>(count, std::atoll(i->first.c_str() + stem.size()) + 1);
  return count;
}

// The part of a block behind "down_blocks.i." or "up_blocks.i.": `first` is the number of the level's first block.
std::string block_name(std::string rest, const char* stem, int64_t first, int64_t last, const char* resampler) {
  const auto numbered = [&](int64_t n) { return stem + std::to_string(n) + '.'; };
  if (take(rest, "resnets.")) {
    const int64_t r = std::atoll(head_of(rest).c_str());
    return numbered(first + r) + "0." + replaced(rest, residual_names());
  }
  if (take(rest, "attentions.")) {
    const int64_t r = std::atoll(head_of(rest).c_str());
    return numbered(first + r) + "1." + rest;
  }
  if (take(rest, "downsamplers.0.conv.") || take(rest, "upsamplers.0.conv.")) return numbered(last) + resampler + rest;
  return {};
}

std::string middle_name(std::string rest) {
  if (take(rest, "resnets.0.")) return "middle_block.0." + replaced(rest, residual_names());
  if (take(rest, "attentions.0.")) return "middle_block.1." + rest;
  if (take(rest, "resnets.1.")) return "middle_block.2." + replaced(rest, residual_names());
  return {};
}

std::string stage_residual(const std::string& rest) { return replaced(rest, {{"conv_shortcut.", "nin_shortcut."}}); }

std::string stage_name(const std::string& part, std::string rest, int64_t levels) {
  const std::string whole = rest;
  if (take(rest, "down_blocks.") || take(rest, "up_blocks.")) {
    const bool down = part == "encoder.";
    const int64_t i = std::atoll(head_of(rest).c_str()), level = down ? i : levels - 1 - i;
    const std::string stem = part + (down ? "down." : "up.") + std::to_string(level) + '.';
    if (take(rest, "resnets.")) {
      const std::string block = head_of(rest);
      return stem + "block." + block + '.' + stage_residual(rest);
    }
    if (take(rest, "downsamplers.0.conv.")) return stem + "downsample.conv." + rest;
    if (take(rest, "upsamplers.0.conv.")) return stem + "upsample.conv." + rest;
    return part + whole;
  }
  if (take(rest, "mid_block.resnets.0.")) return part + "mid.block_1." + stage_residual(rest);
  if (take(rest, "mid_block.resnets.1.")) return part + "mid.block_2." + stage_residual(rest);
  if (take(rest, "mid_block.attentions.0."))
    return part + "mid.attn_1." +
           replaced(rest, {{"group_norm.", "norm."},
                           {"query.", "q."},
                           {"key.", "k."},
                           {"value.", "v."},
                           {"proj_attn.", "proj_out."},
                           {"to_q.", "q."},
                           {"to_k.", "k."},
                           {"to_v.", "v."},
                           {"to_out.0.", "proj_out."}});
  if (take(rest, "conv_norm_out.")) return part + "norm_out." + rest;
  return part + whole;
}

}  // namespace

ConditionalUnet::Weights conditional_unet_names(const ConditionalUnet::Weights& diffusers, const std::string& prefix) {
  ConditionalUnet::Weights named;
  const int64_t blocks = blocks_in(diffusers, "down_blocks.0.resnets.");
  std::set<std::string> attentive;  // levels of the way up with transformers
  for (const auto& [name, tensor] : diffusers) {
    if (name.rfind("up_blocks.", 0) == 0 && name.find(".attentions.") != std::string::npos)
      attentive.insert(name.substr(10, name.find('.', 10) - 10));
  }
  for (const auto& [name, tensor] : diffusers) {
    std::string rest = name, ours;
    if (take(rest, "down_blocks.")) {
      const int64_t i = std::atoll(head_of(rest).c_str());
      ours = block_name(rest, "input_blocks.", 1 + i * (blocks + 1), (i + 1) * (blocks + 1), "0.op.");
    } else if (take(rest, "up_blocks.")) {
      const std::string level = head_of(rest);
      const int64_t i = std::atoll(level.c_str());
      ours = block_name(rest, "output_blocks.", i * (blocks + 1), i * (blocks + 1) + blocks,
                        attentive.count(level) != 0 ? "2.conv." : "1.conv.");
    } else if (take(rest, "mid_block.")) {
      ours = middle_name(rest);
    } else {
      ours = replaced(name, {{"time_embedding.linear_1.", "time_embed.0."},
                             {"time_embedding.linear_2.", "time_embed.2."},
                             {"add_embedding.linear_1.", "label_emb.0.0."},
                             {"add_embedding.linear_2.", "label_emb.0.2."},
                             {"conv_in.", "input_blocks.0.0."},
                             {"conv_norm_out.", "out.0."},
                             {"conv_out.", "out.2."}});
    }
    named[prefix + (ours.empty() ? name : ours)] = tensor;
  }
  return named;
}

FirstStage::Weights first_stage_names(const FirstStage::Weights& diffusers, const std::string& prefix) {
  FirstStage::Weights named;
  const int64_t levels = blocks_in(diffusers, "decoder.up_blocks.");
  for (const auto& [name, tensor] : diffusers) {
    std::string rest = name, ours = name;
    for (const char* part : {"encoder.", "decoder."}) {
      if (take(rest, part)) {
        ours = stage_name(part, rest, levels);
        break;
      }
    }
    // The attention's maps are matrices here, kernels of one pixel there.
    const bool map = ours.find(".mid.attn_1.") != std::string::npos && tensor.dim() == 2;
    named[prefix + ours] = map ? tensor.unsqueeze(2).unsqueeze(3) : tensor;
  }
  return named;
}

}  // namespace mgdm
