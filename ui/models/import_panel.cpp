#include "ui/models/import_panel.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include "core/download/model_source.h"
#include "core/files/folders.h"
#include "core/files/json_text.h"
#include "core/priors/model_import.h"
#include "ui/models/model_jobs.h"
#include "ui/widgets/question.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

ImportPanel::ImportPanel(QWidget* parent)
    : QWidget(parent), jobs_(new ModelJobs(this)), request_(std::make_unique<ImportRequest>()) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(12);
  buildQuestion(column);
  buildProgress(column);
  buildBottom(column);
  connectJobs();
}

ImportPanel::~ImportPanel() = default;

void ImportPanel::buildQuestion(QVBoxLayout* column) {
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
  connect(go_on, &QPushButton::clicked, this, &ImportPanel::answer);
  connect(answer_, &QLineEdit::returnPressed, this, &ImportPanel::answer);
}

void ImportPanel::buildProgress(QVBoxLayout* column) {
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
  connect(cancel_, &QPushButton::clicked, this, [this] {
    waiting_.clear();
    jobs_->stopAndKeep();
  });
}

void ImportPanel::buildBottom(QVBoxLayout* column) {
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
  connect(choose_, &QPushButton::clicked, this, &ImportPanel::choose);
  connect(close, &QPushButton::clicked, this, &ImportPanel::closeWanted);
}

void ImportPanel::connectJobs() {
  connect(jobs_, &ModelJobs::stateChanged, this, [this] {
    progress_row_->setVisible(busy());
    choose_->setEnabled(!busy());
    convert_->setEnabled(!busy());
    Q_EMIT busyChanged();
  });
  connect(jobs_, &ModelJobs::progress, this,
          [this](double share) { progress_->setValue(static_cast<int>(share * 1000)); });
  connect(jobs_, &ModelJobs::imported, this, [this](const QString& name, const QString& label) {
    Q_EMIT imported(name);
    Q_EMIT said(tr("%1 is imported and can be used.").arg(label), false);
    Q_EMIT ended(true);
    next();
  });
  connect(jobs_, &ModelJobs::doing, doing_, &QLabel::setText);
  connect(jobs_, &ModelJobs::fetched, this, [this](const QString& file, const QString& purpose) {
    Q_EMIT said(tr("%1 is fetched; %2.").arg(file, purpose), false);
    Q_EMIT ended(true);
    next();
  });
  connect(jobs_, &ModelJobs::failed, this, [this](const QString& words) {
    Q_EMIT said(words, true);
    Q_EMIT ended(false);
    next();
  });
  connect(jobs_, &ModelJobs::asks, this, [this](const QString& key, const QString& question) {
    asked_ = key;
    question_->setText(tr("%1 does not tell %2").arg(QFileInfo(text(request_->file.string())).fileName(), question));
    answer_->clear();
    answer_->setPlaceholderText(key);
    question_row_->show();
    answer_->setFocus();
    Q_EMIT ended(false);
  });
  connect(jobs_, &ModelJobs::asksTrust, this, [this] {
    if (trusted()) {
      request_->trust_code = true;
      import();
      return;
    }
    Q_EMIT said(tr("%1 was not imported.").arg(QFileInfo(text(request_->file.string())).fileName()), false);
    Q_EMIT ended(false);
    next();
  });
  connect(jobs_, &ModelJobs::verified, this, [this](const QString& name, const QString& wrong) {
    Q_EMIT said(wrong.isEmpty() ? tr("%1 is as its card says, and computes.").arg(name) : wrong, !wrong.isEmpty());
    next();
  });
}

bool ImportPanel::busy() const { return jobs_->busy(); }

void ImportPanel::choose() {
  start(QFileDialog::getOpenFileNames(this, tr("Import a checkpoint"),
                                      QSettings().value(QStringLiteral("model_folder"), QDir::homePath()).toString(),
                                      tr("Checkpoints (*.pt *.pth *.ckpt *.bin *.safetensors *.ts)")));
}

void ImportPanel::start(const QStringList& paths) {
  if (paths.isEmpty()) return;
  QSettings().setValue(QStringLiteral("model_folder"), QFileInfo(paths.first()).absolutePath());
  waiting_ << paths;
  if (!busy()) next();
}

void ImportPanel::next() {
  if (waiting_.isEmpty()) return;
  *request_ = {};
  request_->file = waiting_.takeFirst().toStdString();
  request_->convert = convert_->isChecked();
  import();
}

void ImportPanel::import() {
  begin(tr("Importing %1").arg(QFileInfo(text(request_->file.string())).fileName()));
  jobs_->import(*request_);
}

void ImportPanel::begin(const QString& doing) {
  question_row_->hide();
  progress_->setValue(0);
  doing_->setText(doing);
}

void ImportPanel::answer() {
  if (answer_->text().trimmed().isEmpty()) return;
  const std::string words = answer_->text().trimmed().toStdString();
  const auto value = parse_json(words);
  request_->config[asked_.toStdString()] = value.is_discarded() ? nlohmann::json(words) : value;
  import();
}

bool ImportPanel::trusted() {
  QMessageBox box(QMessageBox::Warning, tr("This file is a program"),
                  tr("%1 is a TorchScript module. It is not only weights but a program, which would run on this "
                     "computer with all your rights, now and whenever the model is used.")
                      .arg(QFileInfo(text(request_->file.string())).fileName()),
                  QMessageBox::NoButton, this);
  box.setInformativeText(tr("Import it only if you trust where it came from."));
  auto* trust = box.addButton(tr("I trust it, import"), QMessageBox::AcceptRole);
  box.setDefaultButton(box.addButton(QMessageBox::Cancel));
  box.exec();
  return box.clickedButton() == trust;
}

void ImportPanel::verify(const std::string& name) {
  begin(tr("Checking %1").arg(text(name)));
  jobs_->verify(name);
}

void ImportPanel::fetch(const std::string& name) {
  if (busy()) return;
  try {
    const ModelSource& source = find_model_source(name);
    if (!source.by_hand.empty()) {
      Q_EMIT said(tr("%1 cannot be fetched by a program: %2 (%3)")
                      .arg(spoken(source.label), spoken(source.by_hand), text(source.page)),
                  false);
      return;
    }
    QString size;
    std::error_code error;
    const auto space = std::filesystem::space(own_model_folder().parent_path().parent_path(), error);
    const QLocale locale;
    if (source.size() > 0)
      size = tr("%1 are fetched.").arg(locale.formattedDataSize(source.size(), 1, QLocale::DataSizeSIFormat));
    if (!error)
      size +=
          ' ' + tr("%1 are free.")
                    .arg(locale.formattedDataSize(static_cast<qint64>(space.available), 1, QLocale::DataSizeSIFormat));
    const int answer = ask(this, tr("Fetch %1?").arg(spoken(source.label)),
                           tr("Published by %1 under the licence %2: %3")
                                   .arg(spoken(source.publisher), spoken(source.license), text(source.terms)) +
                               "\n\n" + size.trimmed(),
                           {{"fetch_accept", tr("I accept the licence, fetch it")}, {"fetch_cancel", tr("Cancel")}});
    if (answer != 0) return;
    begin(tr("Fetching %1").arg(spoken(source.label)));
    jobs_->fetch(name);
  } catch (const Error& e) {
    Q_EMIT said(one_line(e), true);
  }
}

void ImportPanel::cancel() {
  waiting_.clear();
  jobs_->stopAndKeep();
  question_row_->hide();
}

}  // namespace mgdm::ui
