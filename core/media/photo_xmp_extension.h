// What of a photo's XMP does not fit the 64 kB of a JPEG's segment: Adobe's extended XMP (XMP Specification Part 3,
// 1.1.3.1), a second packet in segments of its own that the first one names by a GUID. Any thread. Damaged extensions
// are dropped, never an error.
#pragma once
#include <string>

namespace mgdm {

/// The extension of a JPEG that `guid` names, put together from its segments; empty: there is none, or not all of it.
std::string xmp_extension(const std::string& jpeg, const std::string& guid);

/// Packet and extension as one packet, for formats without that limit: what the extension describes, described in the
/// packet.
std::string merged_xmp(const std::string& packet, const std::string& extension);

/// The segments of a JPEG for both: the packet with the GUID of the extension. What is too long for a packet becomes
/// the extension.
std::string xmp_segments(const std::string& packet, const std::string& extension);

}  // namespace mgdm
