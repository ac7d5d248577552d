// What an MPEG audio file (MP3) lost, and the same file with silent frames in its place.
//
// Such a file is frames one after the other, each with a header that says how long it is. Where no frame follows on
// another, bytes were overwritten or are gone. Decoders look for the next frame and go on, so that what comes behind
// is early and nothing is said. Here as many silent frames are put there as the bytes between had room for:
//
// - The frame before such a place is lost with it, for its own bytes may be among the damaged ones, and so are those
//   behind it whose sound begins in it (the "bit reservoir").
// - With frames of one size the count is exact. Else it goes by the mean size nearby, or, where the header of the whole
//   (Xing, Info, VBRI) tells how many frames there were, by that.
// - Fewer frames than that header says, in a file that is also shorter than it says: the rest is silence at the end,
//   for where bytes were cut out between two frames cannot be seen.
//
// A frame that asks for more bytes than there are (layer III), of which no decoder makes sound, is silent and named,
// too.
//
// No damage is: tags (ID3v1, ID3v2, APE) anywhere, whatever is in front of the first frame and behind the last one, and
// less than half a frame of other bytes between two frames. Other damage within a frame whose header and successor's
// are there is not noticed. Files of the "free" bit rate are left to the decoder, and so is what is behind the last
// frame that is like the first one (another song at another rate).
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace mgdm {

class MendedMpeg {
 public:
  /// Of the mended stream.
  struct Piece {
    int64_t begin = 0;   ///< where it lies there
    int64_t length = 0;  ///< bytes
    int64_t place = -1;  ///< in the file; below zero: `bytes` over and over
    std::string bytes = {};
  };
  struct Plan {
    std::vector<Piece> pieces;
    std::vector<std::pair<int64_t, int64_t>> silent;
    int64_t frames = 0, size = 0;
    int frame_samples = 0;
  };

  /// Reads the headers of all frames. What cannot be read or is no MPEG audio has nothing to mend.
  explicit MendedMpeg(const std::filesystem::path& file);

  /// Frames that are silent for want of the file's: from, to, counted from the first one that holds sound. Empty: there
  /// is nothing to mend, and the file is to be read as it is.
  const std::vector<std::pair<int64_t, int64_t>>& silent() const { return plan_.silent; }
  int64_t frames() const { return plan_.frames; }  ///< that hold sound or stand for what did
  int frame_samples() const { return plan_.frame_samples; }

  int64_t size() const { return plan_.size; }  ///< bytes of the mended stream
  /// At most n bytes of it from `at`; how many there were. One thread.
  int64_t read(int64_t at, char* out, int64_t n);

 private:
  std::ifstream in_;
  Plan plan_;
};

}  // namespace mgdm
