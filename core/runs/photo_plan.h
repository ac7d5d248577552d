// How a photo of any size is worked on with a network that sees a few hundred pixels at once: which parts of it, at
// which scales, in which order.
//
// Filling: every painted region (or group of near ones) with a margin of context at the photo's own pixels. A region
// larger than the network can see across is filled first at a coarser scale, then refined downwards by halves, each
// pass starting from the one before it with noise added (SDEdit, Meng et al. 2022; the cascade of Ho et al. 2022).
// Repairing: the whole photo at its own pixels in one pass, through overlapping windows (core/priors/windows.h).
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "core/media/working_area.h"
#include "core/priors/prior.h"

namespace mgdm {

/// One pass of a sampler over a part of the photo.
struct PhotoPass {
  WorkingArea area;  ///< what is seen
  cv::Rect kept;     ///< photo pixels, inside the area: what of it can change. Passes of one region have the same
  /// Standard deviation of the noise (image range -1 to 1) up to which the pass before, of the same region, is taken
  /// back; 0: from pure noise.
  double refines = 0;
  bool operator==(const PhotoPass&) const = default;
};

/// In the order in which they are done; those of a region follow each other, from coarse to fine.
using PhotoPlan = std::vector<PhotoPass>;

/// Whether a pass is the last of its region, the one whose result is kept.
bool finishes_region(const PhotoPlan& plan, size_t pass);

/// `mask`: CV_8UC1 of the photo's size, nonzero = fill. `within`: one region and no other context than this part of the
/// photo. Empty where nothing is painted (`within`).
PhotoPlan plan_filling(const cv::Mat& mask, const Prior& prior, const std::optional<cv::Rect>& within = {});

/// One pass over `part` at its own pixels. Where the prior's multiple asks for it, up to a multiple less one pixel is
/// left out at its borders. Throws OperatorError where the part is too small or too large for the prior.
PhotoPlan plan_repair(const cv::Rect& part, const Prior& prior);

/// Megapixels that the network computes for one evaluation of the pass, overlaps of windows counted as often as they
/// are seen.
double megapixels_seen(const PhotoPass& pass, const Prior& prior);

/// A plan as run.json keeps it, [{"rect", "size", "kept", "refines"}...], and back. Throws MediaError where it does not
/// lie in a photo of that size.
nlohmann::json plan_json(const PhotoPlan& plan);
PhotoPlan plan_from_json(const nlohmann::json& json, cv::Size photo);

}  // namespace mgdm
