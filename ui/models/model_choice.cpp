#include "ui/models/model_choice.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QPainter>
#include <QSignalBlocker>
#include <QStringList>
#include <QStyledItemDelegate>
#include <algorithm>

#include "core/priors/card.h"
#include "core/priors/catalogue.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr int kBelow = Qt::UserRole + 1;  // the second line

/// An entry's name and, smaller and paler, a line below it.
class TwoLines : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const QSize size = QStyledItemDelegate::sizeHint(option, index);
    if (is_line(index)) return size;
    const QString below = index.data(kBelow).toString();
    const QFontMetrics small(small_font(option));
    return {std::max(size.width(), small.horizontalAdvance(below)) + 2 * kMargin,
            option.fontMetrics.height() + (below.isEmpty() ? 0 : small.height() + 2) + 2 * kAbove};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    if (is_line(index)) {
      QStyledItemDelegate::paint(painter, given, index);
      return;
    }
    const QString below = index.data(kBelow).toString();
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const QString name = std::exchange(option.text, QString());
    const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &option, painter, option.widget);
    const bool chosen = option.state.testFlag(QStyle::State_Selected);
    const QRect room = option.rect.adjusted(kMargin, kAbove, -kMargin, -kAbove);
    painter->save();
    painter->setFont(option.font);
    painter->setPen(option.palette.color(chosen ? QPalette::HighlightedText : QPalette::Text));
    painter->drawText(room, Qt::AlignLeft | Qt::AlignTop,
                      option.fontMetrics.elidedText(name, Qt::ElideRight, room.width()));
    painter->setFont(small_font(option));
    QColor pale = painter->pen().color();
    pale.setAlphaF(0.7F);
    painter->setPen(pale);
    painter->drawText(room, Qt::AlignLeft | Qt::AlignBottom,
                      painter->fontMetrics().elidedText(below, Qt::ElideRight, room.width()));
    painter->restore();
  }

 private:
  static constexpr int kMargin = 8, kAbove = 5;
  // What QComboBox::insertSeparator puts there.
  static bool is_line(const QModelIndex& index) {
    return index.data(Qt::AccessibleDescriptionRole).toString() == QLatin1String("separator");
  }
  static QFont small_font(const QStyleOptionViewItem& option) {
    QFont font = option.font;
    font.setPointSizeF(font.pointSizeF() * 0.87);
    return font;
  }
};

}  // namespace

ModelChoice::ModelChoice(Medium medium, const QString& first, bool manage)
    : medium_(medium), first_(first), manage_(manage) {
  setItemDelegate(new TwoLines(this));
  connect(this, &QComboBox::activated, this, [this](int index) {
    if (index < static_cast<int>(cards_.size())) return;
    fill();  // the last entry is no model; what was chosen stays
    Q_EMIT wantsModels();
  });
  connect(this, &QComboBox::currentIndexChanged, this, &ModelChoice::tell);
}

ModelChoice::~ModelChoice() = default;

void ModelChoice::fill(const QString& wanted) {
  const QString before = last_.isEmpty() ? wanted : last_;
  std::vector<PriorCard> cards;
  for (auto& card : list_priors()) {
    try {
      if (medium_of(card) == medium_) cards.push_back(std::move(card));
    } catch (const ModelError&) {
      // An autoencoder, or of a family that this version does not know.
    }
  }
  const std::string first = first_.toStdString();
  std::stable_sort(cards.begin(), cards.end(),
                   [&](const PriorCard& a, const PriorCard& b) { return (a.name == first) > (b.name == first); });
  {
    const QSignalBlocker block(this);
    clear();
    cards_ = std::move(cards);
    for (const auto& card : cards_) {
      addItem(spoken(card.label.empty() ? card.name : card.label), text(card.name));
      const QString description = card.description.empty() ? QString() : spoken(card.description);
      setItemData(count() - 1, text(card.name) + (description.isEmpty() ? QString() : ": " + description),
                  Qt::ToolTipRole);
    }
    if (manage_) {
      insertSeparator(count());
      addItem(tr("Get and manage models…"));
    }
    setCurrentIndex(std::max(0, before.isEmpty() ? 0 : findData(before)));
  }
  tell();
}

void ModelChoice::tellBelow(std::function<QString(const PriorCard&)> time) { time_ = std::move(time); }

// "512 px · last 40 s for this task · All tasks for photos, with every sampler": what is cut off is said in full
// elsewhere.
QString ModelChoice::below(const PriorCard& card) const {
  QStringList parts;
  if (medium_ == Medium::Photo) {
    const int64_t native = photo_sizes(card).native;
    parts << (native > 0 ? tr("made for %1 px").arg(native) : tr("any size"));
  }
  const QString time = time_ ? time_(card) : QString();
  if (!time.isEmpty()) parts << time;
  QString uses = spoken(uses_of(card));
  if (uses.endsWith(QLatin1Char('.'))) uses.chop(1);
  parts << uses;
  return parts.join(QStringLiteral(" · "));
}

void ModelChoice::showPopup() {
  int widest = width();
  const QFontMetrics metrics(font());
  for (size_t i = 0; i < cards_.size(); ++i) {
    const QString words = below(cards_[i]);
    setItemData(static_cast<int>(i), words, kBelow);
    widest = std::max(widest, metrics.horizontalAdvance(words) + 24);
  }
  constexpr int kWidest = 640;
  view()->setMinimumWidth(std::min(widest, kWidest));
  NarrowComboBox::showPopup();
}

void ModelChoice::tell() {
  if (card() == nullptr) return;
  last_ = name();
  Q_EMIT chosen();
}

bool ModelChoice::use(const QString& name) {
  const int index = name.isEmpty() ? -1 : findData(name);
  if (index >= 0) setCurrentIndex(index);
  return index >= 0;
}

const PriorCard* ModelChoice::card() const {
  const int index = currentIndex();
  return index >= 0 && index < static_cast<int>(cards_.size()) ? &cards_[static_cast<size_t>(index)] : nullptr;
}

QString ModelChoice::name() const { return card() != nullptr ? text(card()->name) : QString(); }

}  // namespace mgdm::ui
