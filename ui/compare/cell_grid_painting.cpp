// How a grid of cells looks: what is in `paintEvent`'s reach.
#include <QElapsedTimer>
#include <QPainter>
#include <QScrollBar>
#include <QTextOption>
#include <cmath>

#include "ui/compare/cell_grid.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QColor between(const QColor& a, const QColor& b, double share) {
  return QColor::fromRgbF(static_cast<float>(a.redF() + (b.redF() - a.redF()) * share),
                          static_cast<float>(a.greenF() + (b.greenF() - a.greenF()) * share),
                          static_cast<float>(a.blueF() + (b.blueF() - a.blueF()) * share));
}

void paint_letter(QPainter& painter, const QRect& box, const QString& letter) {
  const QRect badge(box.left() + 5, box.top() + 5, 18, 18);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(QColor(0, 0, 0, 180));
  painter.drawRoundedRect(badge, 4, 4);
  painter.setPen(Qt::white);
  painter.drawText(badge, Qt::AlignCenter, letter);
  painter.setRenderHint(QPainter::Antialiasing, false);
}

}  // namespace

void CellGrid::paintEvent(QPaintEvent* event) {
  QElapsedTimer clock;
  clock.start();
  QPainter painter(viewport());
  const QPalette& p = palette();
  painter.fillRect(event->rect(), p.color(QPalette::Dark));
  if (cells_ == nullptr || cells_->count() == 0) {
    painter.setPen(p.color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect(), Qt::AlignCenter, tr("Nothing to compare yet"));
    return;
  }
  tiles_.setView(view_, boxSize(), devicePixelRatioF(), p.color(QPalette::Dark));
  painter.save();
  painter.setClipRect(event->rect() & viewport()->rect().adjusted(header_width_, header_height_, 0, 0));
  int number = 0;
  for (const int cell : std::as_const(visible_)) {
    ++number;
    const QRect box = boxOf(placeOf(cell));
    if (box.adjusted(-4, -4, 4, captionHeight() + 4).intersects(event->rect()))
      paintCell(painter, cell, box, number <= 9 ? number : 0);
  }
  painter.restore();
  paintHeaders(painter);
  frame_ms_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void CellGrid::paintCell(QPainter& painter, int cell, const QRect& box, int number) {
  const Cells::Cell& what = cells_->cell(cell);
  const bool drawn = tiles_.draw(painter, pictureOf(cell), box, moving_);
  paintState(painter, what, box, drawn);
  paintCaption(painter, cell, box, number);
  if (marked_ >= 0 && cell == marked_) paint_letter(painter, box, tr("B", "the second of two cells"));
  if (marked_ >= 0 && cell == current_ && cell != marked_)
    paint_letter(painter, box, tr("A", "the first of two cells"));
  if (cell != current_) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(hasFocus() ? palette().color(QPalette::Highlight) : palette().color(QPalette::PlaceholderText),
                      hasFocus() ? 2.5 : 1.5));
  painter.drawRoundedRect(QRectF(box).adjusted(-2.5, -2.5, 2.5, 2.5), 3, 3);
  painter.setRenderHint(QPainter::Antialiasing, false);
}

void CellGrid::paintState(QPainter& painter, const Cells::Cell& cell, const QRect& box, bool drawn) {
  const QPalette& p = palette();
  const bool failed = cell.state == Cells::State::Failed;
  if (failed || !drawn) {
    const QColor empty = p.color(QPalette::Base);
    painter.fillRect(box, failed ? between(empty, QColor(208, 48, 48), 0.22) : empty);
  }
  if (failed) {
    painter.setPen(p.color(QPalette::Text));
    QTextOption option(Qt::AlignCenter);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    // As many lines as have room: the tool tip has all of it.
    const QRect inside = box.adjusted(8, 6, -8, -6);
    const int line = fontMetrics().height();
    QString sentence = cell.error;
    while (sentence.size() > 8 &&
           painter.fontMetrics().boundingRect(inside, Qt::TextWordWrap | Qt::AlignCenter, sentence).height() >
               std::max(line, inside.height()))
      sentence = sentence.left(sentence.size() * 4 / 5).trimmed() + QStringLiteral("…");
    painter.drawText(QRectF(inside), sentence, option);
  } else if (!drawn) {
    painter.setPen(p.color(QPalette::PlaceholderText));
    const QString words = cell.state == Cells::State::Waiting   ? tr("waiting")
                          : cell.state == Cells::State::Running ? tr("starting")
                                                                : QStringLiteral("…");
    painter.drawText(box, Qt::AlignCenter, fontMetrics().elidedText(words, Qt::ElideRight, box.width() - 4));
  }
  if (cell.state != Cells::State::Running) return;
  const QRect bar(box.left(), box.bottom() - 3, box.width(), 4);
  painter.fillRect(bar, QColor(0, 0, 0, 150));
  painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(cell.share, 0.0, 1.0), bar.height()),
                   p.color(QPalette::Highlight));
}

QString CellGrid::captionOf(const Cells::Cell& cell) const {
  const auto found = figure_.empty() ? cell.figures.end() : cell.figures.find(figure_);
  const QString figure = found == cell.figures.end() ? QString() : text(figure_text(figure_, found->second));
  const auto told = [&]() -> QString {
    switch (cell.state) {
      case Cells::State::Failed:
        return tr("failed");
      case Cells::State::Waiting:
        return {};
      case Cells::State::Running: {
        const QString share = tr("%1 %").arg(qRound(cell.share * 100));
        return figure.isEmpty() ? share : share + QStringLiteral("  ·  ") + figure;
      }
      case Cells::State::Done:
        break;
    }
    return figure;
  }();
  if (!wrapped()) return told;
  const QString value = cells_->axes().at(placement_.columns).values.value(cell.at.value(placement_.columns));
  return told.isEmpty() ? value : value + QStringLiteral("  ·  ") + told;
}

void CellGrid::paintCaption(QPainter& painter, int cell, const QRect& box, int number) {
  const Cells::Cell& what = cells_->cell(cell);
  const QPalette& p = palette();
  QRect line(box.left(), box.bottom() + 3, box.width(), captionHeight() - 4);
  if (number > 0 && box.width() >= 110) {  // the key that shows it large
    painter.setPen(p.color(QPalette::Disabled, QPalette::Text));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, QString::number(number));
    line.setRight(line.right() - fontMetrics().horizontalAdvance(QLatin1Char('0')) - 6);
  }
  QFont font = painter.font();
  font.setWeight(cell == best_ ? QFont::DemiBold : QFont::Normal);
  painter.setFont(font);
  painter.setPen(cell == best_
                     ? p.color(QPalette::Link)
                     : p.color(what.state == Cells::State::Done ? QPalette::Text : QPalette::PlaceholderText));
  const QString words = (cell == best_ ? QStringLiteral("★ ") : QString()) + captionOf(what);
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(words, Qt::ElideRight, line.width()));
  font.setWeight(QFont::Normal);
  painter.setFont(font);
}

void CellGrid::paintHeaders(QPainter& painter) {
  const QPalette& p = palette();
  const Place now = placeOf(current_);
  const auto word = [&](const QRect& place, Qt::Alignment alignment, const QString& text, bool is_current) {
    painter.setPen(p.color(is_current ? QPalette::Text : QPalette::PlaceholderText));
    painter.drawText(place, alignment, fontMetrics().elidedText(text, Qt::ElideRight, place.width()));
  };
  const QRect top(0, 0, viewport()->width(), header_height_), left(0, 0, header_width_, viewport()->height());
  painter.fillRect(top, p.color(QPalette::Window));
  painter.fillRect(left, p.color(QPalette::Window));
  const QVector<Cells::AxisWords>& axes = cells_->axes();
  if (placement_.columns >= 0 && !wrapped()) {  // else each cell's caption has its value
    painter.setClipRect(top.adjusted(header_width_, 0, 0, 0));
    for (int column = 0; column < columns_; ++column) {
      const QRect box = boxOf({0, column});
      word({box.left(), 0, box.width(), header_height_}, Qt::AlignCenter, axes.at(placement_.columns).values.at(column),
           column == now.column);
    }
  }
  if (placement_.rows >= 0) {
    painter.setClipRect(left.adjusted(0, header_height_, 0, 0));
    for (int row = 0; row < rows_; ++row) {
      const QRect box = boxOf({row, 0});
      word({8, box.top(), header_width_ - 16, box.height()}, Qt::AlignRight | Qt::AlignVCenter,
           axes.at(placement_.rows).values.at(row), row == now.row);
    }
  }
  painter.setClipping(false);
  painter.setPen(p.color(QPalette::Mid));
  painter.drawLine(0, header_height_ - 1, viewport()->width(), header_height_ - 1);
  painter.drawLine(header_width_ - 1, 0, header_width_ - 1, viewport()->height());
}

QString CellGrid::spokenOf(int cell) const {
  const Cells::Cell& what = cells_->cell(cell);
  QStringList parts;
  for (int axis = 0; axis < what.at.size(); ++axis) {
    const Cells::AxisWords& words = cells_->axes().at(axis);
    parts << tr("%1 %2", "an axis and its value").arg(words.name, words.values.value(what.at.at(axis)));
  }
  if (parts.isEmpty()) parts << what.label;
  QString state;
  switch (what.state) {
    case Cells::State::Waiting:
      state = tr("waiting");
      break;
    case Cells::State::Running:
      state = tr("running, %1 %").arg(qRound(what.share * 100));
      break;
    case Cells::State::Failed:
      state = tr("failed: %1").arg(what.error);
      break;
    case Cells::State::Done:
      break;
  }
  const auto found = figure_.empty() ? what.figures.end() : what.figures.find(figure_);
  QStringList told;
  if (found != what.figures.end())
    told << tr("%1 %2", "a figure and its value")
                .arg(spoken(figure_of(figure_).label), text(figure_text(figure_, found->second)));
  if (cell == best_) told << tr("the best");
  if (!state.isEmpty()) told << state;
  return told.isEmpty() ? parts.join(QStringLiteral(", "))
                        : tr("%1: %2", "a cell and what is known of it").arg(parts.join(", "), told.join(", "));
}

}  // namespace mgdm::ui
