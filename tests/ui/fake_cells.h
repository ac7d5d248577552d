// A comparison that is there at once, or bit by bit as from a slow disk.
#pragma once
#include <QColor>
#include <QPainter>
#include <QSet>
#include <QTimer>
#include <functional>

#include "ui/compare/cells.h"

namespace mgdm::ui::fixture {

class FakeCells : public Cells {
 public:
  /// Every place has a cell but those that `skipped` says.
  explicit FakeCells(const QVector<AxisWords>& axes, const std::function<bool(const QVector<int>&)>& skipped = {})
      : axes_(axes) {
    QVector<int> at(axes.size(), 0);
    for (bool more = true; more;) {
      if (!skipped || !skipped(at)) {
        Cell cell;
        cell.at = at;
        QStringList words;
        for (int axis = 0; axis < at.size(); ++axis) words << axes_[axis].values[at[axis]];
        cell.label = words.join(QStringLiteral(", "));
        cell.state = State::Done;
        cell.size = QSize(256, 256);
        cells_ << cell;
      }
      more = false;
      for (int axis = static_cast<int>(at.size()) - 1; axis >= 0 && !more; --axis) {
        more = ++at[axis] < axes_[axis].values.size();
        if (!more) at[axis] = 0;
      }
    }
  }

  const QVector<AxisWords>& axes() const override { return axes_; }
  int count() const override { return static_cast<int>(cells_.size()); }
  const Cell& cell(int index) const override { return cells_.at(index); }
  int find(const QVector<int>& at) const override {
    for (int i = 0; i < cells_.size(); ++i) {
      if (cells_[i].at == at) return i;
    }
    return -1;
  }
  QImage picture(int index, Shown shown, int iterate) override {
    ++requests;
    requested.insert(index);
    const QString key = QStringLiteral("%1 %2 %3").arg(index).arg(static_cast<int>(shown)).arg(iterate);
    if (slow && !read_.contains(key)) {
      read_.insert(key);
      QTimer::singleShot(1, this, [this, index] { Q_EMIT pictureChanged(index); });
      return {};
    }
    return make(index, shown, iterate);
  }
  QImage observation(int) override { return plain(Qt::blue); }
  QImage reference(int) override { return no_reference ? QImage() : make_reference(); }
  bool hasReference() const override { return !no_reference; }

  Cell& operator[](int index) { return cells_[index]; }
  /// 256 x 256 with a bright quarter at the top left: what is zoomed or moved looks different.
  static QImage plain(const QColor& colour) {
    QImage image(256, 256, QImage::Format_RGB32);
    image.fill(colour);
    QPainter(&image).fillRect(0, 0, 128, 128, colour.lighter(160));
    return image;
  }

  std::function<QImage(int, Shown, int)> make = [](int index, Shown, int iterate) {
    return plain(QColor::fromHsv(index * 37 % 360, 200, iterate < 0 ? 150 : 40 + 10 * iterate));
  };
  std::function<QImage()> make_reference = [] { return plain(Qt::darkGreen); };
  bool slow = false;  ///< the first request of each is answered later
  bool no_reference = false;
  int requests = 0;
  QSet<int> requested;

 private:
  QVector<AxisWords> axes_;
  QVector<Cell> cells_;
  QSet<QString> read_;
};

/// "1" to "n".
inline QStringList numbered(int n) {
  QStringList words;
  for (int i = 1; i <= n; ++i) words << QString::number(i);
  return words;
}

}  // namespace mgdm::ui::fixture
