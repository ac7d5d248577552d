#include "ui/widgets/color_scale.h"

#include <ATen/ATen.h>

#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "ui/widgets/pictures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr int kScaleSteps = 256;  // of a sequential scale, and of each side of a diverging one
constexpr QRgb kNoNumber = 0xff7f7f7fu;
constexpr int kTip = 6;  // pixels: a triangle at an end beyond which values occur

using Steps = std::array<QRgb, kScaleSteps>;

Steps inferno() {
  cv::Mat ramp(1, kScaleSteps, CV_8UC1), coloured;
  for (int i = 0; i < kScaleSteps; ++i) ramp.at<uchar>(i) = static_cast<uchar>(i);
  cv::applyColorMap(ramp, coloured, cv::COLORMAP_INFERNO);
  Steps steps{};
  for (int i = 0; i < kScaleSteps; ++i) {
    const auto& bgr = coloured.at<cv::Vec3b>(i);
    steps[static_cast<size_t>(i)] = qRgb(bgr[2], bgr[1], bgr[0]);
  }
  return steps;
}

/// Ottosson 2020, "A perceptual color space for image processing": lightness 0 to 1, chroma, hue in degrees -> sRGB.
QRgb from_oklch(double lightness, double chroma, double hue) {
  const double a = chroma * std::cos(hue * M_PI / 180), b = chroma * std::sin(hue * M_PI / 180);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3),
               m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3),
               s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  const auto level = [](double linear) {
    linear = std::clamp(linear, 0.0, 1.0);
    const double coded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    return static_cast<int>(std::lround(255 * coded));
  };
  return qRgb(level(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
              level(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
              level(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

/// From zero outwards. Lightness and chroma both rise in equal steps, which keeps the distances between them equal.
Steps side_of_zero(double hue) {
  Steps steps{};
  for (int i = 0; i < kScaleSteps; ++i) {
    const double t = i / (kScaleSteps - 1.0);
    steps[static_cast<size_t>(i)] = from_oklch(0.18 + 0.66 * t, 0.135 * t, hue);
  }
  return steps;
}

/// 1, 2 or 5 times a power of ten, at least `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

QRgb ColorScale::colour(double value) const {
  static const Steps sequential = inferno(), above = side_of_zero(62), below = side_of_zero(240);
  if (std::isnan(value)) return kNoNumber;
  const Steps& steps = kind == Kind::Sequential ? sequential : value < 0 ? below : above;
  const double share =
      std::clamp((kind == Kind::Sequential ? value : std::abs(value)) / std::max(peak, 1e-12), 0.0, 1.0);
  return steps[static_cast<size_t>(std::lround(share * (kScaleSteps - 1)))];
}

ColorScale scale_of(ErrorMap map, double peak) {
  const ErrorMapDescription& d = description_of(map);
  ColorScale scale;
  scale.kind = d.low < 0 ? ColorScale::Kind::Diverging : ColorScale::Kind::Sequential;
  scale.peak = peak > 0 ? std::min(peak, d.high) : d.peak;
  scale.label = spoken(d.label);
  scale.unit = spoken(d.unit);
  scale.higher_occur = scale.peak < d.high;
  return scale;
}

ColorScale residual_scale() {
  ColorScale scale;
  scale.peak = kResidualScale;
  scale.label = LegendBar::tr("Residual |y − H(x)|");
  scale.unit = LegendBar::tr("σ of the noise");
  scale.higher_occur = true;
  return scale;
}

QImage map_image(const at::Tensor& map, const ColorScale& scale) {
  const at::Tensor values = map.to(at::kCPU, at::kFloat).contiguous();
  const auto rows = values.accessor<float, 2>();
  QImage image(static_cast<int>(rows.size(1)), static_cast<int>(rows.size(0)), QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    auto* to = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < image.width(); ++x) to[x] = scale.colour(static_cast<double>(rows[y][x]));
  }
  return image;
}

LegendBar::LegendBar(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setScale({});
}

void LegendBar::setScale(const ColorScale& scale) {
  scale_ = scale;
  const QString text =
      tr("Colour scale: %1, %2 to %3 %4")
          .arg(scale.label, QLocale().toString(scale.low()), QLocale().toString(scale.peak), scale.unit);
  setAccessibleName(text.simplified());
  update();
}

QSize LegendBar::sizeHint() const { return {340, 2 * fontMetrics().height() + 22}; }
QSize LegendBar::minimumSizeHint() const { return {160, sizeHint().height()}; }

QRectF LegendBar::gradient() const {
  const double side = 12 + kTip;
  return {side, fontMetrics().height() + 5.0, std::max(20.0, std::min(width(), 560) - 2 * side), 10};
}

void LegendBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF bar = gradient();
  const double low = scale_.low(), span = scale_.peak - low;
  QImage colours(std::max(2, static_cast<int>(bar.width() * devicePixelRatioF())), 1, QImage::Format_RGB32);
  for (int x = 0; x < colours.width(); ++x)
    colours.setPixel(x, 0, scale_.colour(low + span * x / (colours.width() - 1.0)));
  painter.setPen(palette().color(QPalette::Text));
  const QString title = scale_.unit.isEmpty() ? scale_.label : tr("%1 (%2)").arg(scale_.label, scale_.unit);
  painter.drawText(QRectF(bar.left(), 1, width() - bar.left(), fontMetrics().height()),
                   Qt::AlignLeft | Qt::AlignVCenter,
                   fontMetrics().elidedText(title, Qt::ElideRight, width() - qRound(bar.left()) - 4));
  painter.drawImage(bar, colours);
  painter.setPen(Qt::NoPen);
  if (scale_.higher_occur) {  // both tips where both signs go on
    painter.setBrush(QColor(scale_.colour(scale_.peak)));
    painter.drawPolygon(QPolygonF{bar.topRight(), bar.bottomRight(), {bar.right() + kTip, bar.center().y()}});
    painter.setBrush(QColor(scale_.colour(low)));
    if (low < 0) painter.drawPolygon(QPolygonF{bar.topLeft(), bar.bottomLeft(), {bar.left() - kTip, bar.center().y()}});
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette().color(QPalette::Mid), 1));
  painter.drawRect(bar);
  // As many round numbers as have room.
  const double step = round_step(span * 52 / bar.width());
  const QColor words = palette().color(QPalette::PlaceholderText);
  for (double value = std::ceil(low / step - 1e-9) * step; value <= scale_.peak + step * 1e-6; value += step) {
    const double x = bar.left() + bar.width() * (value - low) / span;
    painter.setPen(QPen(words, 1));
    painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 4));
    const QString text = QLocale().toString(std::abs(value) < step * 1e-6 ? 0.0 : value, 'g', 4);
    painter.drawText(QRectF(x - 40, bar.bottom() + 4, 80, fontMetrics().height()), Qt::AlignCenter, text);
  }
}

}  // namespace mgdm::ui
