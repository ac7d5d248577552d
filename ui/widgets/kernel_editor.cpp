#include "ui/widgets/kernel_editor.h"

#include <ATen/ATen.h>

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <cmath>

#include "core/errors.h"
#include "core/media/image_file.h"
#include "core/operators/blur_kernels.h"

namespace mgdm::ui {

KernelCanvas::KernelCanvas(QWidget* parent) : QWidget(parent) {
  setFixedSize(kSize * kScale, kSize * kScale);
  setCursor(Qt::CrossCursor);
  setObjectName(QStringLiteral("kernel_canvas"));
  setAccessibleName(tr("Blur kernel"));
  setToolTip(tr("Draw the path of the shaken camera here."));
}

void KernelCanvas::show(const std::string& kernel) {
  picture_ = {};
  if (!kernel.empty()) {
    try {
      const at::Tensor values = parse_kernel(kernel, kSize);
      const at::Tensor grey = values.div(values.max()).sqrt().mul(255).round().to(at::kByte).contiguous();
      picture_ = QImage(grey.data_ptr<uint8_t>(), kSize, kSize, kSize, QImage::Format_Grayscale8).copy();
    } catch (const OperatorError&) {
    }
  }
  update();
}

void KernelCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), QColor(0x10, 0x11, 0x14));
  if (!stroke_.isEmpty()) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(QRectF(rect()).center());
    painter.scale(kScale, kScale);
    painter.setPen(QPen(Qt::white, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(stroke_);
    painter.resetTransform();
  } else if (!picture_.isNull()) {
    painter.drawImage(rect(), picture_);
  } else {
    painter.setPen(QColor(0xa0, 0xa6, 0xb0));
    painter.drawText(rect().adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, tr("Draw the motion here"));
  }
  painter.setPen(QColor(0x50, 0x55, 0x60));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void KernelCanvas::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  stroke_.clear();
  mouseMoveEvent(event);
}

void KernelCanvas::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & Qt::LeftButton)) return;
  const double reach = kSize / 2;
  const QPointF at = (event->position() - QRectF(rect()).center()) / kScale;
  const QPointF inside(std::clamp(at.x(), -reach, reach), std::clamp(at.y(), -reach, reach));
  if (stroke_.isEmpty() || std::hypot(inside.x() - stroke_.last().x(), inside.y() - stroke_.last().y()) >= 1)
    stroke_ << inside;
  update();
}

void KernelCanvas::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || stroke_.isEmpty()) return;
  QStringList points;
  for (const QPointF& p : std::as_const(stroke_))
    points << QStringLiteral("%1,%2").arg(p.x(), 0, 'f', 1).arg(p.y(), 0, 'f', 1);
  stroke_.clear();
  update();
  Q_EMIT drawn(points.join(QLatin1Char(' ')));
}

KernelEditor::KernelEditor(QWidget* parent) : QWidget(parent), line_(new QLineEdit), canvas_(new KernelCanvas) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  line_->setObjectName(QStringLiteral("kernel_text"));
  line_->setPlaceholderText(tr("none: a straight line"));
  line_->setClearButtonEnabled(true);
  line_->setMaxLength(1 << 20);
  column->addWidget(line_);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(canvas_);
  auto* buttons = new QVBoxLayout;
  auto* open = new QPushButton(tr("Load..."));
  open->setToolTip(tr("A picture of the kernel: the brighter, the stronger."));
  auto* clear = new QPushButton(tr("Clear"));
  clear->setToolTip(tr("Back to the straight line."));
  for (QPushButton* button : {open, clear}) {
    button->setStyleSheet(QStringLiteral("padding: 3px 8px; min-height: 18px"));
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  row->addLayout(buttons);
  row->addStretch(1);
  column->addLayout(row);
  setFocusProxy(line_);
  take({}, false);
  connect(line_, &QLineEdit::textChanged, this, [this](const QString& text) { take(text, true); });
  connect(canvas_, &KernelCanvas::drawn, line_, &QLineEdit::setText);
  connect(clear, &QPushButton::clicked, line_, &QLineEdit::clear);
  connect(open, &QPushButton::clicked, this, [this] {
    const QString file = QFileDialog::getOpenFileName(this, tr("Load a blur kernel"), {},
                                                      tr("Pictures (*.png *.tif *.tiff *.jpg *.jpeg *.bmp *.webp)"));
    if (!file.isEmpty()) load(file);
  });
}

void KernelEditor::load(const QString& file) {
  try {
    line_->setText(QString::fromStdString(read_kernel(file.toStdString())));
    line_->setCursorPosition(0);
  } catch (const MediaError& e) {
    line_->setStyleSheet(QStringLiteral("border: 1px solid #ff5c5c;"));  // the kernel so far stays
    line_->setToolTip(QString::fromUtf8(e.what()));
    QToolTip::showText(line_->mapToGlobal(QPoint(0, line_->height())), line_->toolTip(), line_);
  }
}

void KernelEditor::take(const QString& text, bool tell) {
  const std::string wanted = text.trimmed().toStdString();
  QString problem;
  try {
    if (!wanted.empty()) parse_kernel(wanted, KernelCanvas::kSize);
  } catch (const OperatorError& e) {
    problem = QString::fromUtf8(e.what());
  }
  line_->setStyleSheet(problem.isEmpty() ? QString() : QStringLiteral("border: 1px solid #ff5c5c;"));
  line_->setToolTip(problem.isEmpty() ? toolTip() : problem);
  if (!problem.isEmpty()) return;
  kernel_ = wanted;
  canvas_->show(kernel_);
  if (tell) Q_EMIT edited();
}

void KernelEditor::setKernel(const std::string& text) {
  const QSignalBlocker block(line_);
  line_->setText(QString::fromStdString(text));
  line_->setCursorPosition(0);
  take(line_->text(), false);
}

}  // namespace mgdm::ui
