// How the large view looks.
#include <QElapsedTimer>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/compare/large_view.h"

namespace mgdm::ui {

namespace {

constexpr double kValuesFrom = 24;  // units for a pixel: from there on it tells its values

/// "-.03": short enough for a pixel.
QString short_number(float value) {
  QString text = QString::number(static_cast<double>(value), 'f', 2);
  if (text == QLatin1String("-0.00")) text = QStringLiteral("0.00");
  if (text.startsWith(QLatin1String("0."))) return text.mid(1);
  if (text.startsWith(QLatin1String("-0."))) return QLatin1Char('-') + text.mid(2);
  return text;
}

}  // namespace

void LargeView::paintEvent(QPaintEvent*) {
  QElapsedTimer clock;
  clock.start();
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Dark));
  if (cells_ == nullptr || cell_ < 0) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect(), Qt::AlignCenter, tr("No cell is chosen"));
    return;
  }
  const QRectF all = area();
  const bool two = twoSided();
  if (two && mode_ == Mode::SideBySide) {
    for (const int side : {0, 1}) {
      paintPane(painter, side, boxOf(side));
      paintTitle(painter, side, boxOf(side), false);
    }
    painter.fillRect(QRectF(boxOf(0).right(), 0, 2, all.height()), palette().color(QPalette::Window));
  } else if (two && mode_ == Mode::Slider) {
    const double x = std::round(split_ * width());
    paintPane(painter, 0, QRectF(0, 0, x, all.height()));
    paintPane(painter, 1, QRectF(x, 0, all.width() - x, all.height()));
    paintSplit(painter);
    paintTitle(painter, 0, all, false);
    paintTitle(painter, 1, all, true);
  } else {
    const int side = two && mode_ == Mode::Flip && second_seen_ ? 1 : 0;
    paintPane(painter, side, all);
    // While it flips, each name keeps its side: where the eye need not look to know whose turn it is.
    paintTitle(painter, side, all, side == 1);
  }
  frame_ms_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void LargeView::paintPane(QPainter& painter, int side, const QRectF& clip) {
  Pane& pane = panes_[side];
  const QRectF box = boxOf(side);
  painter.save();
  painter.setClipRect(clip);
  if (pane.image.isNull()) {
    if (cells_->cell(pane.picture.cell).state == Cells::State::Failed) painter.fillRect(box, QColor(208, 48, 48, 45));
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(box.adjusted(40, 40, -40, -40), Qt::AlignCenter | Qt::TextWordWrap, pane.message);
  } else {
    const QRectF target = view_.target(pane.image.size(), box);
    if (moving_) {
      draw_quickly(painter, pane.image, target, box);
    } else {
      const bool there = pane.drawn_image == pane.image.cacheKey() && pane.drawn_view == view_ &&
                         pane.drawn.deviceIndependentSize() == box.size() &&
                         pane.drawn.devicePixelRatio() == devicePixelRatioF();
      if (!there) {
        pane.drawn =
            picture_in_box(pane.image, view_, box.size(), devicePixelRatioF(), palette().color(QPalette::Dark));
        pane.drawn_view = view_;
        pane.drawn_image = pane.image.cacheKey();
      }
      painter.drawImage(box.topLeft(), pane.drawn);
    }
    if (target.width() / pane.image.width() >= kValuesFrom) paintValues(painter, pane, target, clip);
  }
  const Cells::Cell& what = cells_->cell(pane.picture.cell);
  if (what.state == Cells::State::Running && pane.picture.held == Held::Nothing) {
    const QRectF bar(box.left(), box.bottom() - 4, box.width(), 4);
    painter.fillRect(bar, QColor(0, 0, 0, 150));
    painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(what.share, 0.0, 1.0), bar.height()),
                     palette().color(QPalette::Highlight));
  }
  painter.restore();
}

// Red, green and blue as 8-bit levels below each other, or the one number of an error map.
void LargeView::paintValues(QPainter& painter, const Pane& pane, const QRectF& target, const QRectF& clip) {
  const double scale = target.width() / pane.image.width();
  const QRect seen = QRectF((clip.x() - target.x()) / scale, (clip.y() - target.y()) / scale, clip.width() / scale,
                            clip.height() / scale)
                         .toAlignedRect()
                         .intersected(pane.image.rect());
  QFont font = painter.font();
  font.setPixelSize(std::clamp(static_cast<int>(scale * 0.29), 7, 15));
  painter.setFont(font);
  const double line = font.pixelSize() * 1.05;
  // Thousands of them in a frame: each word is laid out once.
  if (std::exchange(words_size_, font.pixelSize()) != font.pixelSize()) words_.clear();
  const auto write = [&](const QString& text, const QPointF& middle) {
    auto word = words_.find(text);
    if (word == words_.end()) {
      word = words_.insert(text, QStaticText(text));
      word->setTextFormat(Qt::PlainText);
      word->prepare({}, font);
    }
    painter.drawStaticText(middle - QPointF(word->size().width() / 2, word->size().height() / 2), *word);
  };
  const bool one = pane.values.size() == static_cast<qsizetype>(pane.image.width()) * pane.image.height();
  for (int y = seen.top(); y <= seen.bottom(); ++y) {
    for (int x = seen.left(); x <= seen.right(); ++x) {
      const QRgb colour = pane.image.pixel(x, y);
      const QRectF pixel(target.x() + x * scale, target.y() + y * scale, scale, scale);
      painter.setPen(qGray(colour) > 130 ? QColor(0, 0, 0, 220) : QColor(255, 255, 255, 230));
      if (one) {
        write(short_number(pane.values[static_cast<qsizetype>(y) * pane.image.width() + x]), pixel.center());
        continue;
      }
      const int levels[] = {qRed(colour), qGreen(colour), qBlue(colour)};
      for (int i = 0; i < 3; ++i) write(QString::number(levels[i]), pixel.center() + QPointF(0, (i - 1) * line));
    }
  }
}

void LargeView::paintTitle(QPainter& painter, int side, const QRectF& box, bool right) {
  const QFontMetrics metrics = painter.fontMetrics();
  const double most = (mode_ == Mode::Slider && twoSided() ? box.width() / 2 : box.width()) - 40;
  const QString words = metrics.elidedText(panes_[side].title, Qt::ElideMiddle, static_cast<int>(std::max(40.0, most)));
  const QSizeF size(metrics.horizontalAdvance(words) + 16, metrics.height() + 8);
  const QRectF badge(right ? box.right() - size.width() - 10 : box.left() + 10, box.top() + 10, size.width(),
                     size.height());
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(QColor(0, 0, 0, 180));
  painter.drawRoundedRect(badge, 4, 4);
  painter.setPen(Qt::white);
  painter.drawText(badge, Qt::AlignCenter, words);
  painter.restore();
}

// As the photo page's slider looks.
void LargeView::paintSplit(QPainter& painter) {
  const double x = std::round(split_ * width()), middle = area().height() / 2;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(x - 1, 0, 2, area().height()), Qt::white);
  painter.setPen(QPen(QColor(0, 0, 0, 120), 1));
  painter.setBrush(Qt::white);
  painter.drawEllipse(QPointF(x, middle), 11, 11);
  painter.setBrush(QColor(60, 64, 72));
  painter.setPen(Qt::NoPen);
  for (const int side : {-1, 1})
    painter.drawPolygon(
        QPolygonF{{x + side * 2.0, middle - 4}, {x + side * 2.0, middle + 4}, {x + side * 7.0, middle}});
  painter.restore();
}

}  // namespace mgdm::ui
