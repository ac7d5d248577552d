#include "core/media/exif.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/media/photo_format.h"

namespace mgdm {

namespace {

constexpr int kOrientation = 0x0112, kXResolution = 0x011a, kYResolution = 0x011b, kResolutionUnit = 0x0128,
              kExifPointer = 0x8769, kGpsPointer = 0x8825, kInteropPointer = 0xa005, kThumbnail = 0x0201,
              kThumbnailLength = 0x0202, kCompression = 0x0103, kWidth = 0xa002, kHeight = 0xa003;
constexpr uint64_t kMostEntries = 4096, kMostBytes = 16U << 20;

// Tags of the first directory that are the photo's and not the pixels': description, make, model, resolution, software,
// date, artist, host, rating, copyright, and Windows' titles.
const std::set<int> kPhotoTags{0x010e, 0x010f, 0x0110, 0x011a, 0x011b, 0x0128, 0x0131, 0x0132, 0x013b,
                               0x013c, 0x4746, 0x4749, 0x8298, 0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f};

int size_of_type(int type) {
  constexpr int kSizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type > 0 && type < 19 ? kSizes[type] : 0;
}

int element_of_type(int type) {  // a fraction is two numbers
  return type == 5 || type == 10 ? 4 : size_of_type(type);
}

struct ExifEntry {
  int tag = 0, type = 0;
  uint64_t count = 0;
  size_t at = 0, value = 0;  ///< of the entry, of its value
};

/// A TIFF's bytes as a list of directories.
class ExifBytes {
 public:
  explicit ExifBytes(const std::string& bytes) : bytes_(bytes) {
    const uint64_t magic = bytes.size() < 8               ? 0
                           : (swapped_ = bytes[0] == 'M') ? big_number(bytes, 2, 2)
                                                          : little_number(bytes, 2, 2);
    valid_ = bytes.size() >= 8 && ((bytes[0] == 'I' && bytes[1] == 'I') || (bytes[0] == 'M' && bytes[1] == 'M')) &&
             (magic == 42 || magic == 43);
    big_ = magic == 43;
  }

  bool valid() const { return valid_ && !big_; }
  bool swapped() const { return swapped_; }
  uint64_t number(size_t at, int width) const {
    return swapped_ ? big_number(bytes_, at, width) : little_number(bytes_, at, width);
  }
  size_t first() const { return valid_ ? static_cast<size_t>(big_ ? number(8, 8) : number(4, 4)) : 0; }

  // Of the directory at `at`; `next`: where the pointer to the next one lies.
  std::vector<ExifEntry> entries(size_t at, size_t* next = nullptr) const {
    std::vector<ExifEntry> list;
    const size_t head = big_ ? 8 : 2, size = big_ ? 20 : 12, wide = big_ ? 8 : 4;
    if (next != nullptr) *next = 0;
    if (!valid_ || at < 8 || at > bytes_.size() || bytes_.size() - at < head) return list;
    const uint64_t count = number(at, static_cast<int>(head));
    if (count > kMostEntries) return list;
    for (uint64_t i = 0; i < count; ++i) {
      ExifEntry e;
      e.at = at + head + i * size;
      if (e.at + size > bytes_.size()) return list;
      e.tag = static_cast<int>(number(e.at, 2));
      e.type = static_cast<int>(number(e.at + 2, 2));
      e.count = number(e.at + 4, static_cast<int>(wide));
      const auto each = static_cast<uint64_t>(size_of_type(e.type));
      if (each == 0 || e.count > kMostBytes / each) continue;
      e.value = e.at + 4 + wide;
      if (e.count * each > wide) e.value = static_cast<size_t>(number(e.value, static_cast<int>(wide)));
      if (e.value > bytes_.size() || e.count * each > bytes_.size() - e.value) continue;
      list.push_back(e);
    }
    if (next != nullptr && at + head + count * size + wide <= bytes_.size()) *next = at + head + count * size;
    return list;
  }

  // The first number of an entry.
  uint64_t value(const ExifEntry& e) const { return e.count == 0 ? 0 : number(e.value, element_of_type(e.type)); }

  std::string little(const ExifEntry& e) const {
    const auto each = static_cast<size_t>(element_of_type(e.type));
    std::string out = bytes_.substr(e.value, e.count * static_cast<size_t>(size_of_type(e.type)));
    if (swapped_) {
      for (size_t i = 0; i + each <= out.size() && each > 1; i += each)
        std::reverse(out.begin() + static_cast<ptrdiff_t>(i), out.begin() + static_cast<ptrdiff_t>(i + each));
    }
    return out;
  }

 private:
  const std::string& bytes_;
  bool swapped_ = false, valid_ = false, big_ = false;
};

void put_number(std::string& bytes, bool swapped, size_t at, int width, uint64_t value) {
  if (at + static_cast<size_t>(width) > bytes.size()) return;  // cut off with the thumbnail
  for (int i = 0; i < width; ++i)
    bytes[at + static_cast<size_t>(swapped ? width - 1 - i : i)] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::string number_bytes(bool swapped, int width, uint64_t value) {
  std::string bytes(static_cast<size_t>(width), '\0');
  put_number(bytes, swapped, 0, width, value);
  return bytes;
}

void put_value(std::string& exif, bool swapped, const ExifEntry& e, uint64_t value) {
  if (e.count == 1 && (e.type == 3 || e.type == 4)) put_number(exif, swapped, e.value, size_of_type(e.type), value);
}

// The old small picture goes: its bytes at the end are cut off, elsewhere they become zeros.
void wipe_thumbnail(std::string& exif) {
  const ExifBytes block(exif);
  size_t next = 0;
  block.entries(block.first(), &next);
  const size_t second = next == 0 ? 0 : static_cast<size_t>(block.number(next, 4));
  if (second == 0) return;
  size_t end = exif.size(), at = 0, length = 0;
  const std::vector<ExifEntry> entries = block.entries(second);
  for (const ExifEntry& e : entries) {
    if (e.tag == kThumbnail) at = static_cast<size_t>(block.value(e));
    if (e.tag == kThumbnailLength) length = static_cast<size_t>(block.value(e));
  }
  put_number(exif, block.swapped(), next, 4, 0);
  if (at == 0 || at >= exif.size()) return;
  length = std::min(length, exif.size() - at);
  if (at + length + 4 >= end && at > second) {
    exif.resize(at);
  } else {
    std::fill_n(exif.begin() + static_cast<ptrdiff_t>(at), length, '\0');
  }
}

// A second directory with the new one, behind everything.
void append_thumbnail(std::string& exif, const std::string& jpeg) {
  const ExifBytes block(exif);
  size_t next = 0;
  block.entries(block.first(), &next);
  if (next == 0) return;
  const bool swapped = block.swapped();
  if (exif.size() % 2 != 0) exif.push_back('\0');
  const size_t at = exif.size(), data = at + 2 + 3 * 12 + 4;
  const auto entry = [&](int tag, int type, uint64_t value) {
    return number_bytes(swapped, 2, static_cast<uint64_t>(tag)) +
           number_bytes(swapped, 2, static_cast<uint64_t>(type)) + number_bytes(swapped, 4, 1) +
           (type == 3 ? number_bytes(swapped, 2, value) + std::string(2, '\0') : number_bytes(swapped, 4, value));
  };
  put_number(exif, swapped, next, 4, at);
  exif += number_bytes(swapped, 2, 3) + entry(kCompression, 3, 6) + entry(kThumbnail, 4, data) +
          entry(kThumbnailLength, 4, jpeg.size()) + std::string(4, '\0') + jpeg;
}

}  // namespace

int exif_orientation(const std::string& exif) {
  const ExifBytes block(exif);
  for (const ExifEntry& e : block.entries(block.first())) {
    if (e.tag == kOrientation && (e.type == 3 || e.type == 4)) {
      const uint64_t value = block.value(e);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  }
  return 1;
}

cv::Size2d exif_dpi(const std::string& exif) {
  const ExifBytes block(exif);
  cv::Size2d dpi;
  double unit = 1;
  for (const ExifEntry& e : block.entries(block.first())) {
    const auto fraction = [&] {
      const uint64_t below = block.number(e.value + 4, 4);
      return e.type == 5 && e.count >= 1 && below > 0 ? static_cast<double>(block.value(e)) / static_cast<double>(below)
                                                      : 0.0;
    };
    if (e.tag == kXResolution) dpi.width = fraction();
    if (e.tag == kYResolution) dpi.height = fraction();
    if (e.tag == kResolutionUnit && block.value(e) == 3) unit = 2.54;
  }
  return dpi * unit;
}

bool exif_has_thumbnail(const std::string& exif) {
  const ExifBytes block(exif);
  size_t next = 0;
  block.entries(block.first(), &next);
  return next != 0 && block.number(next, 4) != 0;
}

std::string with_exif_dpi(const std::string& exif, double dpi_x, double dpi_y) {
  if (dpi_x <= 0 || dpi_y <= 0 || exif_dpi(exif).width > 0) return exif;
  std::string out = exif.empty() ? std::string("II*\0\0\0\0\0", 8) : exif;
  const ExifBytes block(out);
  if (!block.valid()) return exif;
  const bool swapped = block.swapped();
  const auto number = [swapped](int width, uint64_t value) { return number_bytes(swapped, width, value); };
  // The first directory with three entries more, behind everything: no offset of another value changes.
  size_t next = 0;
  const std::vector<ExifEntry> old = block.entries(block.first(), &next);
  std::map<int, std::string> entries;
  for (const ExifEntry& e : old) entries[e.tag] = out.substr(e.at, 12);
  const std::string rest = next == 0 ? number(4, 0) : out.substr(next, 4);
  if (out.size() % 2 != 0) out.push_back('\0');
  const size_t at = out.size();
  const auto head = [&](int tag, uint64_t type) {
    return number(2, static_cast<uint64_t>(tag)) + number(2, type) + number(4, 1);
  };
  entries[kXResolution] = entries[kYResolution] = {};
  entries[kResolutionUnit] = head(kResolutionUnit, 3) + number(2, 2) + number(2, 0);
  const size_t values = at + 2 + entries.size() * 12 + 4;
  entries[kXResolution] = head(kXResolution, 5) + number(4, values);
  entries[kYResolution] = head(kYResolution, 5) + number(4, values + 8);
  put_number(out, swapped, 4, 4, at);
  out += number(2, entries.size());
  for (const auto& [tag, entry] : entries) out += entry;
  out += rest;
  for (const double dpi : {dpi_x, dpi_y})
    out += number(4, static_cast<uint64_t>(std::lround(dpi * 1000))) + number(4, 1000);
  return out;
}

std::string renewed_exif(const std::string& exif, int orientation, cv::Size size, const std::string& thumbnail) {
  std::string out = exif;
  const ExifBytes block(out);
  const std::vector<ExifEntry> first = block.entries(block.first());
  if (first.empty()) return {};
  wipe_thumbnail(out);
  for (const ExifEntry& e : first) {
    if (e.tag == kOrientation) put_value(out, block.swapped(), e, static_cast<uint64_t>(orientation));
    if (e.tag != kExifPointer) continue;
    for (const ExifEntry& inner : block.entries(static_cast<size_t>(block.value(e)))) {
      if (inner.tag == kWidth) put_value(out, block.swapped(), inner, static_cast<uint64_t>(size.width));
      if (inner.tag == kHeight) put_value(out, block.swapped(), inner, static_cast<uint64_t>(size.height));
    }
  }
  if (!thumbnail.empty()) append_thumbnail(out, thumbnail);
  return out;
}

ExifTags exif_tags(const std::string& tiff) {
  ExifTags tags;
  const ExifBytes block(tiff);
  constexpr int kLastOfTiff6 = 12;  // BigTIFF's own types are not EXIF's
  const auto take = [&](ExifDirectory& into, const ExifEntry& e) {
    if (e.type <= kLastOfTiff6) into[e.tag] = {e.type, e.count, block.little(e)};
  };
  for (const ExifEntry& e : block.entries(block.first())) {
    if (kPhotoTags.count(e.tag) != 0) take(tags.photo, e);
    if (e.tag != kExifPointer && e.tag != kGpsPointer) continue;
    for (const ExifEntry& inner : block.entries(static_cast<size_t>(block.value(e)))) {
      if (inner.tag != kInteropPointer) take(e.tag == kExifPointer ? tags.exif : tags.gps, inner);
    }
  }
  return tags;
}

std::string exif_raw(const std::string& tiff, int tag) {
  const ExifBytes block(tiff);
  for (const ExifEntry& e : block.entries(block.first())) {
    if (e.tag == tag) return tiff.substr(e.value, e.count * static_cast<size_t>(size_of_type(e.type)));
  }
  return {};
}

std::string exif_directory(const ExifDirectory& tags, uint64_t offset) {
  std::string entries = number_bytes(false, 2, tags.size()), values;
  const uint64_t behind = offset + 2 + tags.size() * 12 + 4;
  for (const auto& [tag, value] : tags) {
    entries += number_bytes(false, 2, static_cast<uint64_t>(tag)) +
               number_bytes(false, 2, static_cast<uint64_t>(value.type)) + number_bytes(false, 4, value.count);
    if (value.bytes.size() <= 4) {
      entries += value.bytes + std::string(4 - value.bytes.size(), '\0');
    } else {
      entries += number_bytes(false, 4, behind + values.size());
      values += value.bytes;
      if (values.size() % 2 != 0) values.push_back('\0');
    }
  }
  return entries + std::string(4, '\0') + values;
}

std::string exif_block(const ExifTags& tags) {
  if (tags.photo.empty() && tags.exif.empty() && tags.gps.empty()) return {};
  const std::string header("II*\0\x08\0\0\0", 8);
  ExifDirectory first = tags.photo;
  const auto pointer = [&](uint64_t at) { return ExifValue{4, 1, number_bytes(false, 4, at)}; };
  if (!tags.exif.empty()) first[kExifPointer] = pointer(0);
  if (!tags.gps.empty()) first[kGpsPointer] = pointer(0);
  const uint64_t exif_at = header.size() + exif_directory(first, header.size()).size();
  const std::string exif = tags.exif.empty() ? std::string() : exif_directory(tags.exif, exif_at);
  if (!tags.exif.empty()) first[kExifPointer] = pointer(exif_at);
  if (!tags.gps.empty()) first[kGpsPointer] = pointer(exif_at + exif.size());
  return header + exif_directory(first, header.size()) + exif +
         (tags.gps.empty() ? std::string() : exif_directory(tags.gps, exif_at + exif.size()));
}

}  // namespace mgdm
