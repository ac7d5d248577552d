// Maps of numbers as colours: the scale, and the bar that says what its colours stand for. Dark is always zero, so that
// what is wrong stands out in either theme.
#pragma once
#include <QColor>
#include <QImage>
#include <QString>
#include <QWidget>

#include "core/metrics/error_maps.h"

namespace at {
class Tensor;
}

namespace mgdm::ui {

/// A value. Any thread.
struct ColorScale {
  enum class Kind {
    Sequential,  ///< 0 to `peak`: the scale of `heat_image` (inferno), whose lightness rises evenly
    Diverging    ///< -peak to peak: blue below zero, orange above, of even and equal lightness on both sides (OKLab);
                 ///< people who cannot tell red from green tell these two
  };
  Kind kind = Kind::Sequential;
  double peak = 1;
  QString label;              ///< what is measured, for the bar
  QString unit;               ///< empty: none
  bool higher_occur = false;  ///< values beyond the peak are possible; they have the last colour

  double low() const { return kind == Kind::Diverging ? -peak : 0; }
  /// Opaque; beyond the ends the colour of the end, NaN a grey that the scale does not have.
  QRgb colour(double value) const;
};

/// `peak` 0: the one that the map's description recommends. Its words are in the person's language.
ColorScale scale_of(ErrorMap map, double peak = 0);
/// |y - H(x)|, 0 to kResidualScale sigmas, as pictures of residuals are coloured (ui/widgets/pictures.h).
ColorScale residual_scale();

/// float [H, W] -> opaque picture of that size.
QImage map_image(const at::Tensor& map, const ColorScale& scale);

/// A gradient with ticks, what it measures and in which unit. Follows the theme.
class LegendBar : public QWidget {
  Q_OBJECT
 public:
  explicit LegendBar(QWidget* parent = nullptr);
  void setScale(const ColorScale& scale);
  const ColorScale& scale() const { return scale_; }
  /// Where the gradient lies, without the tips that stand for values beyond its ends.
  QRectF gradient() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  ColorScale scale_;
};

}  // namespace mgdm::ui
