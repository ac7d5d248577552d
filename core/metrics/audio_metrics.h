// How close separated sound is to the true stems.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019) of [..., L] against a reference of the same
/// shape: 10 log10((|a r|^2 + e) / (|a r - x|^2 + e)), a = (<x, r> + e) / (<r, r> + e), e = 1e-8, no mean
/// removed. -> [...], float64.
at::Tensor si_sdr(const at::Tensor& estimate, const at::Tensor& reference);

/// Signal-to-distortion ratio in dB, 10 log10((|r|^2 + e) / (|r - x|^2 + e)), e = 1e-8, of the whole signal (the
/// "global SDR" of the Music Demixing Challenge, Mitsufuji et al. 2022), of [..., L]. -> [...], float64.
at::Tensor sdr(const at::Tensor& estimate, const at::Tensor& reference);

/// The same as other programs' tables have it: the median of `sdr` over chunks of a second, one after the other, in
/// which the reference is louder than -80 dB of full scale; what is left at the end counts only where there is no whole
/// second. Channels of a chunk are one signal. estimate, reference [stems, channels, L] -> [stems] float64, NaN where
/// no chunk counts.
///
/// That is the SDR of BSS Eval v4 (Stöter, Liutkus and Ito 2018, "The 2018 Signal Separation Evaluation Campaign") but
/// for its filters of 512 taps, by which an estimate may be distorted for nothing: museval's figures of the same sound
/// are a little higher. Also, museval leaves out a chunk in which any stem is silent, this only the stem's own.
at::Tensor median_sdr(const at::Tensor& estimate, const at::Tensor& reference, int64_t sample_rate);

/// SI-SDR improvement over the mix, the mean over windows of 4 s every 2 s in which at least two stems are
/// active (|r|_2 / samples >= 1.5e-5), as Multi-Source Diffusion Models (Mariani et al. 2023) and the MGDM paper report
/// it. estimate, reference [stems, L]; mix [L], all at `sample_rate`. -> [stems] float64, NaN if no window counts.
at::Tensor si_sdr_improvement(const at::Tensor& estimate, const at::Tensor& reference, const at::Tensor& mix,
                              int64_t sample_rate = 22050);

}  // namespace mgdm
