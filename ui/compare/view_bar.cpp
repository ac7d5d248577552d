#include "ui/compare/view_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>

#include "core/compare/figures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {
constexpr int kResults = 1001;  // the slider's last place
}

ViewBar::ViewBar(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 12, 6);
  row->setSpacing(10);
  const auto combo = [&](const char* name, const QString& words, const QString& label) {
    auto* box = new QComboBox;
    // On Linux a drop-down's name for a screen reader is its label's.
    auto* named = new QLabel(label);
    named->setBuddy(box);
    labels_[box] = named;
    row->addWidget(named);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(words);
    box->setToolTip(words);
    row->addWidget(box);
    connect(box, &QComboBox::activated, this, [this] {
      update();
      Q_EMIT changed();
    });
    return box;
  };
  shown_ = combo("compare_shown", tr("What of each cell is shown"), tr("Show"));
  for (const auto& [words, what] :
       {std::pair{tr("Result"), Shown::Result}, std::pair{tr("Noisy state"), Shown::Noisy},
        std::pair{tr("Residual"), Shown::Residual}, std::pair{tr("Mean of the samples"), Shown::Mean},
        std::pair{tr("Spread of the samples"), Shown::Spread}, std::pair{tr("Error map"), Shown::Error}})
    shown_->addItem(words, static_cast<int>(what));
  map_ = combo("compare_map", tr("Which error map"), tr("Map"));
  for (const auto& map : error_maps()) map_->addItem(spoken(map.label), static_cast<int>(map.map));
  map_->setCurrentIndex(1);
  against_ = combo("compare_against", tr("What errors are held against"), tr("Held"));
  against_->addItem(tr("against the reference"));
  against_->addItem(tr("against the marked cell"));
  iterate_label_ = new QLabel(tr("Iterate"));
  row->addWidget(iterate_label_);
  iterate_ = new QSlider(Qt::Horizontal);
  iterate_->setObjectName(QStringLiteral("compare_iterate"));
  iterate_->setAccessibleName(tr("Iterate of all cells; at the right end their results"));
  iterate_->setToolTip(iterate_->accessibleName());
  iterate_->setRange(0, kResults);
  iterate_->setPageStep(50);
  iterate_->setSingleStep(10);
  iterate_->setValue(kResults);
  iterate_label_->setBuddy(iterate_);
  row->addWidget(iterate_, 1);
  connect(iterate_, &QSlider::valueChanged, this, &ViewBar::changed);
  row->addStretch(0);
  figure_ = combo("compare_figure", tr("The figure below each cell"), tr("Figure"));
  update();
}

Shown ViewBar::shown() const { return static_cast<Shown>(shown_->currentData().toInt()); }
ErrorMap ViewBar::errorMap() const { return static_cast<ErrorMap>(map_->currentData().toInt()); }
bool ViewBar::againstMarked() const { return against_->currentIndex() == 1; }
int ViewBar::iterate() const { return iterate_->value() >= kResults ? -1 : iterate_->value(); }
std::string ViewBar::figure() const { return figure_->currentData().toString().toStdString(); }

void ViewBar::setFigures(const std::vector<std::string>& names) {
  QStringList wanted;
  for (const std::string& name : names) wanted << text(name);
  QStringList there;
  for (int k = 0; k < figure_->count(); ++k) there << figure_->itemData(k).toString();
  if (wanted == there) return;
  const QString chosen = figure_->currentData().toString();
  const QSignalBlocker block(figure_);
  figure_->clear();
  for (const QString& name : wanted) figure_->addItem(spoken(figure_of(name.toStdString()).label), name);
  figure_->setCurrentIndex(std::max(0, figure_->findData(chosen)));
  update();
  if (figure_->currentData().toString() != chosen) Q_EMIT changed();
}

void ViewBar::setPictures(bool there) {
  pictures_ = there;
  update();
}

void ViewBar::setHasIterates(bool there) {
  iterate_->setEnabled(there);
  iterate_label_->setEnabled(there);
}

void ViewBar::update() {
  const bool errors = pictures_ && shown() == Shown::Error;
  shown_->setVisible(pictures_);
  map_->setVisible(errors);
  against_->setVisible(errors);
  iterate_->setVisible(pictures_);
  iterate_label_->setVisible(pictures_);
  figure_->setVisible(figure_->count() > 0);
  for (auto label = labels_.cbegin(); label != labels_.cend(); ++label)
    label.value()->setVisible(!label.key()->isHidden());
  static_cast<QHBoxLayout*>(layout())->setStretch(layout()->count() - 3, pictures_ ? 0 : 1);
}

}  // namespace mgdm::ui
