#include "core/priors/text/prompt_text.h"

#include <cstdlib>
#include <map>
#ifdef MGDM_UTF8PROC
#include <utf8proc.h>
#endif

#include "core/errors.h"

namespace mgdm {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The character at `i`, which is moved behind it; U+FFFD for a byte that begins none.
char32_t next_character(const std::string& s, size_t& i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(s[k]); };
  const unsigned char first = byte(i++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC2 ? 1 : 0;
  if (more == 0 || first >= 0xF5) return kReplacement;
  char32_t c = first & (0x3Fu >> more);
  for (int k = 0; k < more; ++k) {
    if (i + static_cast<size_t>(k) >= s.size() || (byte(i + static_cast<size_t>(k)) & 0xC0) != 0x80)
      return kReplacement;
    c = c << 6 | (byte(i + static_cast<size_t>(k)) & 0x3F);
  }
  const char32_t least[] = {0, 0x80, 0x800, 0x10000};
  if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return kReplacement;
  i += static_cast<size_t>(more);
  return c;
}

std::u32string characters_of(const std::string& utf8) {
  std::u32string text;
  for (size_t i = 0; i < utf8.size();) text += next_character(utf8, i);
  return text;
}

// The entity at `i` ("&amp;", "&#38;", "&#x26;"), which is moved behind it; 0: there is none.
char32_t entity_at(const std::u32string& text, size_t& i) {
  static const std::map<std::string, char32_t> names{{"amp", U'&'},  {"lt", U'<'},    {"gt", U'>'},
                                                     {"quot", U'"'}, {"apos", U'\''}, {"nbsp", 0xA0}};
  std::string name;
  size_t end = i + 1;
  for (; end < text.size() && text[end] < 0x80 && text[end] != U';' && name.size() < 10; ++end)
    name += static_cast<char>(text[end]);
  if (end >= text.size() || text[end] != U';' || name.empty()) return 0;
  char32_t c = 0;
  if (name[0] == '#') {
    const bool hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string digits = name.substr(hexadecimal ? 2 : 1);
    if (digits.empty() ||
        digits.find_first_not_of(hexadecimal ? "0123456789abcdefABCDEF" : "0123456789") != std::string::npos)
      return 0;
    c = static_cast<char32_t>(std::strtoul(digits.c_str(), nullptr, hexadecimal ? 16 : 10));
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = kReplacement;
  } else if (const auto found = names.find(name); found != names.end()) {
    c = found->second;
  }
  if (c != 0) i = end + 1;
  return c;
}

std::u32string without_entities(const std::u32string& text) {
  std::u32string plain;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = text[i] == U'&' ? entity_at(text, i) : 0;
    plain += c != 0 ? c : text[i++];
  }
  return plain;
}

bool between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

bool is_control(char32_t c) {
  return c < 0x09 || c == 0x0B || between(c, 0x0E, 0x1F) || c == 0x7F || between(c, 0x206A, 0x206F) || c == 0xFEFF ||
         between(c, 0xFFF9, 0xFFFC);
}

#ifdef MGDM_UTF8PROC
std::string mapped(const std::string& utf8, int options) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()),
                   &out, static_cast<utf8proc_option_t>(options));
  if (length < 0) return utf8;
  std::string result(reinterpret_cast<const char*>(out), static_cast<size_t>(length));
  std::free(out);
  return result;
}

std::u32string compatible(char32_t c) {
  return characters_of(mapped(utf8_of({c}), UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
}

std::u32string composed(const std::u32string& text) {
  return characters_of(mapped(utf8_of(text), UTF8PROC_STABLE | UTF8PROC_COMPOSE));
}

bool is_ligature_or_wide(char32_t c) {
  return c == 0x132 || c == 0x133 || c == 0x149 || between(c, 0x1C4, 0x1CC) || between(c, 0x1F1, 0x1F3) ||
         between(c, 0xFB00, 0xFB06) || between(c, 0xFF01, 0xFFEF);
}

bool is_cased(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT;
}

bool is_mark(char32_t c) {
  return c == U'\'' || utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_MN;
}

// A sigma at the end of a word has a form of its own (SpecialCasing's Final_Sigma).
bool is_final(const std::u32string& text, size_t i) {
  size_t before = i, after = i + 1;
  while (before > 0 && is_mark(text[before - 1])) --before;
  while (after < text.size() && is_mark(text[after])) ++after;
  return before > 0 && is_cased(text[before - 1]) && (after == text.size() || !is_cased(text[after]));
}

std::u32string lower_case(const std::u32string& text) {
  std::u32string lower;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == 0x130)
      lower += U"i\u0307";  // the one letter that becomes two
    else if (text[i] == 0x3A3)
      lower += is_final(text, i) ? U'\u03C2' : U'\u03C3';
    else
      lower += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i])));
  }
  return lower;
}
#else
void refuse_all_but_ascii(const std::u32string& text) {
  for (const char32_t c : text) {
    if (c >= 0x80)
      throw ModelError("the prompt has '" + utf8_of({c}) +
                       "', but this build knows the letters of ASCII only (it was made without utf8proc)");
  }
}

std::u32string compatible(char32_t c) { return {c}; }
std::u32string composed(const std::u32string& text) { return text; }
bool is_ligature_or_wide(char32_t) { return false; }

std::u32string lower_case(std::u32string text) {
  for (char32_t& c : text) {
    if (between(c, U'A', U'Z')) c += 32;
  }
  return text;
}
#endif

std::u32string mended(const std::u32string& text) {
  std::u32string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (is_control(c)) continue;
    if (c == 0x2BC || between(c, 0x2018, 0x201B))
      out += U'\'';
    else if (between(c, 0x201C, 0x201F))
      out += U'"';
    else if (is_ligature_or_wide(c))
      out += compatible(c);
    else
      out += c;
  }
  return composed(out);
}

std::u32string with_single_spaces(const std::u32string& text) {
  std::u32string out;
  for (const char32_t c : text) {
    if (!is_white_space(c))
      out += c;
    else if (!out.empty() && out.back() != U' ')
      out += U' ';
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

}  // namespace

std::string utf8_of(const std::u32string& text) {
  std::string s;
  const auto add = [&](char32_t bits) { s += static_cast<char>(bits); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      add(c);
    } else if (c < 0x800) {
      add(0xC0 | c >> 6);
      add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      add(0xE0 | c >> 12);
      add(0x80 | (c >> 6 & 0x3F));
      add(0x80 | (c & 0x3F));
    } else {
      add(0xF0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3F));
      add(0x80 | (c >> 6 & 0x3F));
      add(0x80 | (c & 0x3F));
    }
  }
  return s;
}

bool is_white_space(char32_t c) {
  return between(c, 0x09, 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || between(c, 0x2000, 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

#ifdef MGDM_UTF8PROC
bool is_letter(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_number(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}
#else
bool is_letter(char32_t c) { return between(c, U'a', U'z') || between(c, U'A', U'Z'); }
bool is_number(char32_t c) { return between(c, U'0', U'9'); }
#endif

std::u32string clean_prompt(const std::string& utf8) {
  std::u32string text = characters_of(utf8);
#ifndef MGDM_UTF8PROC
  refuse_all_but_ascii(text);
#endif
  text = mended(text);
  for (int k = 0; k < 3; ++k) text = without_entities(text);  // ftfy's own pass and CLIP's two
  return lower_case(with_single_spaces(text));
}

}  // namespace mgdm
