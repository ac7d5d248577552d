// The songs that stems were made of, newest first, each with its runs: the way back to earlier work.
#pragma once
#include <QTreeWidget>
#include <vector>

#include "ui/song/kept_stems.h"

namespace mgdm::ui {

class SongHistory : public QTreeWidget {
  Q_OBJECT
 public:
  explicit SongHistory(QWidget* parent = nullptr);
  /// All of them, newest first. `shown`: the folder of those that are seen.
  void fill(const std::vector<KeptStems>& kept, const QString& shown);
  /// "28 Nov 01:36, 0:00.0–0:18.0, balanced, 4 samples; stopped"
  static QString words(const KeptStems& stems);

 Q_SIGNALS:
  void songChosen(const QString& path);
  void stemsChosen(const mgdm::ui::KeptStems& stems);
  void deletionWanted(const std::vector<mgdm::ui::KeptStems>& stems);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  std::vector<KeptStems> of(const QTreeWidgetItem* item) const;
  void choose(const QTreeWidgetItem* item);
  void offer(const QPoint& at);

  std::vector<KeptStems> kept_;
};

}  // namespace mgdm::ui
