// The list of finished runs.
#pragma once
#include <QListWidget>

namespace mgdm::ui {

class History;
struct RunSummary;

class HistoryPanel : public QListWidget {
  Q_OBJECT
 public:
  explicit HistoryPanel(History* history, QWidget* parent = nullptr);
  /// How it was run and what came of it, in one line.
  static QString words(const RunSummary& run);

 Q_SIGNALS:
  void chosen(int row);  ///< the entry is to be shown

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void fill();
  History* history_;
};

}  // namespace mgdm::ui
