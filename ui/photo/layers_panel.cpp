#include "ui/photo/layers_panel.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>
#include <cmath>

#include "ui/photo/document.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/pictures.h"

namespace mgdm::ui {

LayersPanel::LayersPanel(Document* document, QWidget* parent) : QWidget(parent), document_(document) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(10);
  column->addWidget(
      hint(tr("Results that you put into the photo are layers: hide, fade or remove them at any time. What is below "
              "stays as it was.")));
  list_ = new QListWidget;
  list_->setObjectName(QStringLiteral("layers"));
  list_->setAccessibleName(tr("Layers"));
  list_->setIconSize(QSize(64, 48));
  list_->setWordWrap(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(list_, 1);
  opacity_ = new QSlider(Qt::Horizontal);
  opacity_->setObjectName(QStringLiteral("layer_opacity"));
  opacity_->setAccessibleName(tr("Opacity"));
  opacity_->setRange(0, 100);
  auto* form = new QFormLayout;
  form->addRow(tr("Opacity"), opacity_);
  column->addLayout(form);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  up_ = new QPushButton(tr("Up"));
  up_->setObjectName(QStringLiteral("layer_up"));
  down_ = new QPushButton(tr("Down"));
  down_->setObjectName(QStringLiteral("layer_down"));
  remove_ = new QPushButton(tr("Remove"));
  remove_->setObjectName(QStringLiteral("layer_remove"));
  for (QPushButton* button : {up_, down_, remove_}) {
    button->setStyleSheet(QStringLiteral("padding: 4px 8px"));
    buttons->addWidget(button, 1);
  }
  column->addLayout(buttons);
  connectLayers();
  connect(document_, &Document::layersChanged, this, &LayersPanel::fill);
  fill();
}

void LayersPanel::connectLayers() {
  // The list shows the top layer first; the document counts from the bottom.
  const auto selected = [this] { return document_->layers().size() - 1 - static_cast<size_t>(list_->currentRow()); };
  const auto move = [this, selected](int up) {
    if (list_->currentRow() < 0) return;
    const size_t from = selected(), to = from + static_cast<size_t>(up);
    const int row = list_->currentRow() - up;
    document_->moveLayer(from, to);
    list_->setCurrentRow(std::clamp(row, 0, list_->count() - 1));
  };
  connect(list_, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
    document_->setLayerVisible(document_->layers().size() - 1 - static_cast<size_t>(list_->row(item)),
                               item->checkState() == Qt::Checked);
  });
  connect(list_, &QListWidget::currentRowChanged, this, [this, selected](int row) {
    const QSignalBlocker block(opacity_);
    if (row >= 0 && selected() < document_->layers().size())
      opacity_->setValue(static_cast<int>(std::lround(100 * document_->layers()[selected()]->opacity)));
  });
  connect(opacity_, &QSlider::valueChanged, this, [this, selected](int percent) {
    if (list_->currentRow() >= 0) document_->setLayerOpacity(selected(), percent / 100.0);
  });
  connect(up_, &QPushButton::clicked, this, [move] { move(1); });
  connect(down_, &QPushButton::clicked, this, [move] { move(-1); });
  connect(remove_, &QPushButton::clicked, this, [this, selected] {
    if (list_->currentRow() >= 0) document_->removeLayer(selected());
  });
}

void LayersPanel::fill() {
  const QSignalBlocker block(list_);
  const Layers& layers = document_->layers();
  const int before = list_->currentRow(), count = static_cast<int>(layers.size());
  const bool grown = count > list_->count();
  list_->clear();
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const QPixmap picture = QPixmap::fromImage(thumbnail((*layer)->result, {224, 168}));
    auto* item = new QListWidgetItem(QIcon(picture), (*layer)->name);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState((*layer)->visible ? Qt::Checked : Qt::Unchecked);
    list_->addItem(item);
  }
  list_->setCurrentRow(grown ? 0 : std::clamp(before, count > 0 ? 0 : -1, count - 1));
  const QSignalBlocker quiet(opacity_);
  const int row = list_->currentRow();
  opacity_->setValue(
      row < 0 ? 100 : static_cast<int>(std::lround(100 * layers[static_cast<size_t>(count - 1 - row)]->opacity)));
  setRunning(running_);
}

void LayersPanel::resizeEvent(QResizeEvent* event) {
  constexpr int kRoomy = 320;
  list_->setIconSize(width() > kRoomy ? QSize(112, 84) : QSize(64, 48));
  QWidget::resizeEvent(event);
}

void LayersPanel::setRunning(bool running) {
  running_ = running;
  list_->setEnabled(!running);
  for (QWidget* widget : std::initializer_list<QWidget*>{opacity_, up_, down_, remove_})
    widget->setEnabled(!running && list_->count() > 0);
}

}  // namespace mgdm::ui
