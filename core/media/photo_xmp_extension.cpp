#include "core/media/photo_xmp_extension.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "core/files/hash.h"
#include "core/media/photo_containers.h"
#include "core/media/photo_metadata.h"

namespace mgdm {

namespace {

constexpr size_t kMostExtension = 64U << 20, kMostPacket = 65533 - 29, kGuid = 32, kPieceHead = kGuid + 8;
const std::string kPacketHead("http://ns.adobe.com/xap/1.0/\0", 29),
    kExtensionHead("http://ns.adobe.com/xmp/extension/\0", 35);

// Where the content of <rdf:RDF ...> lies, and where its tag begins; npos: there is none.
struct Described {
  size_t tag = std::string::npos, begin = 0, end = 0;
};

Described described_in(const std::string& xmp) {
  Described d;
  const size_t tag = xmp.find("<rdf:RDF"), open = tag == std::string::npos ? tag : xmp.find('>', tag);
  const size_t end = xmp.rfind("</rdf:RDF>");
  if (open == std::string::npos || end == std::string::npos || end < open) return d;
  return {tag, open + 1, end};
}

// The name spaces that are declared before the content: name -> declaration.
std::map<std::string, std::string> declared(const std::string& text) {
  std::map<std::string, std::string> spaces;
  for (size_t at = 0; (at = text.find("xmlns:", at)) != std::string::npos; ++at) {
    const size_t equals = text.find('=', at);
    if (equals == std::string::npos || equals + 1 >= text.size()) break;
    const size_t close = text.find(text[equals + 1], equals + 2);
    if (close == std::string::npos) break;
    spaces[text.substr(at, equals - at)] = text.substr(at, close + 1 - at);
  }
  return spaces;
}

}  // namespace

std::string xmp_extension(const std::string& jpeg, const std::string& guid) {
  if (guid.size() != kGuid) return {};
  std::map<size_t, std::string> pieces;  // by their place
  size_t length = 0;
  visit_jpeg_segments(jpeg, [&](int marker, const std::string& content) {
    const size_t at = kExtensionHead.size();
    if (marker != 0xe1 || content.compare(0, at, kExtensionHead) != 0 || content.size() < at + kPieceHead ||
        content.compare(at, kGuid, guid) != 0)
      return true;
    length = big_number(content, at + kGuid, 4);
    pieces[big_number(content, at + kGuid + 4, 4)] = content.substr(at + kPieceHead);
    return true;
  });
  std::string whole;
  for (const auto& [place, piece] : pieces) {
    if (place != whole.size() || whole.size() > kMostExtension) return {};
    whole += piece;
  }
  return whole.size() == length ? whole : std::string();
}

std::string merged_xmp(const std::string& packet, const std::string& extension) {
  if (extension.empty()) return packet;
  const Described from = described_in(extension), to = described_in(packet);
  if (from.tag == std::string::npos) return packet;
  if (to.tag == std::string::npos) return extension;
  std::string out = packet;
  out.insert(to.end, extension.substr(from.begin, from.end - from.begin));
  const auto there = declared(packet.substr(0, to.begin));
  std::string more;
  for (const auto& [name, declaration] : declared(extension.substr(0, from.begin))) {
    if (there.count(name) == 0) more += " " + declaration;
  }
  out.insert(to.tag + std::string("<rdf:RDF").size(), more);
  return without_extension_mark(out);
}

std::string xmp_segments(const std::string& packet, const std::string& extension) {
  std::string first = packet, rest = extension;
  if (packet.size() > kMostPacket) {
    const std::string all = merged_xmp(packet, extension);
    const size_t begin = all.find("<x:xmpmeta"), end = all.rfind("</x:xmpmeta>");
    first.clear();
    rest = begin == std::string::npos || end == std::string::npos || end < begin ? all
                                                                                 : all.substr(begin, end + 12 - begin);
  }
  std::string segments;
  if (rest.empty()) return first.empty() ? first : jpeg_segment('\xe1', kPacketHead + first);
  std::string guid = md5_of(rest);
  std::transform(guid.begin(), guid.end(), guid.begin(), [](unsigned char c) { return std::toupper(c); });
  const std::string marked = with_extension_mark(first, guid);
  if (marked.size() > kMostPacket) return jpeg_segment('\xe1', kPacketHead + first);
  segments = jpeg_segment('\xe1', kPacketHead + marked);
  constexpr size_t kPiece = 65400;
  for (size_t at = 0; at < rest.size(); at += kPiece) {
    segments += jpeg_segment('\xe1', kExtensionHead + guid + big_bytes(static_cast<uint32_t>(rest.size()), 4) +
                                         big_bytes(static_cast<uint32_t>(at), 4) + rest.substr(at, kPiece));
  }
  return segments;
}

}  // namespace mgdm
