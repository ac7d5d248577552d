// Which axis of a comparison makes the rows, which the columns, and what of the others is shown. GUI thread.
//
// Each axis is a chip in one of three zones. It is dragged to another zone, or moved with Ctrl + left and right; Enter,
// Space or a click opens a menu that says the same. Rows and columns have room for one: what was there goes where the
// other came from. An axis among the tabs has a tab for each of its values.
#pragma once
#include <QVector>
#include <QWidget>

#include "ui/compare/axis_placement.h"

class QBoxLayout;
class QLabel;
class QTabBar;

namespace mgdm::ui {

class AxisChip;

class AxisBar : public QWidget {
  Q_OBJECT
 public:
  explicit AxisBar(QWidget* parent = nullptr);
  ~AxisBar() override;

  void setAxes(const QVector<Cells::AxisWords>& axes);  ///< placed anew, by `default_placement`
  void setPlacement(const AxisPlacement& placement);    ///< says nothing
  const AxisPlacement& placement() const { return placement_; }
  void moveAxis(int axis, AxisPlacement::Zone zone);

  QWidget* chip(int axis) const;  ///< where one is dragged from
  QTabBar* tabs(int axis) const;  ///< nullptr: it is no tab
  QWidget* zone(AxisPlacement::Zone zone) const;

 Q_SIGNALS:
  /// A person moved an axis or chose a tab.
  void placementChanged(const mgdm::ui::AxisPlacement& placement);

 private:
  friend class AxisChip;
  class Zone;
  void fill();
  void dragged(int axis, const QPoint& global);
  void dropped(int axis, const QPoint& global);
  void dragEnded();
  Zone* zoneAt(const QPoint& global) const;
  void fillMenu(int axis);

  QVector<Cells::AxisWords> axes_;
  AxisPlacement placement_;
  QVector<Zone*> zones_;
  QVector<AxisChip*> chips_;
  QVector<QTabBar*> tabs_;
  QLabel* ghost_ = nullptr;  ///< what is dragged, under the pointer
};

}  // namespace mgdm::ui
