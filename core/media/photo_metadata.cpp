#include "core/media/photo_metadata.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <map>

#include "core/media/exif.h"
#include "core/media/heif_photo.h"
#include "core/media/photo_containers.h"
#include "core/media/photo_xmp_extension.h"
#include "core/media/tiff_photo.h"

namespace mgdm {

const char* const kMadeInPart = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

namespace {

constexpr size_t kMaxProfileBytes = 16U << 20, kMaxTextBytes = 64U << 20, kMaxSegment = 65533;
const std::string kRunText = "mgdm-run", kXmpText = "XML:com.adobe.xmp", kNoLanguage("\0\0\0\0\0", 5);
const std::string kIccHead("ICC_PROFILE\0", 12), kExifHead("Exif\0\0", 6),
    kXmpHead("http://ns.adobe.com/xap/1.0/\0", 29), kIptcHead("Photoshop 3.0\0", 14);
constexpr int kIptcResource = 0x0404;
constexpr const char *kRunProperty = "RunSettings", *kExtensionProperty = "HasExtendedXMP";

bool begins_with(const std::string& bytes, const std::string& prefix) {
  return bytes.compare(0, prefix.size(), prefix) == 0;
}

std::string without_head(const std::string& exif) { return begins_with(exif, kExifHead) ? exif.substr(6) : exif; }

// IPTC among the resources of Photoshop ("8BIM", number, name, length, data).
std::string iptc_of(const std::string& resources) {
  for (size_t at = 0; at + 12 <= resources.size() && resources.compare(at, 4, "8BIM") == 0;) {
    const uint64_t number = big_number(resources, at + 4, 2), name = big_number(resources, at + 6, 1);
    const size_t length_at = at + 6 + ((1 + name + 1) & ~1ULL);
    const uint64_t length = big_number(resources, length_at, 4);
    if (length_at + 4 > resources.size() || length > resources.size() - length_at - 4) return {};
    if (number == kIptcResource) return resources.substr(length_at + 4, length);
    at = length_at + 4 + ((length + 1) & ~1ULL);
  }
  return {};
}

// A PNG's international text, unpacked; its keyword must be `key`.
std::string png_text(const std::string& content, const std::string& key) {
  if (!begins_with(content, key + '\0') || content.size() < key.size() + 5) return {};
  const bool packed = content[key.size() + 1] != 0;
  size_t at = key.size() + 3;
  for (int part = 0; part < 2 && at != std::string::npos; ++part) {  // language, translated keyword
    at = content.find('\0', at);
    if (at != std::string::npos) ++at;
  }
  if (at == std::string::npos) return {};
  return packed ? inflated(content.substr(at), kMaxTextBytes) : content.substr(at);
}

// ImageMagick's and others' way: hexadecimal in a text chunk, after a name and a length.
std::string raw_profile(const std::string& type, const std::string& content, const std::string& key) {
  if ((type != "zTXt" && type != "tEXt") || !begins_with(content, key + '\0')) return {};
  const std::string text = type == "tEXt"                    ? content.substr(key.size() + 1)
                           : content.size() > key.size() + 2 ? inflated(content.substr(key.size() + 2), kMaxTextBytes)
                                                             : std::string();
  size_t at = text.find_first_not_of(" \n");
  for (int line = 0; line < 2 && at != std::string::npos; ++line) at = text.find('\n', at + 1);
  std::string bytes;
  int high = -1;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) continue;
    if (high >= 0) bytes.push_back(static_cast<char>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return bytes;
}

// One property of a packet, as an attribute or an element, by its name behind the prefix.
std::pair<size_t, size_t> property_value(const std::string& xmp, const std::string& name) {
  for (size_t at = 0; (at = xmp.find(':' + name, at)) != std::string::npos; ++at) {
    size_t after = at + 1 + name.size();
    if (after >= xmp.size()) break;
    while (after < xmp.size() && std::isspace(static_cast<unsigned char>(xmp[after])) != 0) ++after;
    if (after < xmp.size() && xmp.compare(after, 13, "rdf:resource=") == 0) after += 12;
    if (after < xmp.size() && xmp[after] == '=') {
      const size_t open = xmp.find_first_of("\"'", after);
      const size_t close = open == std::string::npos ? open : xmp.find(xmp[open], open + 1);
      if (close != std::string::npos) return {open + 1, close};
    } else if (after < xmp.size() && xmp[after] == '>') {
      const size_t close = xmp.find("</", after);
      if (close != std::string::npos) return {after + 1, close};
    }
  }
  return {std::string::npos, 0};
}

void read_png(const std::string& bytes, PhotoMetadata& m) {
  visit_png_chunks(bytes, [&](const std::string& type, const std::string& content) {
    if (type == "eXIf") m.exif = without_head(content);
    if (type == "iTXt" && begins_with(content, kXmpText)) m.xmp = png_text(content, kXmpText);
    if (type == "pHYs" && content.size() == 9 && content[8] == 1) {
      m.dpi_x = static_cast<double>(big_number(content, 0, 4)) * 0.0254;
      m.dpi_y = static_cast<double>(big_number(content, 4, 4)) * 0.0254;
    }
    for (const char* key : {"Raw profile type exif", "Raw profile type APP1"}) {
      if (const std::string exif = without_head(raw_profile(type, content, key)); m.exif.empty()) m.exif = exif;
    }
    if (const std::string iptc = raw_profile(type, content, "Raw profile type iptc"); !iptc.empty())
      m.iptc = begins_with(iptc, "8BIM") ? iptc_of(iptc) : iptc;
    return true;
  });
}

void read_jpeg(const std::string& bytes, PhotoMetadata& m) {
  visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
    if (marker == 0xe0 && begins_with(content, std::string("JFIF\0", 5)) && content.size() >= 12 && content[7] != 0) {
      const double unit = content[7] == 2 ? 2.54 : 1;
      m.dpi_x = static_cast<double>(big_number(content, 8, 2)) * unit;
      m.dpi_y = static_cast<double>(big_number(content, 10, 2)) * unit;
    }
    if (marker == 0xe1 && begins_with(content, kExifHead) && m.exif.empty()) m.exif = content.substr(6);
    if (marker == 0xe1 && begins_with(content, kXmpHead) && m.xmp.empty()) m.xmp = content.substr(kXmpHead.size());
    if (marker == 0xed && begins_with(content, kIptcHead) && m.iptc.empty())
      m.iptc = iptc_of(content.substr(kIptcHead.size()));
    return true;
  });
  if (const auto [from, to] = property_value(m.xmp, kExtensionProperty); from != std::string::npos) {
    m.xmp_extension = xmp_extension(bytes, m.xmp.substr(from, to - from));
    m.xmp = without_extension_mark(m.xmp);
  }
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\n')
      out += "&#10;";
    else
      out += c;
  }
  return out;
}

std::string unescaped(std::string text) {
  for (const auto& [from, to] : {std::pair{"&lt;", "<"},
                                 {"&gt;", ">"},
                                 {"&quot;", "\""},
                                 {"&#10;", "\n"},
                                 {"&#xA;", "\n"},
                                 {"&apos;", "'"},
                                 {"&amp;", "&"}}) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 1)
      text.replace(at, std::strlen(from), to);
  }
  return text;
}

const char* const kEmptyPacket =
    "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket "
    "end=\"w\"?>";

// Sets a property, or adds it in a description of its own.
std::string with_property(const std::string& xmp, const std::string& prefix, const std::string& space,
                          const std::string& name, const std::string& value) {
  std::string out = xmp;
  if (const auto [from, to] = property_value(out, name); from != std::string::npos)
    return out.replace(from, to - from, escaped(value));
  size_t end = out.rfind("</rdf:RDF>");
  if (end == std::string::npos) {
    out = kEmptyPacket;  // no packet, or one that cannot be read
    end = out.rfind("</rdf:RDF>");
  }
  return out.insert(end, "<rdf:Description rdf:about=\"\" xmlns:" + prefix + "=\"" + space + "\" " + prefix + ":" +
                             name + "=\"" + escaped(value) + "\"/>\n");
}

}  // namespace

PhotoMetadata read_metadata(const std::string& bytes) {
  PhotoMetadata m;
  switch (photo_format(bytes)) {
    case PhotoFormat::Jpeg:
      read_jpeg(bytes, m);
      break;
    case PhotoFormat::Png:
      read_png(bytes, m);
      break;
    case PhotoFormat::Webp:
      visit_webp_chunks(bytes, [&](const std::string& type, const std::string& content) {
        if (type == "EXIF") m.exif = without_head(content);
        if (type == "XMP ") m.xmp = content;
        return true;
      });
      break;
    case PhotoFormat::Tiff: {
      const TiffExtras extras = tiff_extras(bytes);
      m = {exif_block(exif_tags(bytes)), extras.xmp, extras.iptc, extras.dpi_x, extras.dpi_y};
      break;
    }
    case PhotoFormat::Heif:
      heif_metadata(bytes, m.exif, m.xmp);
      break;
    default:
      break;
  }
  if (m.dpi_x <= 0 || m.dpi_y <= 0) {
    const cv::Size2d dpi = exif_dpi(m.exif);
    m.dpi_x = dpi.width;
    m.dpi_y = dpi.height;
  }
  return m;
}

std::string embedded_profile(const std::string& bytes) {
  std::string profile;
  std::map<int, std::string> parts;
  switch (photo_format(bytes)) {
    case PhotoFormat::Jpeg:
      visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
        if (marker == 0xe2 && content.size() > 14 && begins_with(content, kIccHead))
          parts[static_cast<unsigned char>(content[12])] = content.substr(14);
        return true;
      });
      for (const auto& [number, part] : parts) profile += part;
      break;
    case PhotoFormat::Png:
      visit_png_chunks(bytes, [&](const std::string& type, const std::string& content) {
        const size_t name = content.find('\0');
        if (type == "iCCP" && name != std::string::npos && name + 2 < content.size())
          profile = inflated(content.substr(name + 2), kMaxProfileBytes);
        return type != "IDAT";
      });
      break;
    case PhotoFormat::Webp:
      visit_webp_chunks(bytes, [&](const std::string& type, const std::string& content) {
        if (type == "ICCP") profile = content;
        return profile.empty();
      });
      break;
    default:
      break;
  }
  return profile;
}

std::string embedded_description(const std::string& bytes) {
  std::string text;
  const PhotoFormat format = photo_format(bytes);
  if (format == PhotoFormat::Png) {
    visit_png_chunks(bytes, [&](const std::string& type, const std::string& content) {
      if (type == "iTXt" && begins_with(content, kRunText + '\0')) text = png_text(content, kRunText);
      return true;
    });
  } else if (format == PhotoFormat::Jpeg) {
    visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
      if (marker == 0xfe && text.size() < kMaxTextBytes) text += content;
      return true;
    });
  } else if (format == PhotoFormat::Tiff || format == PhotoFormat::Webp) {
    const PhotoMetadata m = read_metadata(bytes);
    if (const auto [from, to] = property_value(m.xmp, kRunProperty); from != std::string::npos)
      text = unescaped(m.xmp.substr(from, to - from));
    if (text.empty() && format == PhotoFormat::Tiff) text = tiff_extras(bytes).description;
  }
  return text;
}

std::string marked_xmp(const std::string& xmp) {
  return with_property(xmp, "Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "DigitalSourceType",
                       kMadeInPart);
}

std::string oriented_xmp(const std::string& xmp, int orientation) {
  std::string out = xmp;
  if (const auto [from, to] = property_value(out, "Orientation"); from != std::string::npos)
    out.replace(from, to - from, std::to_string(orientation));
  return out;
}

std::string with_extension_mark(const std::string& xmp, const std::string& guid) {
  return with_property(xmp, "xmpNote", "http://ns.adobe.com/xmp/note/", kExtensionProperty, guid);
}

std::string without_extension_mark(const std::string& xmp) {
  const auto [from, to] = property_value(xmp, kExtensionProperty);
  if (from == std::string::npos) return xmp;
  std::string out = xmp;
  const size_t name = out.rfind(kExtensionProperty, from);
  if (out[from - 1] == '"' || out[from - 1] == '\'') {  // an attribute: with its prefix
    const size_t begin = out.find_last_of(" \t\r\n", name);
    return begin == std::string::npos ? out : out.erase(begin, to + 1 - begin);
  }
  const size_t begin = out.rfind('<', name), end = out.find('>', to);
  return begin == std::string::npos || end == std::string::npos ? out : out.erase(begin, end + 1 - begin);
}

std::string described_xmp(const std::string& xmp, const std::string& description) {
  return with_property(xmp, "mgdm", "urn:mgdm:run:1", kRunProperty, description);
}

std::string with_png_metadata(const std::string& bytes, const PhotoMetadata& m, const std::string& profile,
                              const std::string& text) {
  std::string extras;
  if (!profile.empty()) extras += png_chunk("iCCP", std::string("profile\0\0", 9) + deflated(profile));
  if (m.dpi_x > 0 && m.dpi_y > 0) {
    const auto metre = [](double dpi) {
      return big_bytes(static_cast<uint32_t>(std::lround(std::min(dpi, 1e6) / 0.0254)), 4);
    };
    extras += png_chunk("pHYs", metre(m.dpi_x) + metre(m.dpi_y) + '\1');
  }
  if (!m.exif.empty()) extras += png_chunk("eXIf", m.exif);
  if (!m.xmp.empty()) extras += png_chunk("iTXt", kXmpText + kNoLanguage + m.xmp);
  if (!m.iptc.empty()) {
    // PNG has no chunk of its own for IPTC: ImageMagick's and ExifTool's hexadecimal text.
    const std::string resources = "8BIM" + big_bytes(kIptcResource, 2) + std::string(2, '\0') +
                                  big_bytes(static_cast<uint32_t>(m.iptc.size()), 4) + m.iptc +
                                  (m.iptc.size() % 2 != 0 ? std::string(1, '\0') : std::string());
    std::string hex = "\niptc\n" + std::to_string(resources.size()) + "\n";
    for (const char c : resources) {
      constexpr const char* kDigits = "0123456789abcdef";
      hex += kDigits[static_cast<unsigned char>(c) >> 4];
      hex += kDigits[static_cast<unsigned char>(c) & 15];
    }
    extras += png_chunk("zTXt", std::string("Raw profile type iptc\0\0", 23) + deflated(hex + "\n"));
  }
  if (!text.empty()) extras += png_chunk("iTXt", kRunText + kNoLanguage + text);
  constexpr size_t kAfterHeader = 8 + 25;
  return bytes.substr(0, kAfterHeader) + extras + bytes.substr(kAfterHeader);
}

std::string with_jpeg_metadata(const std::string& bytes, const PhotoMetadata& m, const std::string& profile,
                               const std::string& text) {
  constexpr size_t kPart = 65000;
  std::string extras;
  if (!m.exif.empty() && m.exif.size() + kExifHead.size() <= kMaxSegment)
    extras += jpeg_segment('\xe1', kExifHead + m.exif);
  extras += xmp_segments(m.xmp, m.xmp_extension);
  const size_t parts = (profile.size() + kPart - 1) / kPart;
  for (size_t i = 0; i < parts; ++i)
    extras += jpeg_segment(
        '\xe2', kIccHead + static_cast<char>(i + 1) + static_cast<char>(parts) + profile.substr(i * kPart, kPart));
  if (!m.iptc.empty() && m.iptc.size() + 40 <= kMaxSegment) {
    extras += jpeg_segment('\xed', kIptcHead + "8BIM" + big_bytes(kIptcResource, 2) + std::string(2, '\0') +
                                       big_bytes(static_cast<uint32_t>(m.iptc.size()), 4) + m.iptc +
                                       (m.iptc.size() % 2 != 0 ? std::string(1, '\0') : std::string()));
  }
  for (size_t at = 0; at < text.size(); at += kPart) extras += jpeg_segment('\xfe', text.substr(at, kPart));
  std::string out = bytes;
  size_t after = 2;  // after the JFIF header, which must come first
  if (out.size() > 18 && static_cast<unsigned char>(out[3]) == 0xe0) {
    after = 4 + big_number(out, 4, 2);
    if (m.dpi_x > 0 && m.dpi_y > 0) {
      const auto density = [](double dpi) {
        return big_bytes(static_cast<uint32_t>(std::lround(std::min(dpi, 65535.0))), 2);
      };
      out.replace(13, 5, '\1' + density(m.dpi_x) + density(m.dpi_y));
    }
  }
  return out.substr(0, after) + extras + out.substr(after);
}

}  // namespace mgdm
