#include "ui/photo/sample_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <utility>

#include "ui/widgets/icons.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

namespace {

constexpr QSize kSmall(70, 54), kLarge(117, SampleStrip::kPictureHeight / 2);

/// |a - b| times four, for seeing small differences.
QImage difference_image(const QImage& a, const QImage& b) {
  const QImage x = a.convertToFormat(QImage::Format_ARGB32),
               y = b.scaled(a.size()).convertToFormat(QImage::Format_RGB32);
  QImage out(a.size(), QImage::Format_RGB32);
  for (int row = 0; row < out.height(); ++row) {
    const auto* p = reinterpret_cast<const QRgb*>(x.constScanLine(row));
    const auto* q = reinterpret_cast<const QRgb*>(y.constScanLine(row));
    auto* to = reinterpret_cast<QRgb*>(out.scanLine(row));
    for (int c = 0; c < out.width(); ++c) {
      const auto channel = [](int u, int v) { return std::min(255, 4 * std::abs(u - v)); };
      to[c] = qAlpha(p[c]) == 0 ? qRgb(0, 0, 0)
                                : qRgb(channel(qRed(p[c]), qRed(q[c])), channel(qGreen(p[c]), qGreen(q[c])),
                                       channel(qBlue(p[c]), qBlue(q[c])));
    }
  }
  return out;
}

QIcon strip_icon(const QImage& image, const QImage& under, bool star) {
  QImage whole = image;
  if (image.hasAlphaChannel() && !under.isNull()) {
    whole = under.scaled(image.size()).convertToFormat(QImage::Format_RGB32);
    QPainter painter(&whole);
    painter.drawImage(0, 0, image);
  }
  QPixmap pixmap = QPixmap::fromImage(whole.scaled(kLarge * 2, Qt::KeepAspectRatio, Qt::SmoothTransformation));
  if (star) {
    QPainter painter(&pixmap);
    icon(Symbol::StarFull).paint(&painter, QRect(6, 6, 56, 56));
  }
  QIcon result;
  for (const auto mode : {QIcon::Normal, QIcon::Selected, QIcon::Disabled}) result.addPixmap(pixmap, mode);  // no tint
  return result;
}

}  // namespace

SampleStrip::SampleStrip(QWidget* parent) : QWidget(parent) {
  auto* strip = new QHBoxLayout(this);
  strip->setContentsMargins(0, 0, 0, 0);
  strip->setSpacing(0);
  list_ = new QListWidget;
  list_->setObjectName(QStringLiteral("samples"));
  list_->setAccessibleName(tr("Results"));
  list_->setViewMode(QListView::IconMode);
  list_->setFlow(QListView::LeftToRight);
  list_->setWrapping(false);
  list_->setMovement(QListView::Static);
  list_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  strip->addWidget(list_, 1);
  nothing_ = hint(tr("The results of a run appear here."));
  nothing_->setAlignment(Qt::AlignCenter);
  (new QVBoxLayout(list_))->addWidget(nothing_);
  auto* choice = new QWidget;
  choice->setObjectName(QStringLiteral("timeline"));
  auto* buttons = new QVBoxLayout(choice);
  buttons->setContentsMargins(10, 8, 10, 8);
  buttons->setSpacing(5);
  accept_ = new QPushButton(icon(Symbol::Accept), tr("Put into photo"));
  accept_->setObjectName(QStringLiteral("accept"));
  accept_->setToolTip(tr("Lays the chosen result over the photo as a layer (Ctrl+Shift+Return)."));
  favourite_ = new QPushButton(icon(Symbol::Star), tr("Favourite"));
  favourite_->setObjectName(QStringLiteral("favourite"));
  favourite_->setCheckable(true);
  difference_ = new QPushButton(tr("Difference"));
  difference_->setObjectName(QStringLiteral("difference"));
  difference_->setCheckable(true);
  difference_->setToolTip(tr("What the result changed, four times enlarged."));
  for (QPushButton* button : {accept_, favourite_, difference_}) {
    button->setStyleSheet(QStringLiteral("padding: 4px 10px"));
    buttons->addWidget(button);
  }
  strip->addWidget(choice);
  setLarge(false);
  setRunning(false);
  connect(list_, &QListWidget::currentRowChanged, this, &SampleStrip::showSelected);
  connect(list_, &QListWidget::itemClicked, this, [this] {
    if (iterate_ > 0) showSelected();  // back to what was selected all the time
  });
  connect(accept_, &QPushButton::clicked, this, &SampleStrip::acceptWanted);
  connect(difference_, &QPushButton::toggled, this, &SampleStrip::showSelected);
  connect(favourite_, &QPushButton::clicked, this, &SampleStrip::setFavourite);
}

void SampleStrip::setLarge(bool large) {
  const QSize picture = large ? kLarge : kSmall;
  list_->setIconSize(picture);
  list_->setGridSize(picture + QSize(9, 30));
  setFixedHeight(picture.height() + 56);
}

void SampleStrip::clear() {
  growing_ = false;
  favourites_.clear();
  list_->clear();
  changed();
}

void SampleStrip::changed() { nothing_->setVisible(list_->count() == 0); }

void SampleStrip::forget() {
  outcome_ = {};
  clear();
}

void SampleStrip::showGrowing(const Frame& frame, const QImage& under) {
  if (frame.samples.size() < 2) return;
  const QSignalBlocker block(list_);
  if (list_->count() != static_cast<int>(frame.samples.size()) || !growing_) {
    list_->clear();
    growing_ = true;
    for (size_t i = 0; i < frame.samples.size(); ++i) list_->addItem(tr("Result %1").arg(i + 1));
    list_->setCurrentRow(frame.watched);
  }
  for (size_t i = 0; i < frame.samples.size(); ++i)
    list_->item(static_cast<int>(i))->setIcon(strip_icon(frame.samples[i], under, false));
  changed();
}

void SampleStrip::showOutcome(const RunOutcome& outcome, const std::set<int>& favourites) {
  outcome_ = outcome;
  favourites_ = favourites;
  fill();
  list_->setCurrentRow(0);
  showSelected();
}

void SampleStrip::showOutcomeAgain() {
  if (outcome_.samples.empty()) {
    clear();
  } else {
    fill();
  }
}

void SampleStrip::fill() {
  const QSignalBlocker block(list_);
  list_->clear();
  growing_ = false;
  const auto add = [this](const QImage& image, const QString& name, bool star, const QString& tip) {
    auto* item = new QListWidgetItem(strip_icon(image, outcome_.masked ? outcome_.input : QImage(), star), name);
    item->setToolTip(tip);
    list_->addItem(item);
  };
  for (size_t i = 0; i < outcome_.samples.size(); ++i) {
    const Sample& s = outcome_.samples[i];
    add(s.image, tr("Result %1").arg(i + 1), favourites_.count(static_cast<int>(i)) != 0,
        s.psnr > 0 ? tr("PSNR %1 dB, SSIM %2").arg(s.psnr, 0, 'f', 2).arg(s.ssim, 0, 'f', 3)
                   : tr("residual %1 σ").arg(s.residual, 0, 'f', 2));
  }
  if (!outcome_.mean.image.isNull()) {
    add(outcome_.mean.image, tr("Mean"), false, tr("The posterior mean: where the results agree it is sharp."));
    add(outcome_.deviation, tr("Spread"), false,
        tr("Standard deviation over the results: bright where they disagree."));
  }
  add(outcome_.observation, tr("Observed"), false, tr("What was given."));
  changed();
}

bool SampleStrip::showsOutcome() const { return hasOutcome() && !growing_ && list_->count() > 0; }

int SampleStrip::selected() const {
  const int row = list_->currentRow(), count = static_cast<int>(outcome_.samples.size());
  if (row < 0 || growing_) return -1;
  if (row < count) return row;
  return row == count && !outcome_.mean.image.isNull() ? count : -1;
}

const Sample* SampleStrip::sample() const {
  const int index = selected();
  if (index < 0) return nullptr;
  return meanSelected() ? &outcome_.mean : &outcome_.samples[static_cast<size_t>(index)];
}

bool SampleStrip::meanSelected() const { return selected() == static_cast<int>(outcome_.samples.size()); }

void SampleStrip::showSelected() {
  const int row = list_->currentRow();
  if (row < 0) return;
  if (std::exchange(iterate_, 0) > 0) list_->item(row)->setSelected(true);
  if (growing_) {
    Q_EMIT watched(row);
    return;
  }
  const int count = static_cast<int>(outcome_.samples.size());
  if (const Sample* chosen = sample()) {
    favourite_->setChecked(favourites_.count(selected()) != 0);
    favourite_->setIcon(icon(favourite_->isChecked() ? Symbol::StarFull : Symbol::Star));
    Q_EMIT picked(difference_->isChecked() ? difference_image(chosen->image, outcome_.input) : chosen->image, {});
  } else if (!outcome_.mean.image.isNull() && row == count + 1) {
    Q_EMIT picked(outcome_.deviation, tr("spread %1 %").arg(100 * outcome_.deviation_peak, 0, 'f', 1));
  } else {
    Q_EMIT picked(outcome_.observation, {});
  }
}

void SampleStrip::setFavourite(bool on) {
  const int chosen = selected();
  if (chosen < 0) return;
  if (on) {
    favourites_.insert(chosen);
  } else {
    favourites_.erase(chosen);
  }
  Q_EMIT favouritesChanged(favourites_);
  const int current = list_->currentRow();
  fill();
  list_->setCurrentRow(current);
}

void SampleStrip::setIterate(int step) {
  iterate_ = step;
  if (step > 0) list_->clearSelection();
}

void SampleStrip::clickFavourite() { favourite_->click(); }

void SampleStrip::setRunning(bool running) {
  const bool usable = !running && selected() >= 0;
  accept_->setEnabled(usable || (!running && iterate_ > 0));
  favourite_->setEnabled(usable && !meanSelected() && iterate_ == 0);
  difference_->setEnabled(usable && iterate_ == 0);
  accept_->setText(outcome_.enlarged ? tr("Open enlarged")
                   : iterate_ > 0    ? tr("Put step %1 in").arg(iterate_)
                                     : tr("Put into photo"));
}

}  // namespace mgdm::ui
