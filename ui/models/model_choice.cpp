#include "ui/models/model_choice.h"

#include <QSignalBlocker>
#include <algorithm>

#include "core/priors/catalogue.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

ModelChoice::ModelChoice(Medium medium, const QString& first, bool manage)
    : medium_(medium), first_(first), manage_(manage) {
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
