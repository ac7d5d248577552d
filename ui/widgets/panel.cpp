#include "ui/widgets/panel.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRandomGenerator>
#include <QSpinBox>
#include <QStyleOptionComboBox>
#include <QStylePainter>

namespace mgdm::ui {

QLabel* heading(const QString& words) {
  auto* label = new QLabel(words);
  label->setObjectName(QStringLiteral("heading"));
  return label;
}

QLabel* hint(const QString& words) {
  auto* label = new QLabel(words);
  label->setObjectName(QStringLiteral("hint"));
  label->setProperty("hint", true);  // whatever it is called later
  label->setWordWrap(true);
  return label;
}

QHBoxLayout* seedRow(QSpinBox* seed) {
  seed->setRange(0, 999999999);
  seed->setAccessibleName(QCoreApplication::translate("Panel", "Seed"));
  seed->setToolTip(QCoreApplication::translate("Panel", "The same seed and settings give the same result."));
  auto* dice = new QPushButton(QCoreApplication::translate("Panel", "New"));
  dice->setToolTip(QCoreApplication::translate("Panel", "Another seed at random"));
  dice->setStyleSheet(QStringLiteral("padding: 3px 12px; min-height: 18px"));
  QObject::connect(dice, &QPushButton::clicked, seed,
                   [seed] { seed->setValue(static_cast<int>(QRandomGenerator::global()->bounded(1000000))); });
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(seed, 1);
  row->addWidget(dice);
  return row;
}

NarrowComboBox::NarrowComboBox() {
  setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  setMinimumContentsLength(8);
}

void NarrowComboBox::paintEvent(QPaintEvent*) {
  QStylePainter painter(this);
  QStyleOptionComboBox option;
  initStyleOption(&option);
  painter.drawComplexControl(QStyle::CC_ComboBox, option);
  const int width = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width();
  const int picture = option.currentIcon.isNull() ? 0 : option.iconSize.width() + 6;
  option.currentText = fontMetrics().elidedText(option.currentText, Qt::ElideRight, width - picture - 2);
  painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

}  // namespace mgdm::ui
