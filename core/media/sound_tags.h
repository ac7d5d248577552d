// What a sound file says of its song - title, artist, album, year, comments, cover - carried over to what is made of it
// (TagLib). Any thread.
#pragma once
#include <filesystem>
#include <string>

namespace mgdm {

/// Tags and pictures of `from` (MP3, FLAC, OGG, Opus, WAV, AIFF) into `to` (WAV, FLAC, OGG), in the place of those that
/// it has. Left out is what is true of the first recording alone: loudness (ReplayGain, R128), ISRC, fingerprints and
/// MusicBrainz's recording, encoder. `what` goes behind the title, "Title (without bass)"; empty: nothing. A file
/// without tags gives none, and no error; WAV beyond 4 GB takes none. Throws MediaError where `to` cannot be written.
void copy_tags(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& what = {});

}  // namespace mgdm
