#include "ui/song/time_box.h"

#include <QRegularExpression>
#include <algorithm>

namespace mgdm::ui {

TimeBox::TimeBox(QWidget* parent) : QDoubleSpinBox(parent) {
  setDecimals(2);
  setRange(0, 1e6);
  setKeyboardTracking(false);
}

// "75", "1:15", "1:15.5", with a comma, too.
QValidator::State TimeBox::validate(QString& input, int&) const {
  static const QRegularExpression whole(QStringLiteral("^\\s*(\\d+:)?\\d+([.,]\\d*)?\\s*$")),
      begun(QStringLiteral("^\\s*\\d*:?\\d*[.,]?\\d*\\s*$"));
  return whole.match(input).hasMatch()   ? QValidator::Acceptable
         : begun.match(input).hasMatch() ? QValidator::Intermediate
                                         : QValidator::Invalid;
}

double TimeBox::valueFromText(const QString& text) const {
  const QStringList parts = QString(text).replace(',', '.').trimmed().split(':');
  const double seconds = parts.last().toDouble();
  return std::clamp(parts.size() > 1 ? 60 * parts.first().toDouble() + seconds : seconds, minimum(), maximum());
}

QString TimeBox::textFromValue(double value) const {
  const auto hundredths = static_cast<qint64>(value * 100 + 0.5);
  return QStringLiteral("%1:%2.%3")
      .arg(hundredths / 6000)
      .arg(hundredths / 100 % 60, 2, 10, QLatin1Char('0'))
      .arg(hundredths % 100, 2, 10, QLatin1Char('0'));
}

}  // namespace mgdm::ui
