// A prompt's characters as CLIP's tokenizer wants them: what ftfy's `fix_text` does to a text that is already valid
// Unicode (ligatures, full-width forms, curly quotes, line breaks, control characters, NFC), HTML entities, white
// space, lower case of all scripts. Mojibake is not repaired, and of HTML's 2231 names only &amp; &lt; &gt; &quot;
// &apos; and &nbsp; are known (numbers all are). A build without utf8proc refuses what is not ASCII. Any thread.
#pragma once
#include <string>

namespace mgdm {

/// UTF-8 in any state -> its characters, cleaned, in lower case, every run of white space one space, none at the ends.
/// Throws ModelError: a character that this build has no tables for.
std::u32string clean_prompt(const std::string& utf8);
std::string utf8_of(const std::u32string& text);

bool is_letter(char32_t c);       ///< Unicode's L
bool is_number(char32_t c);       ///< Unicode's N: digits, fractions, numerals
bool is_white_space(char32_t c);  ///< Unicode's White_Space

}  // namespace mgdm
