// The list of finished runs.
#pragma once
#include <QListWidget>

namespace mgdm::ui {

class History;

class HistoryPanel : public QListWidget {
  Q_OBJECT
 public:
  explicit HistoryPanel(History* history, QWidget* parent = nullptr);

 Q_SIGNALS:
  void chosen(int row);  ///< the entry is to be shown

 private:
  void fill();
  History* history_;
};

}  // namespace mgdm::ui
