// Which picture of a cell is meant, and the keys that show another as long as they are held.
#pragma once
#include <QElapsedTimer>
#include <QObject>

#include "ui/compare/cells.h"

class QKeyEvent;
class QWidget;

namespace mgdm::ui {

/// What is shown of all cells instead, as long as a key is held.
enum class Held { Nothing, Reference, Observation };

/// A value.
struct CellPicture {
  int cell = -1;
  Shown shown = Shown::Result;
  int iterate = -1;  ///< a kept one; -1: the result
  Held held = Held::Nothing;
  bool operator==(const CellPicture&) const = default;
};
size_t qHash(const CellPicture& picture, size_t seed = 0);

/// Of cell `index`, with the iterates' slider at `per_mille` of those that it has kept (-1: at the result).
CellPicture cell_picture(const Cells& cells, int index, Shown shown, int per_mille, Held held);
/// Null while it is being read.
QImage ask(Cells& cells, const CellPicture& picture);

/// Held Shift shows the reference, held Tab or O what was given. A Tab that is let go at once moves the focus, as
/// everywhere. Watches the keys of one widget.
class HeldKeys : public QObject {
  Q_OBJECT
 public:
  explicit HeldKeys(QWidget* watched);
  Held held() const { return held_; }

 Q_SIGNALS:
  void changed(mgdm::ui::Held held);
  void tabbed();  ///< the focus is to go on

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  bool pressed(const QKeyEvent& key);
  bool released(const QKeyEvent& key);
  void hold(Held held);

  Held held_ = Held::Nothing;
  int key_ = 0;  ///< that holds it
  QElapsedTimer since_;
};

}  // namespace mgdm::ui
