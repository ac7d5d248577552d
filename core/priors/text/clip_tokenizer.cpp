#include "core/priors/text/clip_tokenizer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/priors/text/prompt_text.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostMerges = 48894;  // what follows in the original's file is not used
const std::string kWordEnd = "</w>", kStartMark = "<|startoftext|>", kEndMark = "<|endoftext|>";

// The character that stands for each byte, and the bytes in the order of their symbols' ids.
struct ByteSymbols {
  std::array<std::string, 256> of;
  std::vector<int> order;
  ByteSymbols() {
    std::vector<int> others;
    for (int b = 0; b < 256; ++b) {
      const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      const char32_t c = printable ? static_cast<char32_t>(b) : 256 + static_cast<char32_t>(others.size());
      of[static_cast<size_t>(b)] = utf8_of({c});
      (printable ? order : others).push_back(b);
    }
    order.insert(order.end(), others.begin(), others.end());
  }
};

const ByteSymbols& byte_symbols() {
  static const ByteSymbols symbols;
  return symbols;
}

fs::path merges_at(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return fs::is_regular_file(path, error) ? path : fs::path();
  for (const char* name : {"merges.txt", "bpe_simple_vocab_16e6.txt"}) {
    if (fs::is_regular_file(path / name, error)) return path / name;
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> read_merges(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line)) throw ModelError(file.string() + ": cannot be read as a list of merges");
  if (line.find("#version") == std::string::npos)
    throw ModelError(file.string() + ": is no list of merges (its first line has no #version)");
  std::vector<std::pair<std::string, std::string>> merges;
  while (merges.size() < kMostMerges && std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const size_t space = line.find(' ');
    if (space == 0 || space == std::string::npos || line.find(' ', space + 1) != std::string::npos ||
        space + 1 == line.size())
      throw ModelError(file.string() + ": line " + std::to_string(merges.size() + 2) + " is no pair of symbols");
    merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return merges;
}

// "'s", "'re"...: how many characters of `text` at `i` are such an ending.
size_t contraction_at(const std::u32string& text, size_t i) {
  for (const std::u32string_view ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
    if (text.compare(i, ending.size(), ending) == 0) return ending.size();
  }
  return 0;
}

// Behind the longest piece of a kind that begins at `i`.
size_t piece_end(const std::u32string& text, size_t i) {
  if (const size_t length = contraction_at(text, i)) return i + length;
  if (is_number(text[i])) return i + 1;
  const bool letters = is_letter(text[i]);
  size_t end = i + 1;
  while (end < text.size() && !is_white_space(text[end]) && !is_number(text[end]) && is_letter(text[end]) == letters)
    ++end;
  return end;
}

}  // namespace

bool ClipTokenizer::is_at(const fs::path& path) { return !merges_at(path).empty(); }

ClipTokenizer::ClipTokenizer(const fs::path& path) {
  const fs::path file = merges_at(path);
  if (file.empty()) throw ModelError(path.string() + ": has no merges.txt, the vocabulary of prompts");
  const auto merges = read_merges(file);
  for (size_t i = 0; i < merges.size(); ++i) ranks_.emplace(merges[i], i);
  const fs::path vocabulary = file.parent_path() / "vocab.json";
  std::error_code error;
  if (file.filename() == "merges.txt" && fs::is_regular_file(vocabulary, error)) {
    const nlohmann::json entries = read_json(vocabulary);
    if (!entries.is_object()) throw ModelError(vocabulary.string() + ": is no JSON object of tokens");
    for (const auto& [token, id] : entries.items()) {
      if (!id.is_number_integer()) throw ModelError(vocabulary.string() + ": the id of '" + token + "' is no integer");
      ids_[token] = id.get<int64_t>();
    }
  } else {
    int64_t next = 0;
    for (const auto* ending : {"", "</w>"}) {
      for (const int byte : byte_symbols().order) ids_[byte_symbols().of[static_cast<size_t>(byte)] + ending] = next++;
    }
    for (const auto& [left, right] : merges) ids_[left + right] = next++;
    ids_[kStartMark] = next++;
    ids_[kEndMark] = next++;
  }
  const auto needed = [&](const std::string& token) {
    const auto found = ids_.find(token);
    if (found == ids_.end()) throw ModelError(vocabulary.string() + ": lacks the token '" + token + "'");
    return found->second;
  };
  start_ = needed(kStartMark);
  end_ = needed(kEndMark);
  for (const std::string& symbol : byte_symbols().of) {
    needed(symbol);
    needed(symbol + kWordEnd);
  }
  for (const auto& [left, right] : merges) needed(left + right);
}

std::vector<int64_t> ClipTokenizer::piece(const std::string& utf8) const {
  std::vector<std::string> symbols;
  for (const char c : utf8) symbols.push_back(byte_symbols().of[static_cast<unsigned char>(c)]);
  symbols.back() += kWordEnd;
  for (;;) {
    std::optional<std::pair<std::string, std::string>> best;
    size_t lowest = ranks_.size();
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto found = ranks_.find({symbols[i], symbols[i + 1]});
      if (found == ranks_.end() || found->second >= lowest) continue;
      lowest = found->second;
      best = found->first;
    }
    if (!best) break;
    std::vector<std::string> merged;
    for (size_t i = 0; i < symbols.size(); ++i) {
      const bool pair = i + 1 < symbols.size() && symbols[i] == best->first && symbols[i + 1] == best->second;
      merged.push_back(pair ? symbols[i] + symbols[i + 1] : symbols[i]);
      if (pair) ++i;
    }
    symbols = std::move(merged);
  }
  std::vector<int64_t> ids;
  for (const std::string& symbol : symbols) ids.push_back(ids_.at(symbol));
  return ids;
}

TokenizedPrompt ClipTokenizer::encode(const std::string& prompt) const {
  const std::u32string text = clean_prompt(prompt);
  static const std::u32string start = U"<|startoftext|>", end = U"<|endoftext|>";
  TokenizedPrompt result{{start_}, {}};
  std::u32string cut;
  constexpr auto kMost = static_cast<size_t>(kPromptTokens - 1);  // the end takes the last place
  for (size_t i = 0; i < text.size();) {
    if (is_white_space(text[i])) {
      ++i;
      continue;
    }
    std::vector<int64_t> ids;
    size_t behind = 0;
    if (text.compare(i, start.size(), start) == 0) {
      behind = i + start.size();
      ids = {start_};
    } else if (text.compare(i, end.size(), end) == 0) {
      behind = i + end.size();
      ids = {end_};
    } else {
      behind = piece_end(text, i);
      ids = piece(utf8_of(text.substr(i, behind - i)));
    }
    const size_t room = kMost - result.ids.size(), taken = std::min(room, ids.size());
    result.ids.insert(result.ids.end(), ids.begin(), ids.begin() + static_cast<long>(taken));
    if (taken < ids.size()) {
      cut = text.substr(i);
      break;
    }
    i = behind;
  }
  result.ids.push_back(end_);
  result.cut = utf8_of(cut);
  return result;
}

at::Tensor padded_prompt(const std::vector<int64_t>& ids, int64_t padding) {
  std::vector<int64_t> row = ids;
  row.resize(static_cast<size_t>(kPromptTokens), padding);
  return at::tensor(row, at::kLong).unsqueeze(0);
}

}  // namespace mgdm
