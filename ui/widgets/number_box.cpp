#include "ui/widgets/number_box.h"

#include <QLineEdit>
#include <QToolTip>
#include <cmath>
#include <limits>

namespace mgdm::ui {

NumberBox::NumberBox(QWidget* parent) : QDoubleSpinBox(parent) {
  connect(lineEdit(), &QLineEdit::textEdited, this, [this] { mark(false); });
  connect(this, &QDoubleSpinBox::editingFinished, this, [this] { typing_ = false; });
}

double NumberBox::typed(const QString& input) const {
  QString number = input;
  if (!suffix().isEmpty() && number.endsWith(suffix())) number.chop(suffix().size());
  if (!prefix().isEmpty() && number.startsWith(prefix())) number.remove(0, prefix().size());
  number = number.trimmed().replace(QLatin1Char(','), QLatin1Char('.'));
  if (!suffix().trimmed().isEmpty() && number.endsWith(suffix().trimmed())) number.chop(suffix().trimmed().size());
  bool right = false;
  const double value = QLocale::c().toDouble(number.trimmed(), &right);
  return right && std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
}

QValidator::State NumberBox::validate(QString& input, int&) const {
  const double value = typed(input);
  // What is no number yet may become one; what is out of range is told when it is finished.
  return std::isnan(value) || value < minimum() || value > maximum() ? QValidator::Intermediate
                                                                     : QValidator::Acceptable;
}

double NumberBox::valueFromText(const QString& text) const {
  const double value = typed(text);
  return std::isnan(value) ? this->value() : value;
}

QString NumberBox::textFromValue(double value) const {
  QLocale plain = locale();
  plain.setNumberOptions(plain.numberOptions() | QLocale::OmitGroupSeparator);
  return plain.toString(value, 'f', decimals());
}

void NumberBox::fixup(QString& input) const {
  const QString words = tr("“%1” is not taken: a number from %2 to %3 is needed.")
                            .arg(input.trimmed(), QLocale().toString(minimum()), QLocale().toString(maximum()));
  mark(true);
  QToolTip::showText(mapToGlobal(QPoint(0, height())), words, const_cast<NumberBox*>(this));
  Q_EMIT refused(words);
  input = prefix() + textFromValue(before_) + suffix();
}

// The value follows what is typed as far as it can be taken: the one to go back to is kept.
void NumberBox::keyPressEvent(QKeyEvent* event) {
  if (!typing_) before_ = value();
  typing_ = true;
  QDoubleSpinBox::keyPressEvent(event);
}

void NumberBox::focusInEvent(QFocusEvent* event) {
  before_ = value();
  QDoubleSpinBox::focusInEvent(event);
}

void NumberBox::mark(bool wrong) const {
  lineEdit()->setStyleSheet(wrong ? QStringLiteral("border: 1px solid #ff5c5c;") : QString());
}

}  // namespace mgdm::ui
