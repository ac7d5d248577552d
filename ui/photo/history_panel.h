// The list of finished runs.
#pragma once
#include <QListWidget>
#include <functional>

namespace mgdm::ui {

class History;
struct HistoryEntry;
struct RunSummary;

class HistoryPanel : public QListWidget {
  Q_OBJECT
 public:
  explicit HistoryPanel(History* history, QWidget* parent = nullptr);
  /// How it was run and what came of it, in one line.
  static QString words(const RunSummary& run);
  /// Says why results cannot be held against an entry's; empty: they can.
  void setComparable(std::function<QString(const HistoryEntry&)> why_not) { why_not_ = std::move(why_not); }

 Q_SIGNALS:
  void chosen(int row);         ///< the entry is to be shown
  void compareWanted(int row);  ///< results are to be held against the entry's

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void fill();
  History* history_;
  std::function<QString(const HistoryEntry&)> why_not_;
};

}  // namespace mgdm::ui
