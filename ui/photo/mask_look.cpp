#include "ui/photo/mask_look.h"

#include <QColorDialog>
#include <QCoreApplication>
#include <QPushButton>
#include <QSettings>

#include "ui/photo/canvas.h"

namespace mgdm::ui {

namespace {

constexpr double kOpacity = 0.5;
const QString kColour = QStringLiteral("mask_colour");

void show(Canvas* canvas, const QColor& colour) {
  canvas->setMaskLook(colour, colour.isValid() ? colour.alphaF() : kOpacity);
}

}  // namespace

void readMaskLook(Canvas* canvas) { show(canvas, QColor(QSettings().value(kColour).toString())); }

void chooseMaskLook(QWidget* parent, Canvas* canvas) {
  const QColor before(QSettings().value(kColour).toString());
  QColor now = canvas->maskColour();
  now.setAlphaF(static_cast<float>(before.isValid() ? before.alphaF() : kOpacity));
  QColorDialog dialog(now, parent);
  dialog.setObjectName(QStringLiteral("mask_look"));
  dialog.setOptions(QColorDialog::ShowAlphaChannel | QColorDialog::DontUseNativeDialog);
  dialog.setWindowTitle(QCoreApplication::translate("MaskLook", "Colour of the mask"));
  auto* automatic = new QPushButton(QCoreApplication::translate("MaskLook", "Stands out from the photo"), &dialog);
  automatic->setObjectName(QStringLiteral("automatic"));
  if (auto* layout = dialog.layout()) layout->addWidget(automatic);
  bool by_photo = false;
  QObject::connect(automatic, &QPushButton::clicked, &dialog, [&] {
    by_photo = true;
    dialog.accept();
  });
  QObject::connect(&dialog, &QColorDialog::currentColorChanged, canvas, [canvas](const QColor& c) { show(canvas, c); });
  if (dialog.exec() != QDialog::Accepted) {
    show(canvas, before);
  } else if (by_photo) {
    QSettings().remove(kColour);
    show(canvas, {});
  } else {
    QSettings().setValue(kColour, dialog.selectedColor().name(QColor::HexArgb));
    show(canvas, dialog.selectedColor());
  }
}

}  // namespace mgdm::ui
