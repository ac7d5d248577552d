#include "ui/photo/sample_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
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
  go_on_ = new QPushButton(tr("Go on with the marked"));
  go_on_->setObjectName(QStringLiteral("go_on_with"));
  for (QPushButton* button : {accept_, go_on_, favourite_, difference_}) {
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
  connect(go_on_, &QPushButton::clicked, this, [this] { Q_EMIT goOnWanted(marks_); });
  list_->setContextMenuPolicy(Qt::CustomContextMenu);
  list_->viewport()->installEventFilter(this);
  connect(list_, &QListWidget::customContextMenuRequested, this, &SampleStrip::showMenu);
}

void SampleStrip::setLarge(bool large) {
  const QSize picture = large ? kLarge : kSmall;
  list_->setIconSize(picture);
  list_->setGridSize(picture + QSize(9, 30));
  setFixedHeight(picture.height() + 56);
}

void SampleStrip::clear() {
  growing_ = false;
  far_enough_ = false;
  favourites_.clear();
  marks_.clear();
  list_->clear();
  changed();
}

void SampleStrip::changed() { nothing_->setVisible(list_->count() == 0); }

void SampleStrip::forget() {
  outcome_ = {};
  clear();
}

void SampleStrip::showGrowing(const Frame& frame, const QImage& under) {
  if (frame.samples.size() < 2 && !growing_) return;
  const QSignalBlocker block(list_);
  if (list_->count() != static_cast<int>(frame.samples.size()) || !growing_) {
    list_->clear();
    marks_.clear();  // they were of other samples
    growing_ = true;
    for (size_t i = 0; i < frame.samples.size(); ++i) list_->addItem(tr("Result %1").arg(i + 1));
    list_->setCurrentRow(frame.watched);
  }
  growing_pictures_ = frame.samples;
  under_ = under;
  showMarks();
  changed();
}

void SampleStrip::showMarks() {
  for (int i = 0; i < list_->count(); ++i)
    list_->item(i)->setIcon(strip_icon(growing_pictures_[static_cast<size_t>(i)], under_, marks_.count(i) != 0));
  enable();
}

void SampleStrip::showOutcome(const RunOutcome& outcome, const std::set<int>& favourites) {
  outcome_ = outcome;
  favourites_ = favourites;
  marks_.clear();
  growing_pictures_.clear();
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
    enable();
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

QString SampleStrip::shownName() const {
  const QListWidgetItem* item = list_->currentItem();
  if (item == nullptr) return {};
  return difference_->isChecked() && sample() != nullptr ? tr("Difference of %1").arg(item->text()) : item->text();
}

int SampleStrip::pictures() const { return showsOutcome() ? list_->count() : 0; }

SampleStrip::Picture SampleStrip::pictureAt(int row) const {
  if (row < 0 || row >= pictures()) return {};
  const auto count = static_cast<int>(outcome_.samples.size());
  const QString name = list_->item(row)->text();
  if (row < count) return {name, outcome_.samples[static_cast<size_t>(row)].image, {}};
  if (row + 1 == list_->count()) {
    const double shape = static_cast<double>(outcome_.observation.width()) / std::max(1, outcome_.observation.height());
    const double whole = static_cast<double>(outcome_.area.rect.width) / std::max(1, outcome_.area.rect.height);
    if (std::abs(shape / whole - 1) < 0.02) return {name, outcome_.observation, {}};
    return {name, {}, tr("What was observed is no picture of the same shape.")};
  }
  if (row == count) return {name, outcome_.mean.image, {}};
  return {name, {}, tr("Its colours stand for numbers.")};
}

// The result that is seen stays the one that is held against another: the right button selects nothing.
bool SampleStrip::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::MouseButtonPress && static_cast<QMouseEvent*>(event)->button() == Qt::RightButton)
    return true;
  return QWidget::eventFilter(watched, event);
}

void SampleStrip::showMenu(const QPoint& at) {
  const QListWidgetItem* item = list_->itemAt(at);
  if (item == nullptr || !showsOutcome()) return;
  const int row = list_->row(item);
  const Picture picture = pictureAt(row);
  QMenu menu;
  menu.setToolTipsVisible(true);
  QAction* compare = menu.addAction(tr("Compare with this"), this, [this, row] { Q_EMIT compareWanted(row); });
  compare->setObjectName(QStringLiteral("compare_with_this"));
  compare->setEnabled(picture.why_not.isEmpty());
  compare->setToolTip(picture.why_not.isEmpty() ? tr("Other results are held against it.") : picture.why_not);
  menu.exec(list_->viewport()->mapToGlobal(at));
}

void SampleStrip::setCanGoOn(bool far_enough) {
  far_enough_ = far_enough;
  enable();
}

void SampleStrip::setFavourite(bool on) {
  if (growing_) {
    const int row = list_->currentRow();
    if (row < 0) return;
    if (on) {
      marks_.insert(row);
    } else {
      marks_.erase(row);
    }
    return showMarks();
  }
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
  running_ = running;
  enable();
}

void SampleStrip::enable() {
  // While samples grow they are marked, and one goes on with those; then one is chosen.
  const bool choosing = running_ && growing_ && list_->count() > 1;
  const bool usable = !running_ && selected() >= 0;
  accept_->setVisible(!choosing);
  go_on_->setVisible(choosing);
  accept_->setEnabled(usable || (!running_ && iterate_ > 0));
  favourite_->setEnabled(choosing || (usable && !meanSelected() && iterate_ == 0));
  difference_->setEnabled(usable && iterate_ == 0);
  accept_->setText(outcome_.enlarged ? tr("Open enlarged")
                   : iterate_ > 0    ? tr("Put step %1 in").arg(iterate_)
                                     : tr("Put into photo"));
  favourite_->setText(choosing ? tr("Mark") : tr("Favourite"));
  if (!choosing) return;
  const auto marked = static_cast<int>(marks_.size());
  const bool on = marks_.count(list_->currentRow()) != 0;
  favourite_->setChecked(on);
  favourite_->setIcon(icon(on ? Symbol::StarFull : Symbol::Star));
  go_on_->setText(marked > 0 ? tr("Go on with %n marked", nullptr, marked) : tr("Go on with the marked"));
  go_on_->setEnabled(far_enough_ && marked > 0 && marked < list_->count());
  go_on_->setToolTip(!far_enough_               ? tr("Once the run is a third of its way.")
                     : marked == 0              ? tr("Mark the good ones first, with the star (F).")
                     : marked == list_->count() ? tr("All are marked: they go on as it is.")
                                                : tr("Only the marked results are computed to the end; the others "
                                                     "are given up."));
}

}  // namespace mgdm::ui
