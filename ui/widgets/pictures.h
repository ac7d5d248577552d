// Tensors of a run as pictures for the screen. Any thread.
#pragma once
#include <QImage>
#include <opencv2/core.hpp>
#include <vector>

namespace at {
class Tensor;
}

namespace mgdm::ui {

/// Residuals are shown in units of the noise's deviation, 0 to this.
inline constexpr double kResidualScale = 4;

/// One iterate, ready to paint. Pictures have the network's size, or half of it and so on where that is more than the
/// window needs.
struct Frame {
  cv::Rect area;                ///< photo pixels that the pictures cover
  int pass = 0, passes = 1;     ///< areas of a run with several, counted from 0
  double share = 0;             ///< of all the work that is done
  bool reduced = false;         ///< the pictures are smaller than what they show, or `linear`
  bool linear = false;          ///< shown without the model's decoder (core/priors/linear_decoder.h)
  std::vector<QImage> samples;  ///< x_0 of each sample; with a mask, transparent where the photo is known
  QImage noisy;                 ///< x_t of the watched sample
  QImage residual_map;  ///< |y - H(x_0)| of the watched sample, colour scale 0 to kResidualScale; null: not known
  int watched = 0;
  int step = 0, steps = 0, gibbs = 0, t = 0, tau = 0;
  double residual = 0;  ///< NaN: not known
  double update = 0, seconds = 0;
  qint64 evaluations = 0;  ///< forward + backward passes so far
  qint64 bytes() const;
};

/// A finished picture of the working area.
struct Sample {
  QImage image;  ///< 8 bit, for the screen; with a mask, transparent where the photo is known
  cv::Mat deep;  ///< CV_16UC3, sRGB, for the photo
  double psnr = 0, ssim = 0, residual = 0;  ///< 0 where unknown
};

/// uint8 [3, H, W] as an opaque picture (RGB888).
QImage rgb_image(const at::Tensor& pixels);
/// float [3, H, W] in [-1, 1] as an opaque picture, or with a hole [H, W] (bool) transparent outside it.
QImage signal_image(const at::Tensor& signal, const at::Tensor& hole);
/// Values [H, W] in [0, peak] through the colour scale.
QImage heat_image(const at::Tensor& values, double peak);
/// The same signal for the screen and for the photo; its figures stay unknown.
Sample make_sample(const at::Tensor& signal, const at::Tensor& hole);
/// CV_16UC3 with a weight (CV_16UC1 of its size, 65535 = all): as transparent as that is small.
QImage weighted_image(const cv::Mat& deep, const cv::Mat& weight);
/// `image` with `under` (of any size) where it is transparent, opaque.
QImage over(const QImage& image, const QImage& under);
/// What a screen shows, as a sample: its figures stay unknown. `under` as above.
Sample sample_of(const QImage& image, const QImage& under);
/// A mask (Grayscale8) as OpenCV sees it: the same pixels, which have to outlive the view.
cv::Mat mask_view(const QImage& mask);
/// CV_16UC3 as 8 bit.
QImage shallow_image(const cv::Mat& deep);
/// The same, small enough for `bound`; a few milliseconds for 12 megapixels.
QImage thumbnail(const cv::Mat& deep, const QSize& bound);

}  // namespace mgdm::ui
