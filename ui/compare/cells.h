// The cells of a comparison as the page's views see them, whoever fills them: a run that is on, a folder that a cluster
// fills, a folder of pictures. GUI thread.
#pragma once
#include <QImage>
#include <QObject>
#include <QStringList>
#include <QVector>
#include <optional>

#include "core/compare/figures.h"

namespace mgdm::ui {

/// What of a cell is shown.
enum class Shown {
  Result,    ///< the first sample; of a cell that is on its newest clean estimate
  Noisy,     ///< the state that is denoised, x_t
  Residual,  ///< |y - H(x)| in sigmas
  Mean,      ///< of the samples
  Spread,    ///< their standard deviation
  Error      ///< against the reference or another cell, by the error map that is chosen
};

class Cells : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;

  struct AxisWords {
    QString name;
    QStringList values;
  };
  enum class State { Waiting, Running, Done, Failed };
  struct Cell {
    QVector<int> at;  ///< the value of each axis
    QString label;
    State state = State::Waiting;
    QString error;     ///< Failed: why
    double share = 0;  ///< Running: what of it is done
    Figures figures;   ///< Done: all; Running: those of the newest iterate
    int iterates = 0;  ///< that are kept and can be scrubbed
    QSize size;        ///< of its picture; empty: not known yet
  };

  virtual const QVector<AxisWords>& axes() const = 0;
  virtual int count() const = 0;
  virtual const Cell& cell(int index) const = 0;
  /// The cell with these values of the axes; -1: it is skipped.
  virtual int find(const QVector<int>& at) const = 0;

  /// The picture at its own pixels, or a null one while it is being read: `pictureChanged` follows. `iterate`: a kept
  /// one, 0 to `iterates` - 1; -1: the result. At most a bounded number are in memory (see the implementation).
  virtual QImage picture(int index, Shown shown, int iterate = -1) = 0;
  /// What was given (degraded) and, where it is known, the clean one; null while it is being read, or where there is
  /// none.
  virtual QImage observation(int index) = 0;
  virtual QImage reference(int index) = 0;
  virtual bool hasReference() const = 0;

 Q_SIGNALS:
  void reset();                    ///< other axes, other cells
  void changed(int index);         ///< its state, share or figures
  void pictureChanged(int index);  ///< whoever shows it asks for it again
};

}  // namespace mgdm::ui
