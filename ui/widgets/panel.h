// Pieces of the panels at the left of both pages.
#pragma once
#include <QComboBox>
#include <QString>

class QHBoxLayout;
class QLabel;
class QSpinBox;

namespace mgdm::ui {

QLabel* heading(const QString& words);
/// Muted words that wrap.
QLabel* hint(const QString& words = {});
/// Any seed from 0 to 999,999,999 and a button for another at random. `seed` is set up; its object name stays the
/// caller's.
QHBoxLayout* seedRow(QSpinBox* seed);

/// As narrow as the panel, whatever its items' names: a name that is too long ends in an ellipsis.
class NarrowComboBox : public QComboBox {
 public:
  NarrowComboBox();

 protected:
  void paintEvent(QPaintEvent*) override;
};

}  // namespace mgdm::ui
