// The priors a person has: cards (JSON) in the program's `models` folder and the person's own.
#pragma once
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/priors/band_prior.h"
#include "core/priors/card.h"
#include "core/priors/prior.h"

namespace mgdm {

/// All readable cards; unreadable ones are left out and described in `problems` if given.
std::vector<PriorCard> list_priors(std::vector<std::string>* problems = nullptr);

/// By name, or a path to a card, or a path to weights: ours, or a published network's (with a `config.json` beside it
/// for what weights do not tell). Throws ModelError.
PriorCard find_prior(const std::string& name_or_path);

/// What a prior models, by its card's family. Throws ModelError for a family we do not know, and for an autoencoder
/// alone.
Medium medium_of(const PriorCard& card);
PriorTraits traits_of(const PriorCard& card);
/// What a person can tell the model itself, a prompt: see `Prior::settings`. Empty: nothing.
std::vector<Setting> settings_of(const PriorCard& card);
/// The same of all families, each name once.
const std::vector<Setting>& all_prior_settings();
/// What a model can be used for, as people say it: names of tasks ("all tasks for photos", ...), one sentence. Throws
/// ModelError for a family we do not know.
std::string uses_of(const PriorCard& card);

/// Throws ModelError where the card is of another medium or its weights are missing.
void check_use(const PriorCard& card, Medium wanted);

/// An audio prior. `recompute`: published networks keep less for gradients and compute it again
/// (`AdmUnet::set_recompute`). Throws ModelError, or std::invalid_argument for a bad precision.
BandPrior load_band_prior(const PriorCard& card, at::Device device, const std::string& precision,
                          bool recompute = false);

/// An image prior; the same.
Prior load_prior(const PriorCard& card, at::Device device, const std::string& precision, bool recompute = false);

}  // namespace mgdm
