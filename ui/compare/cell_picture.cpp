#include "ui/compare/cell_picture.h"

#include <QKeyEvent>
#include <QWidget>
#include <algorithm>
#include <cmath>
#include <utility>

namespace mgdm::ui {

namespace {
constexpr qint64 kTapMs = 250;  // a Tab let go before that is the focus's
}

size_t qHash(const CellPicture& picture, size_t seed) {
  return qHashMulti(seed, picture.cell, static_cast<int>(picture.shown), picture.iterate,
                    static_cast<int>(picture.held));
}

CellPicture cell_picture(const Cells& cells, int index, Shown shown, int per_mille, Held held) {
  CellPicture picture{index, shown, -1, held};
  // What is told of all samples, and what was given, have no iterates; one key for each keeps them once.
  if (held != Held::Nothing) {
    picture.shown = Shown::Result;
  } else if (per_mille >= 0 && shown != Shown::Mean && shown != Shown::Spread) {
    const int kept = cells.cell(index).iterates;
    if (kept > 0) picture.iterate = static_cast<int>(std::lround(std::min(per_mille, 1000) / 1000.0 * (kept - 1)));
  }
  return picture;
}

QImage ask(Cells& cells, const CellPicture& picture) {
  switch (picture.held) {
    case Held::Reference:
      return cells.reference(picture.cell);
    case Held::Observation:
      return cells.observation(picture.cell);
    case Held::Nothing:
      break;
  }
  return cells.picture(picture.cell, picture.shown, picture.iterate);
}

HeldKeys::HeldKeys(QWidget* watched) : QObject(watched) { watched->installEventFilter(this); }

bool HeldKeys::eventFilter(QObject*, QEvent* event) {
  switch (event->type()) {
    case QEvent::ShortcutOverride: {
      const auto* key = static_cast<const QKeyEvent*>(event);
      if (key->key() == Qt::Key_O && key->modifiers() == Qt::NoModifier) event->accept();
      return false;
    }
    case QEvent::KeyPress:
      return pressed(*static_cast<const QKeyEvent*>(event));
    case QEvent::KeyRelease:
      return released(*static_cast<const QKeyEvent*>(event));
    case QEvent::FocusOut:  // a key that is let go elsewhere is let go
    case QEvent::WindowDeactivate:
      hold(Held::Nothing);
      return false;
    default:
      return false;
  }
}

bool HeldKeys::pressed(const QKeyEvent& key) {
  const bool others = (key.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0;
  const bool shift = key.key() == Qt::Key_Shift, given = key.key() == Qt::Key_Tab || key.key() == Qt::Key_O;
  if (others || (!shift && !given) || (given && (key.modifiers() & Qt::ShiftModifier) != 0)) return false;
  if (key.isAutoRepeat()) return true;
  key_ = key.key();
  since_.start();
  hold(shift ? Held::Reference : Held::Observation);
  return true;
}

bool HeldKeys::released(const QKeyEvent& key) {
  if (key.key() != key_) return false;
  if (key.isAutoRepeat()) return true;
  const bool tap = key_ == Qt::Key_Tab && held_ == Held::Observation && since_.elapsed() < kTapMs;
  hold(Held::Nothing);
  if (tap) Q_EMIT tabbed();
  return true;
}

void HeldKeys::hold(Held held) {
  if (held == Held::Nothing) key_ = 0;
  if (std::exchange(held_, held) != held) Q_EMIT changed(held);
}

}  // namespace mgdm::ui
