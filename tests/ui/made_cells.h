// A comparison that is made up, for the views of the page: figures, states and pictures are set by hand.
#pragma once
#include <QColor>
#include <QTimer>
#include <cmath>

#include "ui/compare/cells.h"

namespace mgdm::ui::fixture {

class MadeCells : public Cells {
 public:
  explicit MadeCells(const QVector<AxisWords>& axes) { setAxes(axes); }

  /// All combinations, the last axis fastest; all wait.
  void setAxes(const QVector<AxisWords>& axes) {
    axes_ = axes;
    cells_.clear();
    int count = 1;
    for (const AxisWords& axis : axes) count *= static_cast<int>(axis.values.size());
    for (int index = 0; index < count; ++index) {
      Cell cell;
      cell.at.resize(axes.size());
      int rest = index;
      for (qsizetype k = axes.size(); k-- > 0;) {
        cell.at[k] = rest % static_cast<int>(axes[k].values.size());
        rest /= static_cast<int>(axes[k].values.size());
      }
      QStringList words;
      for (qsizetype k = 0; k < axes.size(); ++k) words << axes[k].values[cell.at[k]];
      cell.label = words.join(", ");
      cells_ << cell;
    }
    Q_EMIT reset();
  }

  void done(int index, const Figures& figures) { set(index, State::Done, figures, {}, 1); }
  void running(int index, double share, const Figures& figures) { set(index, State::Running, figures, {}, share); }
  void failed(int index, const QString& why) { set(index, State::Failed, {}, why, 0); }

  const QVector<AxisWords>& axes() const override { return axes_; }
  int count() const override { return static_cast<int>(cells_.size()); }
  const Cell& cell(int index) const override { return cells_[index]; }
  int find(const QVector<int>& at) const override {
    for (int k = 0; k < count(); ++k) {
      if (cells_[k].at == at && !skipped.contains(k)) return k;
    }
    return -1;
  }

  /// Read from a disk: null at the first time, there a moment later.
  QImage picture(int index, Shown shown, int = -1) override {
    if (cells_[index].state != State::Done || shown != Shown::Result) return {};
    if (!read.contains(index)) {
      QTimer::singleShot(5, this, [this, index] {
        if (broken.contains(index)) return;
        read << index;
        Q_EMIT pictureChanged(index);
      });
      return {};
    }
    ++asked;
    return image(index);
  }
  QImage image(int index) const {
    QImage made(sizes.value(index, size), QImage::Format_RGB888);
    for (int y = 0; y < made.height(); ++y) {
      for (int x = 0; x < made.width(); ++x) made.setPixel(x, y, qRgb(x * 3 + index * 20, y * 5, index * 37));
    }
    return made;
  }
  QImage observation(int) override { return {}; }
  QImage reference(int) override { return {}; }
  bool hasReference() const override { return false; }

  QSize size{48, 32};
  QMap<int, QSize> sizes;  ///< of cells that have another one
  QVector<int> read, skipped, broken;
  int asked = 0;

 private:
  void set(int index, State state, const Figures& figures, const QString& error, double share) {
    Cell& cell = cells_[index];
    cell.state = state;
    cell.figures = figures;
    cell.error = error;
    cell.share = share;
    if (state == State::Done) cell.size = sizes.value(index, size);
    Q_EMIT changed(index);
  }

  QVector<AxisWords> axes_;
  QVector<Cell> cells_;
};

/// Three samplers, four numbers of steps, three seeds, all finished: more steps are better, the seeds differ by one.
inline void fill(MadeCells& cells) {
  for (int c = 0; c < cells.count(); ++c) {
    const auto& at = cells.cell(c).at;
    const double steps = cells.axes()[1].values[at[1]].toDouble();
    const double psnr = 24 + 5 * (1 - std::exp(-steps / 60)) - 1.4 * at[0] + 0.8 * at[2];
    cells.done(c, {{"psnr", psnr},
                   {"ssim", 0.6 + psnr / 100},
                   {"gmsd", 0.3 - psnr / 200},
                   {"residual", 1 + 0.05 * at[2]},
                   {"evaluations", steps * (at[0] == 0 ? 2 : 1)},
                   {"seconds", steps * (0.11 + 0.02 * at[0])},
                   {"peak_memory", 800.0 + 100 * at[0]}});
  }
}

inline QVector<Cells::AxisWords> three_axes() {
  return {{"sampler", {"mgdm", "daps", "dps"}}, {"steps", {"16", "32", "64", "128"}}, {"seed", {"1", "2", "3"}}};
}

}  // namespace mgdm::ui::fixture
