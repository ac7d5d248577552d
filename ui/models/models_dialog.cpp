#include "ui/models/models_dialog.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QMessageBox>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QStyle>
#include <QTabWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/files/folders.h"
#include "core/files/json_text.h"
#include "core/priors/model_import.h"
#include "core/priors/torchscript_prior.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QString kindOf(const PriorCard& card) {
  if (card.family == "first_stage") return ModelsDialog::tr("autoencoder");
  try {
    return medium_of(card) == Medium::Music ? ModelsDialog::tr("music")
           : card.family == "ldm"           ? ModelsDialog::tr("photos, latent")
                                            : ModelsDialog::tr("photos");
  } catch (const ModelError&) {
    return ModelsDialog::tr("unknown");
  }
}

bool usable(const PriorCard& card) {
  try {
    medium_of(card);
    return true;
  } catch (const ModelError&) {
    return false;
  }
}

QString familyOf(const PriorCard& card) {
  const std::pair<const char*, const char*> names[] = {{"adm", "guided-diffusion (ADM)"},
                                                       {"ldm", "latent diffusion (CompVis)"},
                                                       {"first_stage", "autoencoder (CompVis)"},
                                                       {"diffusers", "diffusers UNet2DModel"},
                                                       {"msdm", "multi-source diffusion (MSDM)"},
                                                       {"torchscript", "TorchScript"},
                                                       {"photo-unet", "MGDM Studio"},
                                                       {"band-unet", "MGDM Studio"}};
  for (const auto& [family, name] : names) {
    if (card.family == family) return QString::fromLatin1(name);
  }
  return text(card.family);
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

bool isCheckpoint(const QString& path) {
  static const QStringList suffixes{QStringLiteral("pt"),  QStringLiteral("pth"),         QStringLiteral("ckpt"),
                                    QStringLiteral("bin"), QStringLiteral("safetensors"), QStringLiteral("ts")};
  return suffixes.contains(QFileInfo(path).suffix().toLower());
}

ModelsDialog::ModelsDialog(QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Models"));
  resize(860, 560);
  setAcceptDrops(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(12);

  tabs_ = new QTabWidget;
  column->addWidget(tabs_, 1);

  auto* installed = new QWidget;
  auto* row = new QHBoxLayout(installed);
  row->setContentsMargins(12, 12, 12, 12);
  row->setSpacing(16);
  list_ = new QListWidget;
  list_->setObjectName(QStringLiteral("models"));
  list_->setAccessibleName(tr("Installed models"));
  list_->setFixedWidth(290);
  list_->setTextElideMode(Qt::ElideRight);
  row->addWidget(list_);
  auto* card = new QVBoxLayout;
  card->setSpacing(8);
  title_ = heading({});
  title_->setWordWrap(true);
  card->addWidget(title_);
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
  card->addWidget(scroll, 1);
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
  card->addLayout(buttons);
  row->addLayout(card, 1);
  tabs_->addTab(installed, tr("Installed"));

  auto* published = new QWidget;
  auto* about = new QVBoxLayout(published);
  about->setContentsMargins(12, 12, 12, 12);
  about->addWidget(
      hint(tr("Models that researchers have published and that can be used here. This program downloads nothing: get "
              "the file from its source, then drop it on this window.")));
  auto* table = new QTableWidget(static_cast<int>(known_models().size()), 5);
  table->setObjectName(QStringLiteral("published_models"));
  table->setHorizontalHeaderLabels({tr("Model"), tr("File"), tr("Size"), tr("Licence"), tr("Source")});
  table->verticalHeader()->hide();
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setAlternatingRowColors(true);
  table->setShowGrid(false);
  table->setWordWrap(true);
  for (size_t i = 0; i < known_models().size(); ++i) {
    const KnownModel& m = known_models()[i];
    const QString cells[] = {text(m.label), text(m.file), tr("%1 GB").arg(QLocale().toString(m.gigabytes, 'g', 2)),
                             text(m.license), text(m.source)};
    for (int k = 0; k < 5; ++k) {
      auto* item = new QTableWidgetItem(cells[k]);
      item->setToolTip(cells[k]);
      item->setTextAlignment(Qt::AlignLeft | Qt::AlignTop);
      table->setItem(static_cast<int>(i), k, item);
    }
  }
  table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
  table->horizontalHeader()->setStretchLastSection(true);
  const int widths[] = {170, 170, 58, 150};
  for (int k = 0; k < 4; ++k) table->setColumnWidth(k, widths[k]);
  table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  about->addWidget(table, 1);
  tabs_->addTab(published, tr("Published models"));

  message_ = new QLabel;
  message_->setObjectName(QStringLiteral("message"));
  message_->setWordWrap(true);
  message_->hide();
  column->addWidget(message_);

  question_row_ = new QWidget;
  auto* asking = new QHBoxLayout(question_row_);
  asking->setContentsMargins(0, 0, 0, 0);
  question_ = new QLabel;
  question_->setWordWrap(true);
  answer_ = new QLineEdit;
  answer_->setObjectName(QStringLiteral("model_answer"));
  answer_->setFixedWidth(140);
  auto* go_on = new QPushButton(tr("Import"));
  go_on->setObjectName(QStringLiteral("model_answer_given"));
  asking->addWidget(question_, 1);
  asking->addWidget(answer_);
  asking->addWidget(go_on);
  question_row_->hide();
  column->addWidget(question_row_);

  progress_row_ = new QWidget;
  auto* going = new QHBoxLayout(progress_row_);
  going->setContentsMargins(0, 0, 0, 0);
  going->setSpacing(12);
  doing_ = new QLabel;
  going->addWidget(doing_);
  progress_ = new QProgressBar;
  progress_->setRange(0, 1000);
  cancel_ = new QPushButton(tr("Cancel"));
  cancel_->setObjectName(QStringLiteral("cancel_import"));
  going->addWidget(progress_, 1);
  going->addWidget(cancel_);
  progress_row_->hide();
  column->addWidget(progress_row_);

  auto* bottom = new QHBoxLayout;
  choose_ = new QPushButton(tr("Import a checkpoint…"));
  choose_->setObjectName(QStringLiteral("import_model"));
  convert_ = new QCheckBox(tr("Copy it, at half the size (float16)"));
  convert_->setObjectName(QStringLiteral("convert_model"));
  convert_->setToolTip(
      tr("Puts the weights that are used into your model folder. Otherwise the file stays where it is and must not be "
         "moved."));
  bottom->addWidget(choose_);
  bottom->addWidget(convert_);
  bottom->addStretch(1);
  auto* close = new QPushButton(tr("Close"));
  bottom->addWidget(close);
  column->addLayout(bottom);

  connect(list_, &QListWidget::currentRowChanged, this, &ModelsDialog::describe);
  connect(use_, &QPushButton::clicked, this, [this] {
    if (const int i = list_->currentRow(); i >= 0) Q_EMIT chosen(text(cards_[static_cast<size_t>(i)].name));
    accept();
  });
  connect(verify_, &QPushButton::clicked, this, &ModelsDialog::verify);
  connect(remove_, &QPushButton::clicked, this, &ModelsDialog::remove);
  connect(choose_, &QPushButton::clicked, this, [this] {
    importFiles(QFileDialog::getOpenFileNames(
        this, tr("Import a checkpoint"), QSettings().value(QStringLiteral("model_folder"), QDir::homePath()).toString(),
        tr("Checkpoints (*.pt *.pth *.ckpt *.bin *.safetensors *.ts)")));
  });
  connect(cancel_, &QPushButton::clicked, this, [this] {
    waiting_.clear();
    worker_.stop();
  });
  const auto answered = [this] {
    if (answer_->text().trimmed().isEmpty()) return;
    const std::string words = answer_->text().trimmed().toStdString();
    const auto value = parse_json(words);
    asked_config_[asked_key_] = value.is_discarded() ? nlohmann::json(words) : value;
    question_row_->hide();
    startImport(asked_path_, asked_config_, false);
  };
  connect(go_on, &QPushButton::clicked, this, answered);
  connect(answer_, &QLineEdit::returnPressed, this, answered);
  connect(close, &QPushButton::clicked, this, &ModelsDialog::reject);
  for (QPushButton* button : findChildren<QPushButton*>()) button->setAutoDefault(false);
  fill();
}

ModelsDialog::~ModelsDialog() = default;

void ModelsDialog::fill(const QString& select) {
  std::vector<std::string> problems;
  cards_ = list_priors(&problems);
  const QSignalBlocker block(list_);
  list_->clear();
  int row = 0;
  for (size_t i = 0; i < cards_.size(); ++i) {
    const PriorCard& card = cards_[i];
    const QString label = text(card.label.empty() ? card.name : card.label), name = text(card.name);
    auto* item = new QListWidgetItem(
        label + '\n' + (label == name ? kindOf(card) : QStringLiteral("%1 · %2").arg(name, kindOf(card))), list_);
    item->setToolTip(text(card.file.string()));
    item->setSizeHint(QSize(0, 50));
    if (text(card.name) == select) row = static_cast<int>(i);
  }
  list_->setCurrentRow(row);
  describe(list_->currentRow());
  if (!problems.empty()) say(text(problems.front()), true);
}

void ModelsDialog::describe(int row) {
  const bool there = row >= 0 && row < static_cast<int>(cards_.size());
  use_->setEnabled(there && !busy_ && usable(cards_[static_cast<size_t>(row)]));
  verify_->setEnabled(there && !busy_);
  remove_->setEnabled(there && !busy_ && isOwn(cards_[static_cast<size_t>(row)]));
  remove_->setToolTip(remove_->isEnabled() ? QString() : tr("Only imported models can be removed."));
  if (!there) {
    title_->setText(tr("No model is installed."));
    details_->clear();
    return;
  }
  const PriorCard& card = cards_[static_cast<size_t>(row)];
  title_->setText(text(card.label.empty() ? card.name : card.label));
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
    add(tr("Trained on"), card.family == "msdm"
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
  details_->setText(QStringLiteral("<p>%1</p><p>%2</p><table style='margin-top: 6px'>%3</table>")
                        .arg(text(card.description).toHtmlEscaped(), spoken(uses_of(card)).toHtmlEscaped(), rows));
}

void ModelsDialog::importFiles(const QStringList& paths) {
  if (paths.isEmpty()) return;
  QSettings().setValue(QStringLiteral("model_folder"), QFileInfo(paths.first()).absolutePath());
  tabs_->setCurrentIndex(0);
  waiting_ << paths;
  if (!busy_) importNext();
}

void ModelsDialog::importNext() {
  if (waiting_.isEmpty()) return;
  const QString path = waiting_.takeFirst();
  if (is_torchscript(path.toStdString())) {
    QMessageBox box(QMessageBox::Warning, tr("This file is a program"),
                    tr("%1 is a TorchScript module. It is not only weights but a program, which would run on this "
                       "computer with all your rights, now and whenever the model is used.")
                        .arg(QFileInfo(path).fileName()),
                    QMessageBox::NoButton, this);
    box.setInformativeText(tr("Import it only if you trust where it came from."));
    auto* trust = box.addButton(tr("I trust it, import"), QMessageBox::AcceptRole);
    box.setDefaultButton(box.addButton(QMessageBox::Cancel));
    box.exec();
    if (box.clickedButton() != trust) {
      say(tr("%1 was not imported.").arg(QFileInfo(path).fileName()), false);
      Q_EMIT importEnded(false);
      importNext();
      return;
    }
    startImport(path, nlohmann::json::object(), true);
    return;
  }
  startImport(path, nlohmann::json::object(), false);
}

void ModelsDialog::startImport(const QString& path, const nlohmann::json& config, bool trusted) {
  question_row_->hide();
  setBusy(true, tr("Importing %1").arg(QFileInfo(path).fileName()));
  const quint64 job = ++job_;
  ImportRequest request;
  request.file = path.toStdString();
  request.config = config;
  request.convert = convert_->isChecked();
  request.trust_code = trusted;
  worker_.post([this, job, request, path](std::stop_token stop) {
    const auto reply = [this, job](auto what) {
      QMetaObject::invokeMethod(
          this,
          [this, job, what] {
            if (job == job_) what();
          },
          Qt::QueuedConnection);
    };
    int shown = -1;
    const auto progress = [&](double share, const std::string&) {
      const int now = static_cast<int>(share * 1000);
      if (now < shown + 5 && now < 1000) return;
      shown = now;
      reply([this, now] { progress_->setValue(now); });
    };
    try {
      const PriorCard card = import_model(request, progress, stop);
      reply([this, name = text(card.name), label = text(card.label)] {
        setBusy(false);
        fill(name);
        say(tr("%1 is imported and can be used.").arg(label), false);
        Q_EMIT modelsChanged();
        Q_EMIT importEnded(true);
        importNext();
      });
    } catch (const MissingSetting& missing) {
      reply([this, path, key = missing.key, question = spoken(missing.question), config = request.config] {
        setBusy(false);
        asked_path_ = path;
        asked_config_ = config;
        asked_key_ = key;
        question_->setText(tr("%1 does not tell %2").arg(QFileInfo(path).fileName(), question));
        answer_->clear();
        answer_->setPlaceholderText(text(key));
        question_row_->show();
        answer_->setFocus();
        Q_EMIT importEnded(false);
      });
    } catch (const std::exception& e) {
      const QString words = QString::fromUtf8(e.what()).section(QLatin1Char('\n'), 0, 0);
      reply([this, words] {
        setBusy(false);
        say(words, true);
        Q_EMIT importEnded(false);
        importNext();
      });
    }
  });
}

void ModelsDialog::verify() {
  const int row = list_->currentRow();
  if (row < 0 || busy_) return;
  const std::string name = cards_[static_cast<size_t>(row)].name;
  setBusy(true, tr("Checking %1").arg(text(name)));
  const quint64 job = ++job_;
  worker_.post([this, job, name](std::stop_token stop) {
    const auto reply = [this, job](auto what) {
      QMetaObject::invokeMethod(
          this,
          [this, job, what] {
            if (job == job_) what();
          },
          Qt::QueuedConnection);
    };
    QString words;
    bool bad = true;
    try {
      const auto wrong = verify_model(
          name,
          [&](double share, const std::string&) {
            reply([this, share] { progress_->setValue(static_cast<int>(share * 1000)); });
          },
          stop);
      bad = !wrong.empty();
      words = bad ? text(wrong.front()) : QString();
    } catch (const std::exception& e) {
      words = QString::fromUtf8(e.what()).section(QLatin1Char('\n'), 0, 0);
    }
    reply([this, words, bad, name = text(name)] {
      setBusy(false);
      say(bad ? words : tr("%1 is as its card says, and computes.").arg(name), bad);
    });
  });
}

void ModelsDialog::remove() {
  const int row = list_->currentRow();
  if (row < 0 || busy_) return;
  const PriorCard& card = cards_[static_cast<size_t>(row)];
  std::error_code error;
  const bool weights_too = std::filesystem::equivalent(card.weights.parent_path(), card.file.parent_path(), error);
  QMessageBox box(QMessageBox::Question, tr("Remove the model"), tr("Remove %1?").arg(text(card.name)),
                  QMessageBox::NoButton, this);
  box.setInformativeText(weights_too ? tr("Its weights in your model folder are deleted, too.")
                                     : tr("The downloaded file stays where it is."));
  auto* yes = box.addButton(tr("Remove"), QMessageBox::AcceptRole);
  box.setDefaultButton(box.addButton(QMessageBox::Cancel));
  box.exec();
  if (box.clickedButton() != yes) return;
  try {
    const QString name = text(card.name);
    remove_model(card.name);
    fill();
    say(tr("%1 is removed.").arg(name), false);
    Q_EMIT modelsChanged();
  } catch (const std::exception& e) {
    say(QString::fromUtf8(e.what()), true);
  }
}

void ModelsDialog::setBusy(bool busy, const QString& words) {
  busy_ = busy;
  progress_row_->setVisible(busy);
  progress_->setValue(0);
  doing_->setText(words);
  choose_->setEnabled(!busy);
  convert_->setEnabled(!busy);
  if (busy) message_->hide();
  describe(list_->currentRow());
}

void ModelsDialog::say(const QString& words, bool bad) {
  message_->setProperty("note", !bad);
  message_->style()->polish(message_);
  message_->setText(words);
  message_->show();
}

void ModelsDialog::dragEnterEvent(QDragEnterEvent* event) {
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile() && isCheckpoint(url.toLocalFile())) {
      event->acceptProposedAction();
      return;
    }
  }
}

void ModelsDialog::dropEvent(QDropEvent* event) {
  QStringList paths;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile() && isCheckpoint(url.toLocalFile())) paths << url.toLocalFile();
  }
  event->acceptProposedAction();
  importFiles(paths);
}

// Closing goes on with nothing in the background.
void ModelsDialog::reject() {
  waiting_.clear();
  worker_.stop();
  question_row_->hide();
  QDialog::reject();
}

}  // namespace mgdm::ui
