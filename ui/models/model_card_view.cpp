#include "ui/models/model_card_view.h"

#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/files/folders.h"
#include "core/priors/catalogue.h"
#include "core/priors/family.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

QString kindOf(const PriorCard& card) {
  const PriorFamily* family = find_family(card.family);
  if (family == nullptr) return ModelCardView::tr("unknown");
  const FamilyDescription& about = family->about();
  return !about.medium                   ? ModelCardView::tr("autoencoder")
         : about.medium == Medium::Music ? ModelCardView::tr("music")
         : about.latent                  ? ModelCardView::tr("photos, latent")
                                         : ModelCardView::tr("photos");
}

namespace {

bool usable(const PriorCard& card) {
  const PriorFamily* family = find_family(card.family);
  return family != nullptr && family->about().medium;
}

bool isMusic(const PriorCard& card) {
  const PriorFamily* family = find_family(card.family);
  return family != nullptr && family->about().medium == Medium::Music;
}

QString familyOf(const PriorCard& card) {
  const PriorFamily* family = find_family(card.family);
  return text(family != nullptr ? family->about().label : card.family);
}

// Long paths and hashes may be broken anywhere.
QString breakable(const QString& words) {
  QString out;
  int run = 0;
  for (const QChar c : words) {
    out += c;
    run = c.isSpace() || c == QLatin1Char('/') ? 0 : run + 1;
    if (c == QLatin1Char('/') || run % 16 == 15) out += QChar(0x200b);
  }
  return out;
}

bool isOwn(const PriorCard& card) {
  try {
    std::error_code error;
    return std::filesystem::equivalent(card.file.parent_path(), own_model_folder(), error);
  } catch (const ModelError&) {
    return false;
  }
}

}  // namespace

ModelCardView::ModelCardView(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  title_ = heading({});
  title_->setWordWrap(true);
  column->addWidget(title_);
  details_ = new QLabel;
  details_->setObjectName(QStringLiteral("model_card"));
  details_->setWordWrap(true);
  details_->setTextFormat(Qt::RichText);
  details_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  details_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* scroll = new QScrollArea;
  scroll->setWidget(details_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  column->addWidget(scroll, 1);
  auto* buttons = new QHBoxLayout;
  use_ = new QPushButton(tr("Use this model"));
  use_->setObjectName(QStringLiteral("use_model"));
  verify_ = new QPushButton(tr("Check the file"));
  verify_->setObjectName(QStringLiteral("verify_model"));
  verify_->setToolTip(tr("Compares the file with the hash in its card, and lets the network compute once."));
  remove_ = new QPushButton(tr("Remove"));
  remove_->setObjectName(QStringLiteral("remove_model"));
  buttons->addWidget(use_);
  buttons->addWidget(verify_);
  buttons->addStretch(1);
  buttons->addWidget(remove_);
  column->addLayout(buttons);
  connect(use_, &QPushButton::clicked, this, &ModelCardView::useWanted);
  connect(verify_, &QPushButton::clicked, this, &ModelCardView::verifyWanted);
  connect(remove_, &QPushButton::clicked, this, &ModelCardView::removeWanted);
}

void ModelCardView::show(const PriorCard* card, bool busy) {
  const bool ready = card != nullptr && !busy;
  use_->setEnabled(ready && usable(*card));
  verify_->setEnabled(ready);
  remove_->setEnabled(ready && isOwn(*card));
  remove_->setToolTip(remove_->isEnabled() ? QString() : tr("Only imported models can be removed."));
  if (card == nullptr) {
    title_->setText(tr("No model is installed."));
    details_->clear();
    return;
  }
  title_->setText(spoken(card->label.empty() ? card->name : card->label));
  details_->setText(QStringLiteral("<p>%1</p><p>%2</p><table style='margin-top: 6px'>%3</table>")
                        .arg((card->description.empty() ? QString() : spoken(card->description)).toHtmlEscaped(),
                             spoken(uses_of(*card)).toHtmlEscaped(), tableOf(*card)));
}

QString ModelCardView::tableOf(const PriorCard& card) const {
  QString rows;
  const auto add = [&](const QString& name, const QString& value) {
    if (!value.isEmpty())
      rows += QStringLiteral(
                  "<tr><td style='padding: 3px 16px 3px 0; color: gray; white-space: nowrap'>%1</td><td "
                  "style='padding: 3px 0'>%2</td></tr>")
                  .arg(name, breakable(value.toHtmlEscaped()));
  };
  const auto number = [&](const char* key) {
    return card.all.contains(key) && card.all.at(key).is_number() ? card.all.at(key).get<double>() : 0.0;
  };
  const auto words = [&](const char* key) {
    return card.all.contains(key) && card.all.at(key).is_string() ? text(card.all.at(key).get<std::string>())
                                                                  : QString();
  };
  QLocale locale;
  add(tr("For"), kindOf(card));
  add(tr("Network"),
      familyOf(card) + (number("parameters") > 0
                            ? tr(", %1 million parameters").arg(locale.toString(number("parameters") / 1e6, 'f', 1))
                            : QString()));
  if (number("native_size") > 0)
    add(tr("Trained on"), isMusic(card)
                              ? tr("%1 s of sound").arg(locale.toString(number("native_size") / 22050, 'f', 1))
                              : tr("%1 pixels a side").arg(number("native_size")));
  add(tr("Licence"), text(card.license));
  add(tr("Source"), words("source"));
  std::error_code error;
  const auto bytes = std::filesystem::file_size(card.weights, error);
  add(tr("File"),
      error ? tr("%1 (missing)").arg(text(card.weights.string()))
            : tr("%1, %2").arg(text(card.weights.string()), locale.formattedDataSize(static_cast<qint64>(bytes))));
  add(tr("Imported"), words("imported"));
  if (card.all.contains("not_used") && card.all.at("not_used").is_array()) {
    QStringList unused;
    for (const auto& part : card.all.at("not_used")) unused << text(part.get<std::string>());
    add(tr("Not used"), unused.join(QStringLiteral("; ")));
  }
  add(tr("SHA-256"), words("sha256"));
  return rows;
}

}  // namespace mgdm::ui
