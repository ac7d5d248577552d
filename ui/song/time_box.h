// A place in a song, "1:02.35": typed, or moved in small steps that somebody else decides on.
#pragma once
#include <QDoubleSpinBox>

namespace mgdm::ui {

/// Its value is in seconds.
class TimeBox : public QDoubleSpinBox {
  Q_OBJECT
 public:
  explicit TimeBox(QWidget* parent = nullptr);

  QValidator::State validate(QString& input, int& pos) const override;
  double valueFromText(const QString& text) const override;
  QString textFromValue(double value) const override;
  void stepBy(int steps) override { Q_EMIT stepped(steps); }

 Q_SIGNALS:
  void stepped(int steps);  ///< by the arrows, the wheel or the keys
};

}  // namespace mgdm::ui
