// The published models that can be used here, and where they are from.
#pragma once
#include <QWidget>

class QPushButton;
class QTableWidget;

namespace mgdm::ui {

class PublishedTable : public QWidget {
  Q_OBJECT
 public:
  explicit PublishedTable(QWidget* parent = nullptr);
  void setBusy(bool busy);  ///< another model is being fetched or imported

 Q_SIGNALS:
  void fetchWanted(const QString& name);

 private:
  void fill();
  void updateButton();

  QTableWidget* table_;
  QPushButton* fetch_;
  bool busy_ = false;
};

}  // namespace mgdm::ui
