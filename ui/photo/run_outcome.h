// What a finished run leaves, ready for the window.
#pragma once
#include <QImage>
#include <QString>
#include <string>
#include <vector>

#include "core/media/working_area.h"
#include "ui/widgets/pictures.h"

namespace mgdm::ui {

struct RunOutcome {
  std::vector<Sample> samples;
  Sample mean;                ///< of the samples; empty for one sample
  QImage deviation;           ///< standard deviation over the samples, colour scale 0 to `deviation_peak`
  double deviation_peak = 0;  ///< as a share of the range black to white
  QImage observation;
  QImage input;                             ///< what the network saw as the photo
  QString record;                           ///< run.json
  std::string task;                         ///< that was run, whatever the form says now
  quint64 seed = 0;                         ///< the same
  double seconds = 0, preview_seconds = 0;  ///< preview: spent by the worker on bringing iterates to the window
  bool stopped = false;
  bool masked = false;    ///< only painted pixels are the result's
  bool enlarged = false;  ///< the result shows more pixels than the area had (super-resolution)
  WorkingArea area;       ///< around all that can change
  cv::Mat
      weight;   ///< CV_16UC1 of `area.rect`'s size: the result's share of each pixel; empty: to be made from the mask
  QImage mask;  ///< of the photo's size, as it was for this run
};

/// What can be guessed of a photo's damage.
struct Estimate {
  double noise = 0;      ///< standard deviation, image range -1 to 1
  int jpeg_quality = 0;  ///< 0: no JPEG
};

}  // namespace mgdm::ui
