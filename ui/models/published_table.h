// The published models that can be used here, and where they are from.
#pragma once
#include <QWidget>

namespace mgdm::ui {

class PublishedTable : public QWidget {
  Q_OBJECT
 public:
  explicit PublishedTable(QWidget* parent = nullptr);
};

}  // namespace mgdm::ui
