// The samples of a run side by side: while they grow, and as the result that one of is chosen from.
#pragma once
#include <QWidget>
#include <set>

#include "ui/photo/run_outcome.h"

class QLabel;
class QListWidget;
class QPushButton;

namespace mgdm::ui {

/// Owns the outcome that is shown.
class SampleStrip : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kPictureHeight = 180;  ///< pixels that `under` of `showGrowing` needs at least
  explicit SampleStrip(QWidget* parent = nullptr);

  /// Small pictures leave a low window more of the photo.
  void setLarge(bool large);
  void clear();   ///< nothing is shown; the outcome and the strip's place are kept
  void forget();  ///< that, too
  /// Those of a run that is on, over `under`; a click watches one.
  void showGrowing(const Frame& frame, const QImage& under);
  void showOutcome(const RunOutcome& outcome, const std::set<int>& favourites = {});
  /// An iterate of this step is seen instead of what is selected; 0: no longer.
  void setIterate(int step);
  void showOutcomeAgain();  ///< after a run that was discarded
  const RunOutcome& outcome() const { return outcome_; }
  bool hasOutcome() const { return !outcome_.samples.empty(); }
  bool showsOutcome() const;  ///< and it is on screen

  /// Index of the selected sample; their number stands for the mean; -1: something else is selected.
  int selected() const;
  const Sample* sample() const;  ///< the selected one or the mean, or nullptr
  bool meanSelected() const;
  QString shownName() const;  ///< of what is selected: "Result 2", "Mean"

  /// What of a finished run another result can be held against.
  struct Picture {
    QString name;
    QImage image;
    QString why_not;  ///< it cannot; empty: it can
  };
  int pictures() const;
  Picture pictureAt(int row) const;

  /// Those of a run that is on which a person has marked.
  const std::set<int>& marks() const { return marks_; }
  /// Whether the run that is on is far enough to go on with the marked ones alone.
  void setCanGoOn(bool far_enough);
  void setRunning(bool running);
  void clickFavourite();

 Q_SIGNALS:
  /// To be laid over the area, with what the brightest colour stands for.
  void picked(const QImage& image, const QString& legend);
  void watched(int sample);
  void acceptWanted();
  void favouritesChanged(const std::set<int>& favourites);
  void compareWanted(int row);  ///< results are to be held against this one
  void goOnWanted(const std::set<int>& samples);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fill();
  void changed();
  void showSelected();
  void setFavourite(bool on);
  void showMenu(const QPoint& at);
  void showMarks();
  void enable();

  RunOutcome outcome_;
  std::set<int> favourites_, marks_;
  std::vector<QImage> growing_pictures_;  ///< of the newest iterate
  QImage under_;
  bool growing_ = false, running_ = false, far_enough_ = false;
  int iterate_ = 0;
  QListWidget* list_;
  QLabel* nothing_;  ///< in its place
  QPushButton *accept_, *favourite_, *difference_, *go_on_;
};

}  // namespace mgdm::ui
