// What a photo's file says beside its pixels: EXIF, XMP, IPTC and resolution, out of and into JPEG, PNG, TIFF and WebP.
// Any thread. Damaged metadata are dropped, never an error.
#pragma once
#include <opencv2/core.hpp>
#include <string>

namespace mgdm {

struct PhotoMetadata {
  std::string exif;                ///< the block from its "II" or "MM" on
  std::string xmp;                 ///< the packet, UTF-8
  std::string iptc;                ///< IIM datasets (the older form of IPTC's fields)
  double dpi_x = 0, dpi_y = 0;     ///< pixels an inch; 0: not said
  std::string xmp_extension = {};  ///< what did not fit the packet of a JPEG (photo_xmp_extension.h)
  bool empty() const { return exif.empty() && xmp.empty() && iptc.empty() && dpi_x <= 0; }
};

PhotoMetadata read_metadata(const std::string& bytes);

/// ICC profile, of whatever space, from JPEG, PNG or WebP; empty: none.
std::string embedded_profile(const std::string& bytes);

/// The settings that made a photo (`write_photo`'s description); empty: none.
std::string embedded_description(const std::string& bytes);

/// IPTC's digital source type of a photo of which a model made parts
/// (cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia).
extern const char* const kMadeInPart;

/// The packet with that source type, one from nothing if it is empty; an older source type is replaced. And with the
/// orientation in which the pixels are stored, where it says one.
std::string marked_xmp(const std::string& xmp);
std::string oriented_xmp(const std::string& xmp, int orientation);
/// The packet with a description of our own, replaced if there is one.
std::string described_xmp(const std::string& xmp, const std::string& description);

/// The packet with the name of an extension, and without one.
std::string with_extension_mark(const std::string& xmp, const std::string& guid);
std::string without_extension_mark(const std::string& xmp);

/// The bytes of a picture with metadata, profile and description. A JPEG cannot hold more than 64 kB of EXIF: what is
/// larger is left out.
std::string with_png_metadata(const std::string& bytes, const PhotoMetadata& metadata, const std::string& profile,
                              const std::string& description);
std::string with_jpeg_metadata(const std::string& bytes, const PhotoMetadata& metadata, const std::string& profile,
                               const std::string& description);

}  // namespace mgdm
