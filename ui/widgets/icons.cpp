#include "ui/widgets/icons.h"

#include <QApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace mgdm::ui {

namespace {

QPainterPath polyline(std::initializer_list<QPointF> points, bool closed = false) {
  QPainterPath path;
  path.addPolygon(QPolygonF(QList<QPointF>(points)));
  if (closed) path.closeSubpath();
  return path;
}

// Files, steps, and the tools of the mask.
bool edit_symbol(QPainterPath& path, QPainter&, Symbol symbol, const QColor&) {
  switch (symbol) {
    case Symbol::Open:
      path = polyline({{3, 19}, {3, 5}, {9, 5}, {11, 8}, {20, 8}, {20, 11}});
      path.addPath(polyline({{3, 19}, {7, 11}, {22, 11}, {18, 19}}, true));
      break;
    case Symbol::Paste:
      path.addRoundedRect(5, 5, 14, 16, 2, 2);
      path.addRoundedRect(9, 3, 6, 4, 1, 1);
      path.addPath(polyline({{9, 12}, {15, 12}}));
      path.addPath(polyline({{9, 16}, {13, 16}}));
      break;
    case Symbol::Save:
      path = polyline({{12, 4}, {12, 15}});
      path.addPath(polyline({{7.5, 10.5}, {12, 15}, {16.5, 10.5}}));
      path.addPath(polyline({{4, 16}, {4, 20}, {20, 20}, {20, 16}}));
      break;
    case Symbol::Undo:
      path.moveTo(5, 10);
      path.lineTo(14, 10);
      path.cubicTo(21, 10, 21, 19, 14, 19);
      path.lineTo(9, 19);
      path.addPath(polyline({{9, 6}, {5, 10}, {9, 14}}));
      break;
    case Symbol::Redo:
      path.moveTo(19, 10);
      path.lineTo(10, 10);
      path.cubicTo(3, 10, 3, 19, 10, 19);
      path.lineTo(15, 19);
      path.addPath(polyline({{15, 6}, {19, 10}, {15, 14}}));
      break;
    default:
      return false;
  }
  return true;
}

bool tool_symbol(QPainterPath& path, QPainter& p, Symbol symbol, const QColor&) {
  QPen pen = p.pen();
  switch (symbol) {
    case Symbol::Brush:
      path.moveTo(20, 4);
      path.lineTo(11, 13);
      path.moveTo(11, 13);
      path.cubicTo(6, 12, 7, 18, 3, 20);
      path.cubicTo(8, 21, 14, 19, 11, 13);
      break;
    case Symbol::Eraser:
      path = polyline({{14, 4}, {20, 10}, {11, 19}, {7, 19}, {4, 16}, {4, 14}}, true);
      path.addPath(polyline({{9, 9}, {15, 15}}));
      path.addPath(polyline({{11, 19.5}, {20, 19.5}}));
      break;
    case Symbol::Rectangle:
      pen.setDashPattern({2.2, 1.8});
      p.setPen(pen);
      path.addRect(4, 6, 16, 12);
      break;
    case Symbol::Lasso:
      path.addEllipse(QPointF(12, 9.5), 8.5, 5.5);
      path.moveTo(6, 13.5);
      path.cubicTo(4, 16, 9, 17, 7, 21);
      break;
    case Symbol::Fill:
      path = polyline({{10, 4}, {18, 12}, {11, 19}, {4, 12}}, true);
      path.addPath(polyline({{10, 4}, {8, 2}}));
      path.moveTo(20.5, 15);
      path.cubicTo(18, 19, 19, 20.5, 20.5, 20.5);
      path.cubicTo(22, 20.5, 23, 19, 20.5, 15);
      path.addPath(polyline({{4.5, 12}, {17.5, 12}}));
      break;
    case Symbol::Select:  // a wand with a spark
      path = polyline({{4, 20}, {14, 10}});
      path.addPath(polyline({{17, 3}, {17, 8}}));
      path.addPath(polyline({{14.5, 5.5}, {19.5, 5.5}}));
      path.addPath(polyline({{20, 11}, {20, 14}}));
      path.addPath(polyline({{18.5, 12.5}, {21.5, 12.5}}));
      break;
    case Symbol::Area:
      path = polyline({{3, 8}, {3, 3}, {8, 3}});
      path.addPath(polyline({{16, 3}, {21, 3}, {21, 8}}));
      path.addPath(polyline({{21, 16}, {21, 21}, {16, 21}}));
      path.addPath(polyline({{8, 21}, {3, 21}, {3, 16}}));
      path.addRect(8, 8, 8, 8);
      break;
    default:
      return false;
  }
  return true;
}

// The mask as a whole, comparing, judging.
bool view_symbol(QPainterPath& path, QPainter& p, Symbol symbol, const QColor& colour) {
  switch (symbol) {
    case Symbol::Invert:
      path.addEllipse(QPointF(12, 12), 8.5, 8.5);
      p.save();
      p.setBrush(colour);
      p.drawPie(QRectF(3.5, 3.5, 17, 17), 90 * 16, 180 * 16);
      p.restore();
      break;
    case Symbol::Clear:
      path.addRoundedRect(6, 7, 12, 14, 2, 2);
      path.addPath(polyline({{3.5, 7}, {20.5, 7}}));
      path.addPath(polyline({{9, 7}, {9, 4}, {15, 4}, {15, 7}}));
      path.addPath(polyline({{10, 11}, {10, 17}}));
      path.addPath(polyline({{14, 11}, {14, 17}}));
      break;
    case Symbol::Mask:
      path.addRoundedRect(3, 5, 18, 14, 2, 2);
      path.addEllipse(QPointF(12, 12), 4, 4);
      break;
    case Symbol::Slider:
      path.addRoundedRect(3, 5, 18, 14, 2, 2);
      path.addPath(polyline({{12, 2}, {12, 22}}));
      p.fillRect(QRectF(4, 6, 7.5, 12), QColor(colour.red(), colour.green(), colour.blue(), 110));
      break;
    case Symbol::SideBySide:
      path.addRoundedRect(2.5, 6, 8.5, 12, 1.5, 1.5);
      path.addRoundedRect(13, 6, 8.5, 12, 1.5, 1.5);
      break;
    case Symbol::Flip:  // one over the other
      path = polyline({{7, 15}, {3, 15}, {3, 4}, {16, 4}, {16, 8}});
      path.addRoundedRect(8, 9, 13, 11, 1.5, 1.5);
      break;
    case Symbol::Compare:  // cells of a grid, one of them chosen
      for (const QPointF& at : {QPointF(3.5, 3.5), QPointF(13.5, 3.5), QPointF(3.5, 13.5), QPointF(13.5, 13.5)})
        path.addRoundedRect(QRectF(at, QSizeF(7, 7)), 1.2, 1.2);
      p.fillRect(QRectF(13.5, 3.5, 7, 7), QColor(colour.red(), colour.green(), colour.blue(), 110));
      break;
    case Symbol::Star:
    case Symbol::StarFull:
      for (int i = 0; i < 10; ++i) {
        const double a = M_PI * i / 5 - M_PI / 2, r = i % 2 == 0 ? 9 : 3.9;
        const QPointF at(12 + r * std::cos(a), 12.6 + r * std::sin(a));
        if (i == 0)
          path.moveTo(at);
        else
          path.lineTo(at);
      }
      path.closeSubpath();
      if (symbol == Symbol::StarFull) p.setBrush(QColor(245, 190, 70));
      break;
    default:
      return false;
  }
  return true;
}

// Running, playing, and the rest.
bool run_symbol(QPainterPath& path, QPainter& p, Symbol symbol, const QColor& colour) {
  switch (symbol) {
    case Symbol::Accept:
      path = polyline({{4, 13}, {9.5, 18.5}, {20, 6}});
      break;
    case Symbol::Branch:
      path.addEllipse(QPointF(6, 5), 2.3, 2.3);
      path.addEllipse(QPointF(6, 19), 2.3, 2.3);
      path.addEllipse(QPointF(18, 9), 2.3, 2.3);
      path.addPath(polyline({{6, 7.5}, {6, 16.5}}));
      path.moveTo(6, 15);
      path.cubicTo(6, 11, 17, 15, 18, 11.5);
      break;
    case Symbol::Menu:
      for (const int y : {6, 12, 18}) path.addPath(polyline({{4, double(y)}, {20, double(y)}}));
      break;
    case Symbol::Fit:
      path = polyline({{9, 4}, {4, 4}, {4, 9}});
      path.addPath(polyline({{15, 4}, {20, 4}, {20, 9}}));
      path.addPath(polyline({{20, 15}, {20, 20}, {15, 20}}));
      path.addPath(polyline({{9, 20}, {4, 20}, {4, 15}}));
      break;
    case Symbol::Play:
      path = polyline({{7, 4.5}, {19.5, 12}, {7, 19.5}}, true);
      p.setBrush(colour);
      break;
    case Symbol::Pause:
      path.addRect(6.5, 5, 3.5, 14);
      path.addRect(14, 5, 3.5, 14);
      p.setBrush(colour);
      break;
    case Symbol::ToStart:
      path = polyline({{18.5, 5}, {8, 12}, {18.5, 19}}, true);
      path.addPath(polyline({{5, 5}, {5, 19}}));
      break;
    case Symbol::Loop:
      path.moveTo(4, 12);
      path.cubicTo(4, 7, 7, 6, 9, 6);
      path.lineTo(19, 6);
      path.addPath(polyline({{16, 3}, {19, 6}, {16, 9}}));
      path.moveTo(20, 12);
      path.cubicTo(20, 17, 17, 18, 15, 18);
      path.lineTo(5, 18);
      path.addPath(polyline({{8, 15}, {5, 18}, {8, 21}}));
      break;
    case Symbol::Metronome:
      path = polyline({{9, 3.5}, {15, 3.5}, {19, 20.5}, {5, 20.5}}, true);
      path.addPath(polyline({{6.2, 15.5}, {17.8, 15.5}}));
      path.addPath(polyline({{12, 15.5}, {19.5, 6}}));
      break;
    case Symbol::Earlier:
      path = polyline({{15, 5}, {8, 12}, {15, 19}});
      break;
    case Symbol::Later:
      path = polyline({{9, 5}, {16, 12}, {9, 19}});
      break;
    case Symbol::Add:
      path = polyline({{12, 4.5}, {12, 19.5}});
      path.addPath(polyline({{4.5, 12}, {19.5, 12}}));
      break;
    case Symbol::LeftPanel:
    case Symbol::RightPanel:
      path.addRoundedRect(3, 5, 18, 14, 2, 2);
      path.addRect(symbol == Symbol::LeftPanel ? 3 : 15, 5, 6, 14);
      break;
    case Symbol::More:
      for (const double x : {5.0, 12.0}) path.addPath(polyline({{x, 6}, {x + 6, 12}, {x, 18}}));
      break;
    case Symbol::Spectrogram:
      for (const auto& [x, top] : {std::pair{4.0, 14.0}, {8.0, 8.0}, {12.0, 5.0}, {16.0, 10.0}, {20.0, 13.0}}) {
        path.addPath(polyline({{x, 20}, {x, 17}}));
        path.addPath(polyline({{x, 17 - (17 - top) * 0.35}, {x, top}}));
      }
      break;
    case Symbol::Taller:
    case Symbol::Flatter: {
      if (symbol == Symbol::Taller) {
        path = polyline({{12, 3}, {12, 21}});
        path.addPath(polyline({{8, 7}, {12, 3}, {16, 7}}));
        path.addPath(polyline({{8, 17}, {12, 21}, {16, 17}}));
      } else {
        path = polyline({{12, 2}, {12, 9}});
        path.addPath(polyline({{8, 5.5}, {12, 9.5}, {16, 5.5}}));
        path.addPath(polyline({{12, 22}, {12, 15}}));
        path.addPath(polyline({{8, 18.5}, {12, 14.5}, {16, 18.5}}));
      }
      break;
    }
    case Symbol::Photo:
      path.addRoundedRect(3, 5, 18, 14, 2, 2);
      path.addEllipse(QPointF(8.5, 10), 1.7, 1.7);
      path.addPath(polyline({{4, 18}, {10, 12.5}, {13, 15}, {16.5, 11}, {20.5, 15}}));
      break;
    default:
      return false;
  }
  return true;
}

void draw(QPainter& p, Symbol symbol, const QColor& colour) {
  p.setPen(QPen(colour, 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  p.setBrush(Qt::NoBrush);
  QPainterPath path;
  for (const auto part : {edit_symbol, tool_symbol, view_symbol, run_symbol}) {
    if (part(path, p, symbol, colour)) break;
  }
  p.drawPath(path);
}

class LineEngine : public QIconEngine {
 public:
  explicit LineEngine(Symbol symbol) : symbol_(symbol) {}
  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    const QPalette palette = QApplication::palette();
    QColor colour =
        palette.color(mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active, QPalette::ButtonText);
    const bool panel = symbol_ == Symbol::LeftPanel || symbol_ == Symbol::RightPanel;
    if (state == QIcon::On && mode != QIcon::Disabled && !panel) colour = palette.color(QPalette::HighlightedText);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->translate(rect.topLeft());
    painter->scale(rect.width() / 24.0, rect.height() / 24.0);
    draw(*painter, symbol_, colour);
    if (panel && state == QIcon::On)  // that is there is seen in the picture, not by a filled button
      painter->fillRect(QRectF(symbol_ == Symbol::LeftPanel ? 4 : 16, 6, 4, 12), colour);
    painter->restore();
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new LineEngine(*this); }

 private:
  Symbol symbol_;
};

}  // namespace

QIcon icon(Symbol symbol) { return QIcon(new LineEngine(symbol)); }

}  // namespace mgdm::ui
