#include "ui/compare/grid_sheet.h"

#include <ATen/ops/linspace.h>

#include <QCoreApplication>
#include <QFontMetrics>
#include <algorithm>
#include <cmath>

#include "ui/compare/cell_numbers.h"
#include "ui/widgets/pictures.h"

namespace mgdm::ui {

namespace {

QString shown_words(Shown shown) {
  switch (shown) {
    case Shown::Result:
      return {};
    case Shown::Noisy:
      return QCoreApplication::translate("GridExport", "noisy state x_t");
    case Shown::Residual:
      return QCoreApplication::translate("GridExport", "residual |y - H(x)|");
    case Shown::Mean:
      return QCoreApplication::translate("GridExport", "mean of the samples");
    case Shown::Spread:
      return QCoreApplication::translate("GridExport", "standard deviation of the samples");
    case Shown::Error:
      return QCoreApplication::translate("GridExport", "error");
  }
  return {};
}

int values_of(const Cells& cells, int axis) {
  return axis < 0 ? 1 : static_cast<int>(cells.axes()[axis].values.size());
}

}  // namespace

std::vector<int> grid_cells(const Cells& cells, const GridChoice& choice) {
  std::vector<int> all;
  QVector<int> at = choice.fixed;
  at.resize(cells.axes().size());
  for (int row = 0; row < values_of(cells, choice.rows); ++row) {
    for (int column = 0; column < values_of(cells, choice.columns); ++column) {
      if (choice.rows >= 0) at[choice.rows] = row;
      if (choice.columns >= 0) at[choice.columns] = column;
      all.push_back(cells.find(at));
    }
  }
  return all;
}

GridSheet::GridSheet(const Cells& cells, const GridChoice& choice, const std::vector<QSize>& sizes)
    : cells_(cells), choice_(choice), cells_at_(grid_cells(cells, choice)), sizes_(sizes) {
  rows_ = values_of(cells, choice.rows);
  columns_ = values_of(cells, choice.columns);
  for (const QSize& size : sizes_) tile_ = tile_.expandedTo(size);
  if (tile_.isEmpty()) tile_ = {256, 256};
  for (QSize& size : sizes_) size = size.isEmpty() ? tile_ : size;
  // Letters as large beside the tiles as on a page with five of them across.
  const int letters = std::clamp(tile_.width() / 17, 9, 64);
  font_.setPixelSize(letters);
  bold_ = font_;
  bold_.setBold(true);
  big_ = bold_;
  big_.setPixelSize(letters * 3 / 2);
  const QFontMetrics metrics(font_), bold(bold_);
  line_ = metrics.height();
  gap_ = std::max(6, letters * 2 / 3);
  margin_ = 2 * gap_;
  qsizetype lines = 0;
  for (const int cell : cells_at_) {
    if (cell >= 0) lines = std::max(lines, caption(cell).size());
  }
  caption_ = lines == 0 ? 0 : static_cast<int>(lines) * line_ + gap_ / 2;
  left_ = margin_;
  if (choice.rows >= 0) {
    int widest = bold.horizontalAdvance(cells.axes()[choice.rows].name);
    for (const QString& value : cells.axes()[choice.rows].values)
      widest = std::max(widest, bold.horizontalAdvance(value));
    left_ += std::min(widest, std::max(tile_.width(), 12 * letters)) + gap_;
  }
  top_ = margin_;
  if (!choice.title.isEmpty()) top_ += QFontMetrics(big_).height() + gap_ / 2;
  if (!subtitle().isEmpty()) top_ += line_ + gap_ / 2;
  if (!choice.scale_high.isEmpty()) top_ += line_ + gap_ / 2;
  top_ += line_ + gap_;  // headings
  size_ = {left_ + columns_ * (tile_.width() + gap_) - gap_ + margin_,
           top_ + rows_ * (tile_.height() + caption_ + gap_) - gap_ + margin_};
  // A few small tiles below a long title.
  const int title = std::max(QFontMetrics(big_).horizontalAdvance(choice.title), metrics.horizontalAdvance(subtitle()));
  size_.setWidth(std::max(size_.width(), std::min(title, 80 * letters) + 2 * margin_));
}

QRect GridSheet::tile(int row, int column) const {
  return {left_ + column * (tile_.width() + gap_), top_ + row * (tile_.height() + caption_ + gap_), tile_.width(),
          tile_.height() + caption_};
}

QRect GridSheet::picture(int row, int column) const {
  return {tile(row, column).topLeft(), sizes_[index(row, column)]};
}

QString GridSheet::subtitle() const {
  QStringList parts;
  if (const QString what = shown_words(choice_.shown); !what.isEmpty()) parts << what;
  for (int k = 0; k < cells_.axes().size(); ++k) {
    if (k == choice_.rows || k == choice_.columns) continue;
    const auto& axis = cells_.axes()[k];
    parts << QStringLiteral("%1: %2").arg(axis.name, axis.values.value(choice_.fixed.value(k)));
  }
  return parts.join(QStringLiteral(";  "));
}

QStringList GridSheet::caption(int cell) const {
  QStringList parts, lines;
  for (const std::string& name : choice_.figures) {
    const double value = figureOf(cells_.cell(cell), name);
    if (std::isfinite(value)) parts << QStringLiteral("%1 %2").arg(figureLabel(name), figureValue(name, value));
  }
  // As many to a line as fit.
  const QFontMetrics metrics(font_);
  for (const QString& part : parts) {
    const QString longer = lines.isEmpty() ? part : lines.last() + QStringLiteral(", ") + part;
    if (!lines.isEmpty() && metrics.horizontalAdvance(longer) <= tile_.width()) {
      lines.last() = longer;
    } else {
      lines << part;
    }
  }
  return lines;
}

void GridSheet::drawScale(QPainter& painter, const QRect& line) const {
  const QFontMetrics metrics(font_);
  const int low = metrics.horizontalAdvance(choice_.scale_low);
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, choice_.scale_low);
  const QRect bar(line.left() + low + gap_, line.top() + line.height() / 4, std::max(60, tile_.width()),
                  line.height() / 2);
  painter.drawImage(bar, heat_image(at::linspace(0, 1, 256).view({1, 256}), 1));
  painter.drawText(QRect(bar.right() + gap_, line.top(), size_.width(), line.height()),
                   Qt::AlignLeft | Qt::AlignVCenter, choice_.scale_high);
}

void GridSheet::drawFrame(QPainter& painter, const QRect& clip) const {
  painter.setPen(Qt::black);
  const int width = size_.width() - 2 * margin_;
  const auto elided = [&](const QFont& font, const QString& text, int room) {
    painter.setFont(font);
    return QFontMetrics(font).elidedText(text, Qt::ElideRight, room);
  };
  if (clip.top() < top_) {
    int y = margin_;
    if (!choice_.title.isEmpty()) {
      const int height = QFontMetrics(big_).height();
      painter.drawText(QRect(margin_, y, width, height), Qt::AlignLeft | Qt::AlignVCenter,
                       elided(big_, choice_.title, width));
      y += height + gap_ / 2;
    }
    if (!subtitle().isEmpty()) {
      painter.drawText(QRect(margin_, y, width, line_), Qt::AlignLeft | Qt::AlignVCenter,
                       elided(font_, subtitle(), width));
      y += line_ + gap_ / 2;
    }
    painter.setFont(font_);
    if (!choice_.scale_high.isEmpty()) drawScale(painter, {margin_, y, width, line_});
    const int heading = top_ - gap_ / 2 - line_;
    if (choice_.rows >= 0) {
      painter.drawText(QRect(margin_, heading, left_ - gap_ - margin_, line_), Qt::AlignLeft | Qt::AlignVCenter,
                       elided(font_, cells_.axes()[choice_.rows].name, left_ - gap_ - margin_));
    }
    for (int column = 0; column < columns_ && choice_.columns >= 0; ++column) {
      const auto& axis = cells_.axes()[choice_.columns];
      const QString text =
          column == 0 ? QStringLiteral("%1: %2").arg(axis.name, axis.values[column]) : axis.values[column];
      painter.drawText(QRect(tile(0, column).left(), heading, tile_.width(), line_),
                       Qt::AlignHCenter | Qt::AlignVCenter, elided(bold_, text, tile_.width()));
    }
  }
  for (int row = 0; row < rows_ && choice_.rows >= 0; ++row) {
    const QRect room(margin_, tile(row, 0).top(), left_ - gap_ - margin_, tile_.height());
    if (!room.intersects(clip)) continue;
    painter.setFont(bold_);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap,
                     cells_.axes()[choice_.rows].values[row]);
  }
}

void GridSheet::drawTile(QPainter& painter, int row, int column, const QImage& picture) const {
  const QRect whole = tile(row, column);
  const int cell = cellAt(row, column);
  painter.setFont(font_);
  if (!picture.isNull()) {
    // A map of the observation may have another size than the picture: it covers the same, pixels still seen as such.
    const QSize size = picture.size().scaled(this->picture(row, column).size(), Qt::KeepAspectRatio);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, size.width() < picture.width());
    painter.drawImage(QRect(whole.topLeft(), size), picture);
  } else {
    const QRect place(whole.topLeft(), tile_);
    painter.fillRect(place, QColor(0xf0, 0xf0, 0xf0));
    QString why = QCoreApplication::translate("GridExport", "left out");
    if (cell >= 0) {
      const Cells::Cell& c = cells_.cell(cell);
      const bool failed = c.state == Cells::State::Failed;
      why = failed                          ? c.error
            : c.state == Cells::State::Done ? QCoreApplication::translate("GridExport", "no picture")
                                            : QCoreApplication::translate("GridExport", "not finished");
    }
    painter.setPen(QColor(0x60, 0x60, 0x60));
    painter.drawText(place.adjusted(gap_, gap_, -gap_, -gap_), Qt::AlignCenter | Qt::TextWordWrap, why);
  }
  if (cell < 0) return;
  painter.setPen(Qt::black);
  QRect line(whole.left(), whole.top() + tile_.height() + gap_ / 4, tile_.width(), line_);
  for (const QString& text : caption(cell)) {
    painter.drawText(line, Qt::AlignHCenter | Qt::AlignVCenter,
                     QFontMetrics(font_).elidedText(text, Qt::ElideRight, tile_.width()));
    line.translate(0, line_);
  }
}

}  // namespace mgdm::ui
