// The pieces that JPEG, PNG and WebP files are made of: walked over and made. Any thread.
#pragma once
#include <string>

#include "core/media/photo_format.h"

namespace mgdm {

/// Calls visit(type, content) for each chunk of a PNG until it answers false or the file ends.
template <typename Visit>
void visit_png_chunks(const std::string& bytes, const Visit& visit) {
  for (size_t at = 8; at + 12 <= bytes.size();) {
    const size_t length = big_number(bytes, at, 4);
    if (length > bytes.size() - at - 12) return;
    const std::string type = bytes.substr(at + 4, 4);
    if (type == "IEND" || !visit(type, bytes.substr(at + 8, length))) return;
    at += length + 12;
  }
}

/// Calls visit(marker, content) for each segment of a JPEG before its pixels, until it answers false.
template <typename Visit>
void visit_jpeg_segments(const std::string& bytes, const Visit& visit) {
  for (size_t at = 2; at + 4 <= bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) != 0xff) return;
    const int marker = static_cast<unsigned char>(bytes[at + 1]);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) return;  // the scan begins
    const size_t length = big_number(bytes, at + 2, 2);
    if (length < 2 || length > bytes.size() - at - 2) return;
    if (!visit(marker, bytes.substr(at + 4, length - 2))) return;
    at += length + 2;
  }
}

/// Calls visit(type, content) for each chunk of a WebP until it answers false.
template <typename Visit>
void visit_webp_chunks(const std::string& bytes, const Visit& visit) {
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const size_t length = little_number(bytes, at + 4, 4);
    if (length > bytes.size() - at - 8) return;
    if (!visit(bytes.substr(at, 4), bytes.substr(at + 8, length))) return;
    at += 8 + length + (length & 1);
  }
}

std::string big_bytes(uint32_t value, int count);
/// A whole chunk with its length and check sum; a whole segment with marker and length (content at most 65533 bytes).
std::string png_chunk(const std::string& type, const std::string& content);
std::string jpeg_segment(char marker, const std::string& content);

/// zlib. `inflated` is empty where the data are damaged or longer than `limit`.
std::string inflated(const std::string& packed, size_t limit);
std::string deflated(const std::string& bytes);

}  // namespace mgdm
