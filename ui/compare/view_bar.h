// What of each cell is shown, and by which figure and error map: the line below the cells.
#pragma once
#include <QHash>
#include <QWidget>
#include <string>

#include "core/metrics/error_maps.h"
#include "ui/compare/cells.h"

class QComboBox;
class QLabel;
class QSlider;

namespace mgdm::ui {

class ViewBar : public QWidget {
  Q_OBJECT
 public:
  explicit ViewBar(QWidget* parent = nullptr);
  Shown shown() const;
  ErrorMap errorMap() const;
  bool againstMarked() const;  ///< errors are held against the marked cell, not the reference
  int iterate() const;         ///< per mille; -1: the results
  std::string figure() const;
  /// The figures there are; what was chosen stays.
  void setFigures(const std::vector<std::string>& names);
  /// Without pictures (songs, toy problems) only the figure is asked for.
  void setPictures(bool there);
  void setHasIterates(bool there);

 Q_SIGNALS:
  void changed();

 private:
  void update();
  QComboBox *shown_, *map_, *against_, *figure_;
  QLabel* iterate_label_;
  QHash<QComboBox*, QLabel*> labels_;
  QSlider* iterate_;
  bool pictures_ = true;
};

}  // namespace mgdm::ui
