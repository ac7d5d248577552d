// The studio's own icons: line drawings on a 24 x 24 grid, in the palette's text colour, sharp at any
// scale.
#pragma once
#include <QIcon>

namespace mgdm::ui {

enum class Symbol {
  Open,
  Paste,
  Save,
  Undo,
  Redo,
  Brush,
  Eraser,
  Rectangle,
  Lasso,
  Fill,
  Select,
  Area,
  Invert,
  Clear,
  Mask,
  Slider,
  SideBySide,
  Flip,
  Compare,
  Star,
  StarFull,
  Accept,
  Branch,
  Menu,
  Fit,
  Play,
  Pause,
  ToStart,
  Loop,
  Metronome,
  Earlier,
  Later,
  Add,
  Photo,
  LeftPanel,
  RightPanel,
  More,
  Spectrogram,
  Taller,
  Flatter
};

QIcon icon(Symbol symbol);

}  // namespace mgdm::ui
