// Stems that another program has made of a song, read from its folder to begin a separation from.
//
// Their names vary: "bass.wav", "song_(Vocals)_model.flac", "Song-bass-Em-120bpm.mp3". What counts is the last word of
// a name that is an instrument, or the last in parentheses; words in other letters or languages are not known. A track
// "other" is shared by the model's stems that have none of their own.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mgdm {

/// The files of a folder that are of use.
struct StartFiles {
  std::map<std::string, std::filesystem::path> of_stem;  ///< by the name of what is separated
  std::filesystem::path shared;                          ///< for the stems that have no file; or empty
  std::vector<std::filesystem::path> ignored;            ///< sound files that are of nothing that is separated
};

struct StartStems {
  std::map<std::string, at::Tensor> stems;  ///< [channels, L] float32 by the model's name, as `StartSong::mix`
  std::vector<std::string> remarks;         ///< sentences: what was put right, what is not used
};

/// The song that stems are to be of.
struct StartSong {
  at::Tensor mix;  ///< [channels, L] float32, the part that is worked on
  double rate = 0;
  double from = 0;      ///< seconds of the stems' files where the part begins
  double seconds = -1;  ///< that their files last; below 0: any that cover the part
};

/// What a file is of, in the program's own words ("bass", "vocals", "other"...) or a name of `stems`; "" where its name
/// tells nothing that helps.
std::string stem_of_file(const std::filesystem::path& file, const std::vector<std::string>& stems);

/// `stems`: what is separated (separated_names in core/runs/separation.h). By the files' names alone. Throws
/// MediaError: no folder, no stem in it, two files for one stem.
StartFiles find_start_stems(const std::filesystem::path& folder, const std::vector<std::string>& stems);

/// The stems in `folder`, as `song` needs them: rates and channels are converted, and where all of them together lie up
/// to `kLongestLag` seconds before or behind the song (as codecs shift what they encode) they are moved back. Throws
/// MediaError as find_start_stems, for a file that cannot be read, and for a length that differs by more than half a
/// second.
StartStems read_start_stems(const std::filesystem::path& folder, const StartSong& song,
                            const std::vector<std::string>& stems);

constexpr double kLongestLag = 0.1;

/// By how many samples `x` lies behind `song` (below 0: before it), both [L]: where their correlation with the phase
/// transform (Knapp and Carter 1976, which whitens both, so that a steady tone has one peak and not one each period) is
/// greatest within `most` samples; 0 unless that stands out clearly from how they lie.
int64_t lag_of(const at::Tensor& x, const at::Tensor& song, int64_t most);

}  // namespace mgdm
