// CLIP's byte-pair encoding of a prompt (Radford et al. 2021; openai/CLIP's `simple_tokenizer`): the vocabulary is 256
// symbols of bytes, the same at the end of a word, one for each merge, and two marks for start and end.
//
// The rules are the original's, for every encoder: Hugging Face's tokenizers leave HTML entities and curly quotes as
// they are, which matters for such prompts only. Immutable: any thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mgdm {

/// Tokens a text encoder takes, start, end and padding among them.
constexpr int64_t kPromptTokens = 77;

struct TokenizedPrompt {
  std::vector<int64_t> ids;  ///< start, at most 75 tokens, end; not padded
  std::string cut;           ///< what of the prompt, cleaned, did not fit; empty: all of it did
};

class ClipTokenizer {
 public:
  /// A folder with `merges.txt` (and `vocab.json`, without which tokens are numbered as they come), or such a file, or
  /// the original's `bpe_simple_vocab_16e6.txt`. Throws ModelError, one sentence with the file's name.
  explicit ClipTokenizer(const std::filesystem::path& path);
  /// Whether there is a vocabulary at `path`.
  static bool is_at(const std::filesystem::path& path);

  TokenizedPrompt encode(const std::string& prompt) const;
  int64_t size() const { return static_cast<int64_t>(ids_.size()); }  ///< entries; 49408 in the published models
  int64_t start() const { return start_; }
  int64_t end() const { return end_; }

 private:
  std::vector<int64_t> piece(const std::string& utf8) const;

  std::unordered_map<std::string, int64_t> ids_;
  std::map<std::pair<std::string, std::string>, size_t> ranks_;
  int64_t start_ = 0, end_ = 0;
};

/// `ids` behind each other, filled up with `padding`: int64 [1, 77].
at::Tensor padded_prompt(const std::vector<int64_t>& ids, int64_t padding);

}  // namespace mgdm
