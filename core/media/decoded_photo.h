// What the readers of the formats hand over: the file's own samples, before its colours are made RGB and it is turned
// upright (photo_file.cpp does both, so that they are done alike for every format).
#pragma once
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace mgdm {

enum class PhotoColors {
  Grey,  ///< 1 channel
  Rgb,   ///< 3 channels
  Cmyk,  ///< 4 channels, 0 = no ink
  Lab    ///< 3 channels of CV_32F: L* 0 to 100, a* and b* as they are (D50)
};

struct DecodedPhoto {
  cv::Mat pixels;  ///< CV_8U, CV_16U or CV_32F, interleaved; one channel more than `colors` has where there is alpha
  PhotoColors colors = PhotoColors::Rgb;
  bool alpha = false;              ///< the last channel, not multiplied into the others
  std::string profile;             ///< ICC, of whatever space; empty: none
  int orientation = 1;             ///< EXIF 1 to 8, still to be applied
  bool damaged = false;            ///< some of the picture is missing: those rows are `kMissing` grey
  std::vector<std::string> notes;  ///< sentences of what a person should know
};

/// What rows that the file does not have are filled with, 0 to 255: a plain grey is seen to be no picture.
inline constexpr int kMissing = 128;

/// "the picture ends in row 12 of 40" and the like, for `notes`.
inline std::string missing_rows(int64_t good, int64_t rows) {
  return "the file is damaged or cut off: of " + std::to_string(rows) + " rows " + std::to_string(rows - good) +
         " are missing and shown grey";
}

}  // namespace mgdm
