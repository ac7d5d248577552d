// x_0 from a published network that estimates the noise. Level L of the schedule is what the network was trained for at
// t = L - 1; between levels t is interpolated.
#pragma once
#include <memory>

#include "core/priors/prior.h"

namespace mgdm {

struct PublishedModel;

/// `shift`: 1: a level's integer is that of its own t; 0: the paper's code's, one higher. One thread at a time.
std::shared_ptr<Denoiser> make_noise_estimator(const PublishedModel& model, NoiseSchedule schedule, int shift);

}  // namespace mgdm
