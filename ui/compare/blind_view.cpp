#include "ui/compare/blind_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QRandomGenerator>
#include <QVBoxLayout>
#include <algorithm>
#include <numeric>

#include "ui/widgets/panel.h"

namespace mgdm::ui {

// A picture without a name; wheel and drag move both panes.
class BlindView::Pane : public QWidget {
 public:
  Pane(BlindView* owner, size_t side) : QWidget(owner), owner_(owner), side_(side) {
    setMinimumSize(120, 120);
    setAccessibleName(side == 0 ? BlindView::tr("Picture A") : BlindView::tr("Picture B"));
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    const QImage image = picture();
    if (image.isNull()) {
      painter.setPen(palette().color(QPalette::PlaceholderText));
      painter.drawText(rect(), Qt::AlignCenter, side_ == 0 ? QStringLiteral("A") : QStringLiteral("B"));
      return;
    }
    const double ratio = devicePixelRatioF();
    painter.drawImage(0, 0,
                      picture_in_box(image, owner_->view_, QSizeF(size()), ratio, palette().color(QPalette::Base)));
  }
  void wheelEvent(QWheelEvent* event) override {
    const QImage image = picture();
    if (image.isNull()) return;
    owner_->view_.zoomAt(event->position(), event->angleDelta().y() > 0 ? 1.25 : 0.8, image.size(), rect(),
                         devicePixelRatioF(), 32);
    owner_->update();
    for (Pane* pane : owner_->panes_) pane->update();
  }
  void mousePressEvent(QMouseEvent* event) override { last_ = event->position(); }
  void mouseMoveEvent(QMouseEvent* event) override {
    owner_->view_.panBy(event->position() - last_, picture().size(), rect());
    last_ = event->position();
    for (Pane* pane : owner_->panes_) pane->update();
  }
  void mouseDoubleClickEvent(QMouseEvent*) override {
    owner_->view_ = {};
    for (Pane* pane : owner_->panes_) pane->update();
  }

 private:
  QImage picture() const {
    const int cell = owner_->shown_[side_];
    return cell >= 0 ? owner_->cells_->picture(cell, Shown::Result) : QImage();
  }
  BlindView* owner_;
  size_t side_;
  QPointF last_;
};

BlindView::BlindView(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Two cells without their names"));
  setFocusPolicy(Qt::StrongFocus);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 8, 12, 8);
  column->setSpacing(8);
  auto* top = new QHBoxLayout;
  auto* label = new QLabel(tr("Judge without names:"));
  top->addWidget(label);
  axis_ = new QComboBox;
  label->setBuddy(axis_);  // on Linux a drop-down's name for a screen reader is its label's
  axis_->setObjectName(QStringLiteral("blind_axis"));
  axis_->setAccessibleName(tr("The axis that is judged"));
  top->addWidget(axis_);
  again_ = new QPushButton(tr("Begin anew"));
  again_->setObjectName(QStringLiteral("blind_again"));
  top->addWidget(again_);
  top->addStretch(1);
  count_ = new QLabel;
  count_->setObjectName(QStringLiteral("blind_count"));
  top->addWidget(count_);
  reveal_ = new QPushButton(tr("Show who is who"));
  reveal_->setObjectName(QStringLiteral("blind_reveal"));
  top->addWidget(reveal_);
  column->addLayout(top);
  auto* pictures = new QHBoxLayout;
  for (size_t side = 0; side < 2; ++side) {
    panes_[side] = new Pane(this, side);
    pictures->addWidget(panes_[side], 1);
  }
  column->addLayout(pictures, 1);
  scores_ = new QLabel;
  scores_->setObjectName(QStringLiteral("blind_scores"));
  scores_->setTextFormat(Qt::RichText);
  column->addWidget(scores_);
  auto* answers = new QHBoxLayout;
  const auto button = [&](const char* name, const QString& words, const QString& key) {
    auto* one = new QPushButton(words);
    one->setObjectName(QString::fromLatin1(name));
    one->setToolTip(tr("Key %1").arg(key));
    one->setFocusPolicy(Qt::TabFocus);
    answers->addWidget(one, 1);
    return one;
  };
  listen_[0] = button("blind_listen_a", tr("Listen to A"), QStringLiteral("A"));
  better_first_ = button("blind_first", tr("A is better"), tr("Left"));
  neither_ = button("blind_neither", tr("No difference"), tr("Down"));
  better_second_ = button("blind_second", tr("B is better"), tr("Right"));
  listen_[1] = button("blind_listen_b", tr("Listen to B"), QStringLiteral("B"));
  column->addLayout(answers);
  connect(better_first_, &QPushButton::clicked, this, [this] { judge(BlindTally::Choice::First); });
  connect(better_second_, &QPushButton::clicked, this, [this] { judge(BlindTally::Choice::Second); });
  connect(neither_, &QPushButton::clicked, this, [this] { judge(BlindTally::Choice::Neither); });
  for (size_t side = 0; side < 2; ++side)
    connect(listen_[side], &QPushButton::clicked, this, [this, side] { Q_EMIT heard(shown_[side]); });
  connect(reveal_, &QPushButton::clicked, this, &BlindView::reveal);
  connect(again_, &QPushButton::clicked, this, [this] { begin(QRandomGenerator::global()->generate64()); });
  connect(axis_, &QComboBox::activated, this, [this] { begin(QRandomGenerator::global()->generate64()); });
}

void BlindView::setCells(StoreCells* cells) {
  cells_ = cells;
  connect(cells, &Cells::reset, this, &BlindView::fill);
  connect(cells, &Cells::pictureChanged, this, [this](int cell) {
    if (cell == shown_[0] || cell == shown_[1]) update();
    for (Pane* pane : panes_) pane->update();
  });
  connect(cells, &Cells::changed, this, [this] {
    if (shown_[0] < 0) next();
  });
  fill();
}

void BlindView::fill() {
  axis_->clear();
  for (const Cells::AxisWords& axis : cells_->axes()) axis_->addItem(axis.name);
  begin(QRandomGenerator::global()->generate64());
}

void BlindView::begin(uint64_t seed) {
  const int axis = axis_->currentIndex();
  tally_ = axis >= 0 ? BlindTally(static_cast<int>(cells_->axes()[axis].values.size()), seed) : BlindTally();
  places_ = seed;
  revealed_ = false;
  next();
}

// The pair's two cells at one place of the other axes where both are done; pairs without such a place are passed over.
void BlindView::next() {
  shown_ = {-1, -1};
  const int axis = axis_->currentIndex();
  const auto done = [&](int cell) { return cell >= 0 && cells_->cell(cell).state == Cells::State::Done; };
  for (int attempt = 0; attempt < 64 && !tally_.empty() && shown_[0] < 0; ++attempt) {
    std::vector<std::pair<int, int>> places;
    for (int k = 0; k < cells_->count(); ++k) {
      if (cells_->cell(k).at[axis] != tally_.pair().first || !done(k)) continue;
      QVector<int> at = cells_->cell(k).at;
      at[axis] = tally_.pair().second;
      if (const int other = cells_->find(at); done(other)) places.emplace_back(k, other);
    }
    if (places.empty()) {
      tally_.skip();
      continue;
    }
    places_ = places_ * 6364136223846793005ull + 1442695040888963407ull;
    const auto& [first, second] = places[(places_ >> 33) % places.size()];
    shown_ = {first, second};
  }
  show();
}

void BlindView::judge(BlindTally::Choice choice) {
  if (shown_[0] < 0 || revealed_) return;
  tally_.judge(choice);
  next();
}

void BlindView::reveal() {
  revealed_ = true;
  show();
}

void BlindView::show() {
  const bool some = shown_[0] >= 0;
  const bool songs = cells_->spec().medium == "song";
  for (QPushButton* one : {better_first_, neither_, better_second_}) one->setEnabled(some && !revealed_);
  for (size_t side = 0; side < 2; ++side) {
    listen_[side]->setVisible(songs);
    listen_[side]->setEnabled(some);
    panes_[side]->setVisible(!revealed_);
    panes_[side]->update();
  }
  reveal_->setEnabled(tally_.judged() > 0 && !revealed_);
  count_->setText(some ? tr("%n judgement(s)", nullptr, tally_.judged())
                       : tr("Two cells that differ along this axis have to be done."));
  scores_->setVisible(revealed_);
  if (!revealed_) return;
  const int axis = axis_->currentIndex();
  std::vector<int> order(static_cast<size_t>(cells_->axes()[axis].values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return tally_.score(a).share() > tally_.score(b).share(); });
  QString rows = QStringLiteral(
                     "<table cellpadding=6><tr><td></td><td><b>%1</b></td><td><b>%2</b></td><td><b>%3</b></td>"
                     "<td><b>%4</b></td></tr>")
                     .arg(tr("preferred"), tr("better"), tr("worse"), tr("no difference"));
  for (const int value : order) {
    const BlindTally::Score& score = tally_.score(value);
    rows += QStringLiteral("<tr><td>%1</td><td>%2 %</td><td>%3</td><td>%4</td><td>%5</td></tr>")
                .arg(cells_->axes()[axis].values[value].toHtmlEscaped())
                .arg(100 * score.share(), 0, 'f', 0)
                .arg(score.wins)
                .arg(score.losses)
                .arg(score.ties);
  }
  scores_->setText(rows + QStringLiteral("</table>"));
}

void BlindView::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return judge(BlindTally::Choice::First);
    case Qt::Key_Right:
      return judge(BlindTally::Choice::Second);
    case Qt::Key_Down:
      return judge(BlindTally::Choice::Neither);
    case Qt::Key_A:
      return Q_EMIT heard(shown_[0]);
    case Qt::Key_B:
      return Q_EMIT heard(shown_[1]);
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace mgdm::ui
