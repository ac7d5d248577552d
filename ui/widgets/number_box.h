// A number to be typed with a dot or a comma, whatever the language.
#pragma once
#include <QDoubleSpinBox>

namespace mgdm::ui {

/// What is typed and cannot be taken (out of range, no number) is marked, told with the range, and the value before
/// stays. There are no marks between thousands, so that neither mark can be taken for one.
class NumberBox : public QDoubleSpinBox {
  Q_OBJECT
 public:
  explicit NumberBox(QWidget* parent = nullptr);

  QValidator::State validate(QString& input, int& pos) const override;
  double valueFromText(const QString& text) const override;
  QString textFromValue(double value) const override;
  void fixup(QString& input) const override;

 Q_SIGNALS:
  void refused(const QString& words) const;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  /// The number that is typed; NaN: none.
  double typed(const QString& input) const;
  void mark(bool wrong) const;

  double before_ = 0;  ///< the value before what is being typed
  bool typing_ = false;
};

}  // namespace mgdm::ui
