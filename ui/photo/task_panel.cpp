#include "ui/photo/task_panel.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/media/faces.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/runs/run_request.h"
#include "core/samplers/description.h"
#include "ui/models/model_choice.h"
#include "ui/photo/document.h"
#include "ui/photo/own_presets.h"
#include "ui/photo/pace.h"
#include "ui/photo/task_examples.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/number_box.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/pictures.h"
#include "ui/widgets/settings_form.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {
const QString kPhotoModel = QStringLiteral("photo"), kPortraitModel = QStringLiteral("portrait");
const QString kOwnMark = QStringLiteral("own:");  // before a person's own in the list's data

/// What of `given` is described: another model knows no prompt.
Settings of_those(const std::vector<Setting>& described, const Settings& given) {
  Settings known = Settings::object();
  for (const Setting& setting : described) {
    if (given.is_object() && given.contains(setting.name)) known[setting.name] = given[setting.name];
  }
  return known;
}

}  // namespace

TaskPanel::TaskPanel(Document* document, QWidget* run_buttons, QWidget* parent)
    : QScrollArea(parent),
      document_(document),
      preset_values_(std::make_unique<Settings>()),
      preset_form_(std::make_unique<Settings>()) {
  auto* content = new QWidget;
  content->setObjectName(QStringLiteral("left"));
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(8);
  buildTask(column);
  form_ = new QFormLayout;
  fine_form_ = new QFormLayout;
  for (QFormLayout* form : {form_, fine_form_}) {
    form->setHorizontalSpacing(12);
    form->setVerticalSpacing(7);
  }
  buildNoise(form_);
  buildRun();
  const std::pair<QWidget*, QString> names[] = {{noise_, tr("Noise")},          {noise_law_, tr("Kind of noise")},
                                                {outliers_, tr("Lost values")}, {model_, tr("Model")},
                                                {preset_, tr("Quality")},       {detail_, tr("Detail")},
                                                {samples_count_, tr("Results")}};
  for (const auto& [widget, name] : names) widget->setAccessibleName(name);
  column->addLayout(form_);
  time_ = hint();
  time_->setObjectName(QStringLiteral("expected_time"));
  column->addWidget(time_);
  column->addWidget(run_buttons);
  buildAdvanced(column);
  column->addStretch(1);
  setWidget(content);
  setWidgetResizable(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connectAll();
  model_->fill(QSettings().value(QStringLiteral("model"), QStringLiteral("photo")).toString());
  chooseSampler();
  chooseWay(Way::Fill);
}

TaskPanel::~TaskPanel() = default;

// ---- building ----

void TaskPanel::buildTask(QVBoxLayout* column) {
  column->addWidget(heading(tr("What to do")));
  ways_ = new QButtonGroup(this);
  ways_->setExclusive(true);
  const std::pair<QString, QString> ways[] = {
      {tr("Fill what I painted"), tr("Paint over what should go; the model fills it.")},
      {tr("My photo is damaged"), tr("Noise, blur, too few pixels, JPEG blocks: the photo as it is goes in.")},
      {tr("Try a degradation on a clean photo"),
       tr("The photo is damaged first, so that the result can be measured.")}};
  for (int i = 0; i < 3; ++i) {
    auto* button = new QPushButton(ways[i].first);
    button->setObjectName(QStringLiteral("way"));
    button->setToolTip(ways[i].second);
    button->setCheckable(true);
    ways_->addButton(button, i);
    column->addWidget(button);
  }
  connect(ways_, &QButtonGroup::idClicked, this, [this](int id) { chooseWay(static_cast<Way>(id)); });
  task_ = new NarrowComboBox;
  task_->setObjectName(QStringLiteral("task"));
  task_->setAccessibleName(tr("Task"));
  task_->setIconSize(QSize(40, 40));
  task_->setMaxVisibleItems(14);
  task_label_ = heading(QString());
  task_label_->setBuddy(task_);  // on Linux a drop-down's name for a screen reader is its label's
  column->addWidget(task_label_);
  column->addWidget(task_);
  task_help_ = hint();
  column->addWidget(task_help_);
  task_form_ = new SettingsForm;
  column->addWidget(task_form_);
}

void TaskPanel::buildNoise(QFormLayout* form) {
  noise_ = new NumberBox;
  noise_->setObjectName(QStringLiteral("noise"));
  noise_->setDecimals(4);
  set_range(noise_, photo_run_settings(), "noise");
  noise_->setSingleStep(0.01);
  noise_->setToolTip(tr("Standard deviation of the observation's noise (sigma_y), image range -1 to 1."));
  form->addRow(tr("Noise"), noise_);
  noise_law_ = new QComboBox;
  noise_law_->setObjectName(QStringLiteral("noise_law"));
  noise_law_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  noise_law_->setMinimumContentsLength(8);
  noise_law_->setToolTip(
      tr("Gaussian: the same everywhere. Photon counts: a dark photo's grain, weaker in the shadows (Poisson). Salt "
         "and pepper: single values lost, black or white."));
  noise_law_->addItem(tr("Gaussian"), text(noise_law_names()[0]));
  noise_law_->addItem(tr("Photon counts"), text(noise_law_names()[1]));
  noise_law_->addItem(tr("Salt and pepper"), text(noise_law_names()[2]));
  form->addRow(tr("Kind of noise"), noise_law_);
  outliers_ = new NumberBox;
  outliers_->setObjectName(QStringLiteral("outliers"));
  outliers_->setDecimals(2);
  set_range(outliers_, photo_run_settings(), "outliers", 100);  // percent
  outliers_->setValue(10);
  outliers_->setSuffix(tr(" %"));
  outliers_->setToolTip(tr("Share of the values that are lost."));
  form->addRow(tr("Lost"), outliers_);
  estimate_label_ = hint();
  estimate_label_->hide();
  form->addRow(QString(), estimate_label_);
}

void TaskPanel::buildRun() {
  model_ = new ModelChoice(Medium::Photo, QStringLiteral("photo"), true);
  model_->setObjectName(QStringLiteral("model"));
  model_->tellBelow([this](const PriorCard& card) {
    const auto took = KnownTimes::latest(text(card.name), task_->currentData().toString());
    return took ? tr("last %1 for this task").arg(aboutTime(*took)) : QString();
  });
  form_->addRow(tr("Model"), model_);
  portrait_ = hint();
  portrait_->setObjectName(QStringLiteral("portrait_line"));
  portrait_->hide();
  form_->addRow(QString(), portrait_);
  prior_form_ = new SettingsForm;  // a prompt, where the model understands one
  prior_form_->setObjectName(QStringLiteral("prior_settings"));
  form_->addRow(prior_form_);
  preset_ = new QComboBox;
  preset_->setObjectName(QStringLiteral("preset"));
  preset_->setToolTip(
      tr("quick: seconds. balanced: the best for its time. best: minutes. paper: the settings of the paper. exact: for "
         "many samples of a posterior with far-apart modes. Below them: your own, see \"Advanced settings\"."));
  form_->addRow(tr("Quality"), preset_);
  detail_ = new QComboBox;
  detail_->setObjectName(QStringLiteral("detail"));
  detail_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  detail_->setMinimumContentsLength(8);
  detail_->setToolTip(
      tr("The photo's own pixels, or the whole area scaled to so many on its short side: faster, but coarser."));
  fine_form_->addRow(tr("Detail"), detail_);
  samples_count_ = new QSpinBox;
  samples_count_->setObjectName(QStringLiteral("samples_count"));
  set_range(samples_count_, photo_run_settings(), "samples");
  samples_count_->setToolTip(
      tr("How many are computed at once: different pictures that all explain the photo (posterior samples)."));
  form_->addRow(tr("Results"), samples_count_);
  choose_ = new QCheckBox(tr("Stop at a third to choose"));
  choose_->setObjectName(QStringLiteral("stop_to_choose"));
  choose_->setToolTip(
      tr("The run waits when a third is done: mark the good results, and only those are computed to the end."));
  form_->addRow(QString(), choose_);
  const auto several = [this] { form_->setRowVisible(choose_, samples_count_->value() > 1); };
  connect(samples_count_, &QSpinBox::valueChanged, choose_, several);
  several();
  seed_ = new QSpinBox;
  seed_->setObjectName(QStringLiteral("seed"));
  fine_form_->addRow(tr("Seed"), seedRow(seed_));
}

void TaskPanel::buildAdvanced(QVBoxLayout* column) {
  more_ = new QPushButton(tr("Advanced settings"));
  more_->setObjectName(QStringLiteral("advanced"));
  more_->setCheckable(true);
  column->addWidget(more_);
  auto* advanced = new QWidget;
  auto* more = new QVBoxLayout(advanced);
  more->setContentsMargins(0, 0, 0, 0);
  more->setSpacing(8);
  more->addLayout(fine_form_);
  sampler_ = new NarrowComboBox;
  sampler_->setObjectName(QStringLiteral("sampler"));
  sampler_->setAccessibleName(tr("Sampler"));
  for (const auto& sampler : samplers()) sampler_->addItem(text(sampler.label), text(sampler.name));
  QLabel* sampler_label = heading(tr("Sampler"));
  sampler_label->setBuddy(sampler_);
  more->addWidget(sampler_label);
  more->addWidget(sampler_);
  sampler_help_ = hint();
  more->addWidget(sampler_help_);
  sampler_form_ = new SettingsForm;
  more->addWidget(sampler_form_);
  buildPresetMenu(more);
  advanced->hide();
  column->addWidget(advanced);
  connect(more_, &QPushButton::toggled, advanced, &QWidget::setVisible);
  connect(more_, &QPushButton::toggled, this, &TaskPanel::showNoise);
}

void TaskPanel::buildPresetMenu(QVBoxLayout* column) {
  presets_ = new QPushButton(tr("Own presets"));
  presets_->setObjectName(QStringLiteral("own_presets"));
  presets_->setToolTip(tr("Keep the sampler's settings under a name, or give them to others as a file."));
  auto* menu = new QMenu(presets_);
  menu->addAction(tr("Keep these settings as…"), this, [this] {
    bool given = false;
    const QString name =
        QInputDialog::getText(this, tr("Keep the settings"), tr("Name of the preset:"), QLineEdit::Normal, {}, &given);
    if (given) keepAs(name);
  });
  QAction* forget = menu->addAction(tr("Delete the chosen one"), this, [this] {
    forgetPreset(preset_->currentText());
    fillPresets({});
  });
  menu->addSeparator();
  const auto folder = [] { return QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString(); };
  menu->addAction(tr("Export these settings…"), this, &TaskPanel::choosePresetFile);
  menu->addAction(tr("Import a preset…"), this, [this, folder] {
    importPreset(QFileDialog::getOpenFileName(this, tr("Import a preset"), folder(), tr("Presets (*.json)")));
  });
  connect(menu, &QMenu::aboutToShow, this,
          [this, forget] { forget->setEnabled(preset_->currentData().toString().startsWith(kOwnMark)); });
  presets_->setMenu(menu);
  column->addWidget(presets_);
}

void TaskPanel::connectAll() {
  connect(task_, &QComboBox::currentIndexChanged, this, &TaskPanel::chooseTask);
  connect(preset_, &QComboBox::currentIndexChanged, this, &TaskPanel::choosePreset);
  connect(model_, &ModelChoice::chosen, this, &TaskPanel::chooseModel);
  connect(model_, &ModelChoice::wantsModels, this, &TaskPanel::wantsModels);
  connect(model_, &QComboBox::activated, this, [this] {
    model_chosen_ = true;
    for_portrait_ = false;
    portrait_->hide();
  });
  connect(portrait_, &QLabel::linkActivated, this, [this] {
    model_chosen_ = true;
    for_portrait_ = false;
    portrait_->hide();
    model_->use(kPhotoModel);
  });
  painting_ = new QTimer(this);
  painting_->setSingleShot(true);
  painting_->setInterval(400);
  connect(painting_, &QTimer::timeout, this, &TaskPanel::suitModel);
  connect(document_, &Document::maskChanged, painting_, qOverload<>(&QTimer::start));
  connect(document_, &Document::areaChanged, this, &TaskPanel::suitModel);
  connect(document_, &Document::opened, this, [this] {  // another photo: it is proposed anew
    if (model_->name() == kPhotoModel) model_chosen_ = false;
    setFaces({});
  });
  connect(noise_law_, &QComboBox::currentIndexChanged, this, &TaskPanel::chooseNoise);
  connect(detail_, &QComboBox::currentIndexChanged, this,
          [this] { document_->setDetail(detail_->currentData().toInt()); });
  connect(sampler_, &QComboBox::currentIndexChanged, this, &TaskPanel::chooseSampler);
  connect(time_, &QLabel::linkActivated, this, [this](const QString& link) {
    if (link == QStringLiteral("faster")) beFaster();
    if (link == QStringLiteral("half")) halve();
    if (link == QStringLiteral("part")) Q_EMIT wantsPart();
  });
  connect(document_, &Document::areaChanged, this, &TaskPanel::suitSize);
  for (QComboBox* box : {preset_, sampler_}) connect(box, &QComboBox::activated, this, [this] { chosen_ = true; });
  connect(document_, &Document::areaChanged, this, [this] {
    const QSignalBlocker block(detail_);
    detail_->setCurrentIndex(detail_->findData(document_->detail()));
  });
  // Whatever of it changes belongs to the session.
  for (QComboBox* box : std::initializer_list<QComboBox*>{task_, preset_, model_, noise_law_, sampler_})
    connect(box, &QComboBox::currentIndexChanged, this, &TaskPanel::edited);
  for (QDoubleSpinBox* box : {noise_, outliers_}) connect(box, &QDoubleSpinBox::valueChanged, this, &TaskPanel::edited);
  for (QSpinBox* box : {samples_count_, seed_}) connect(box, &QSpinBox::valueChanged, this, &TaskPanel::edited);
  for (SettingsForm* form : {task_form_, prior_form_, sampler_form_})
    connect(form, &SettingsForm::edited, this, &TaskPanel::edited);
  connect(ways_, &QButtonGroup::idToggled, this, &TaskPanel::edited);
  connect(choose_, &QCheckBox::toggled, this, &TaskPanel::edited);
}

// ---- what to do ----

const Task& TaskPanel::task() const {
  Settings ignored = Settings::object();
  return find_task(task_->currentData().toString().toStdString(), ignored);
}

bool TaskPanel::needsMask() const { return !task_->currentData().isNull() && task().needs_mask; }

Way TaskPanel::way() const { return static_cast<Way>(ways_->checkedId()); }

bool TaskPanel::stopsToChoose() const { return choose_->isChecked() && samples() > 1; }

int TaskPanel::samples() const { return samples_count_->value(); }

void TaskPanel::chooseWay(Way way) {
  ways_->button(static_cast<int>(way))->setChecked(true);
  fillTasks(way);
  for (QWidget* widget : std::initializer_list<QWidget*>{task_label_, task_}) widget->setVisible(way != Way::Fill);
  task_label_->setText(way == Way::Repair ? tr("What is wrong with it") : tr("What is done to it"));
  chooseTask();
}

// The tasks of a group stand together, under its name; the groups as their first tasks.
void TaskPanel::fillTasks(Way way) {
  const QString before = task_->currentData().toString();
  std::vector<std::pair<std::string, std::vector<const Task*>>> groups;
  for (const auto& t : tasks()) {
    if (!(way == Way::Fill ? t.needs_mask : way == Way::Repair ? t.repairs && !t.needs_mask : !t.needs_mask)) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&t](const auto& g) { return g.first == t.group; });
    if (group == groups.end()) group = groups.insert(groups.end(), {t.group, {}});
    group->second.push_back(&t);
  }
  const QIcon bare = icon(Symbol::Photo);  // until there is a picture, or where there is none
  const QSignalBlocker block(task_);
  task_->clear();
  for (const auto& [name, members] : groups) {
    if (groups.size() > 1) {
      task_->addItem(spoken(name));
      auto* item = qobject_cast<QStandardItemModel*>(task_->model())->item(task_->count() - 1);
      item->setFlags(Qt::NoItemFlags);
      QFont font = task_->font();
      font.setBold(true);
      item->setFont(font);
    }
    for (const Task* t : members)
      task_->addItem(thumbnails_.value(text(t->name), bare), spoken(t->label), text(t->name));
  }
  const int first = task_->findData(way == Way::Repair ? QStringLiteral("denoising") : text(groups[0].second[0]->name));
  const int kept = before.isEmpty() ? -1 : task_->findData(before);
  task_->setCurrentIndex(kept >= 0 ? kept : first);
}

void TaskPanel::chooseTask() {
  if (task_->currentData().isNull()) return;
  const Task& t = task();
  task_help_->setText(spoken(t.help));
  task_form_->describe(t.settings);
  task_form_->setVisible(!t.settings.empty());
  noise_->setValue(t.noise);
  auto* laws = qobject_cast<QStandardItemModel*>(noise_law_->model());
  for (int i = 1; i < noise_law_->count(); ++i) {
    const bool known = t.adds_noise && (t.image_valued || static_cast<NoiseLaw>(i) != NoiseLaw::Poisson);
    laws->item(i)->setEnabled(known);
    laws->item(i)->setToolTip(known ? QString() : tr("This degradation has no noise of that kind."));
  }
  if (!laws->item(noise_law_->currentIndex())->isEnabled()) noise_law_->setCurrentIndex(0);
  chooseNoise();
  if (presetValues() != *preset_values_) choosePreset();  // another task may call for other settings
  useEstimate();
  suitSize();
  Q_EMIT taskChosen();
}

void TaskPanel::chooseNoise() {
  // Filling keeps what was not painted as it is, so it has no noise to choose.
  const bool fill = way() == Way::Fill;
  if (fill) {
    const QSignalBlocker block(noise_law_);
    noise_law_->setCurrentIndex(0);
  }
  showNoise();
  const auto law = static_cast<NoiseLaw>(noise_law_->currentIndex());
  noise_->setToolTip(law == NoiseLaw::Poisson
                         ? tr("Standard deviation of the noise where the photo is white, image range -1 to 1: 0.2 "
                              "stands for 100 photons.")
                         : tr("Standard deviation of the observation's noise (sigma_y), image range -1 to 1."));
  offerSamplers();
}

void TaskPanel::showNoise() {
  const bool fill = way() == Way::Fill;
  form_->setRowVisible(noise_, !fill || more_->isChecked());
  form_->setRowVisible(noise_law_, !fill);
  form_->setRowVisible(outliers_, static_cast<NoiseLaw>(noise_law_->currentIndex()) == NoiseLaw::SaltAndPepper);
}

void TaskPanel::setEstimate(const Estimate& estimate) {
  estimate_ = estimate;
  useEstimate();
}

void TaskPanel::useEstimate() {
  estimate_label_->hide();
  if (!estimate_ || way() != Way::Repair) return;
  if (task().name == "denoising") {
    noise_->setValue(std::clamp(estimate_->noise, 0.01, 1.0));
    estimate_label_->setText(tr("estimated from the photo: %1").arg(QLocale().toString(estimate_->noise, 'f', 3)));
    estimate_label_->show();
  } else if (task().name == "jpeg" && estimate_->jpeg_quality > 0) {
    task_form_->setValues({{"quality", estimate_->jpeg_quality}});
    estimate_label_->setText(tr("quality from the file's tables: %1").arg(estimate_->jpeg_quality));
    estimate_label_->show();
  }
}

// ---- how ----

void TaskPanel::chooseSampler() {
  const auto& sampler = find_sampler(sampler_->currentData().toString().toStdString());
  sampler_help_->setText(spoken(sampler.help) + QStringLiteral("\n") + text(sampler.paper));
  sampler_form_->describe(sampler.settings);
  fillPresets(preset_->currentData().toString());
}

// The shipped ones, then the person's own for this sampler.
void TaskPanel::fillPresets(const QString& wanted) {
  const auto& sampler = find_sampler(sampler_->currentData().toString().toStdString());
  own_presets_ = ownPresets();
  {
    const QSignalBlocker block(preset_);
    preset_->clear();
    for (const auto& [name, values] : sampler.presets) preset_->addItem(preset_name(name), text(name));
    bool first = true;
    for (const OwnPreset& own : own_presets_) {
      if (own.sampler != sampler.name) continue;
      if (std::exchange(first, false)) preset_->insertSeparator(preset_->count());
      preset_->addItem(own.name, kOwnMark + own.name);
    }
    preset_->setCurrentIndex(std::max(0, preset_->findData(wanted)));
  }
  choosePreset();
  Q_EMIT edited();
}

void TaskPanel::keepAs(const QString& given) {
  const QString name = given.trimmed();
  if (name.isEmpty()) return;
  const RunRequest now = request();
  if (const QString problem = keepPreset({name, now.sampler, now.sampler_settings}); !problem.isEmpty()) {
    Q_EMIT presetNotWritten(problem);
    return;
  }
  fillPresets(kOwnMark + name);
}

void TaskPanel::choosePresetFile() {
  exportPreset(QFileDialog::getSaveFileName(
      this, tr("Export the settings"),
      QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString() + QStringLiteral("/preset.json"),
      tr("Presets (*.json)")));
}

void TaskPanel::exportPreset(const QString& file) {
  if (file.isEmpty()) return;
  const RunRequest now = request();
  const bool own = preset_->currentData().toString().startsWith(kOwnMark);
  const QString name = own ? preset_->currentText() : QFileInfo(file).completeBaseName();
  if (const QString problem = writePreset(file, {name, now.sampler, now.sampler_settings}); !problem.isEmpty())
    Q_EMIT presetNotWritten(problem);
}

void TaskPanel::importPreset(const QString& file) {
  if (file.isEmpty()) return;
  QString problem;
  auto preset = readPreset(file, problem);
  if (preset) {
    const QString name = preset->name;  // what is already there under it stays
    const auto taken = [&] {
      return std::any_of(own_presets_.begin(), own_presets_.end(), [&](const OwnPreset& own) {
        return own.name == preset->name && (own.sampler != preset->sampler || own.settings != preset->settings);
      });
    };
    for (int n = 2; taken(); ++n) preset->name = QStringLiteral("%1 %2").arg(name).arg(n);
    problem = keepPreset(*preset);
  }
  if (!problem.isEmpty()) {
    Q_EMIT failed(problem);
    return;
  }
  if (const int at = sampler_->findData(text(preset->sampler)); at >= 0) sampler_->setCurrentIndex(at);
  fillPresets(kOwnMark + preset->name);
}

void TaskPanel::offerSamplers() {
  const auto degradation = example_of(task());
  if (degradation == nullptr) return;
  auto* items = qobject_cast<QStandardItemModel*>(sampler_->model());
  for (int i = 0; i < sampler_->count(); ++i) {
    const auto& sampler = find_sampler(sampler_->itemData(i).toString().toStdString());
    const std::string reason =
        why_not(sampler, *degradation, static_cast<NoiseLaw>(noise_law_->currentIndex()), modelTraits());
    items->item(i)->setEnabled(reason.empty());
    items->item(i)->setToolTip(reason.empty() ? spoken(sampler.help) : spoken(reason));
  }
  if (!items->item(sampler_->currentIndex())->isEnabled())
    sampler_->setCurrentIndex(sampler_->findData(QStringLiteral("mgdm")));
}

void TaskPanel::choosePreset() {
  if (task_->currentData().isNull() || preset_->currentIndex() < 0) return;
  *preset_values_ = presetValues();
  sampler_form_->setValues(*preset_values_);
  *preset_form_ = sampler_form_->values();
}

Settings TaskPanel::presetValues() const {
  if (preset_->currentIndex() < 0) return *preset_values_;
  const QString chosen = preset_->currentData().toString();
  for (const OwnPreset& own : own_presets_) {
    if (chosen == kOwnMark + own.name) return own.settings;
  }
  const auto& sampler = find_sampler(sampler_->currentData().toString().toStdString());
  // A degradation that cannot be made yet (a program, weights) says so when it is run.
  const auto degradation = sampler.suited ? example_of(task()) : nullptr;
  return preset_settings(sampler, chosen.toStdString(), degradation.get(), modelTraits());
}

void TaskPanel::tellTime(double seconds) {
  constexpr double kLong = 120;
  QString words = seconds > 0 ? tr("Takes about %1 here.").arg(aboutTime(seconds)) : QString();
  if (seconds > kLong && isLargeRepair()) {
    QStringList ways;
    if (canBeFaster()) ways << tr("<a href=\"faster\">faster</a>");
    ways << tr("<a href=\"part\">only a part of the photo</a>") << tr("<a href=\"half\">half its size</a>");
    words += QStringLiteral("<br>") + tr("Or: %1").arg(ways.join(QStringLiteral(", ")));
  }
  time_->setText(words);
  time_->setVisible(!words.isEmpty());
}

bool TaskPanel::isLargeRepair() const {
  constexpr double kLarge = 1e6;  // pixels
  const WorkingArea& area = document_->area();
  return !document_->isEmpty() && document_->detail() == 0 && way() == Way::Repair && !needsMask() &&
         static_cast<double>(area.width) * area.height > kLarge;
}

bool TaskPanel::canBeFaster() const {
  const int ddrm = sampler_->findData(QStringLiteral("ddrm"));
  const auto* items = qobject_cast<const QStandardItemModel*>(sampler_->model());
  return isLargeRepair() && ddrm >= 0 && items->item(ddrm)->isEnabled() &&
         (sampler_->currentIndex() != ddrm || preset_->currentData().toString() != QStringLiteral("large"));
}

void TaskPanel::beFaster() {
  sampler_->setCurrentIndex(sampler_->findData(QStringLiteral("ddrm")));
  preset_->setCurrentIndex(preset_->findData(QStringLiteral("large")));
}

// Until a person has chosen: a large photo is repaired in the way that takes minutes instead of hours.
void TaskPanel::suitSize() {
  if (chosen_ || task_->currentData().isNull()) return;
  if (canBeFaster()) {
    beFaster();
    suited_ = true;
  } else if (suited_ && !isLargeRepair()) {
    suited_ = false;
    sampler_->setCurrentIndex(sampler_->findData(QStringLiteral("mgdm")));
  }
}

void TaskPanel::halve() {
  const cv::Rect& r = document_->area().rect;
  const int half = std::min(r.width, r.height) / 2 / 8 * 8;
  if (detail_->findData(half) < 0) detail_->addItem(tr("%1 px, half its size").arg(half), half);
  detail_->setCurrentIndex(detail_->findData(half));
}

// ---- models ----

bool TaskPanel::useModel(const QString& name) {
  model_chosen_ = true;
  return model_->use(name);
}

void TaskPanel::setFaces(std::vector<cv::Rect> faces) {
  faces_ = std::move(faces);
  suitModel();
}

// A model of portraits knows faces as it was shown them, some 200 pixels wide at most. A region that is filled is seen
// as a whole first; what is repaired at its own pixels never is.
bool TaskPanel::worksOnFace() const {
  constexpr double kWidestFace = 230, kSmallestFace = 32;  // pixels of the network
  if (faces_.empty() || document_->isEmpty()) return false;
  const WorkingArea& area = document_->area();
  if (way() == Way::Fill) {
    cv::Rect part = area.rect;
    if (document_->areaIsWholePhoto() && !document_->maskEmpty()) {
      const cv::Rect painted = cv::boundingRect(mask_view(document_->mask()));
      part = cv::Rect(painted.x - painted.width / 2, painted.y - painted.height / 2, 2 * painted.width,
                      2 * painted.height) &
             area.rect;
    }
    return is_portrait(faces_, part);
  }
  const double scale = static_cast<double>(area.width) / area.rect.width;
  return std::any_of(faces_.begin(), faces_.end(), [&](const cv::Rect& face) {
    const double width = face.width * scale;
    return is_portrait({face}, area.rect) && width >= kSmallestFace && width <= kWidestFace;
  });
}

// Until a person has chosen a model, a face is worked on with the one that knows faces, and that is said.
void TaskPanel::suitModel() {
  if (suiting_ || model_chosen_ || task_->currentData().isNull()) return;
  const bool wanted = worksOnFace();
  if (wanted == for_portrait_) return;
  suiting_ = true;
  if (wanted && model_->name() == kPhotoModel && model_->use(kPortraitModel)) {
    for_portrait_ = true;
    portrait_->setText(tr("A face: the model for portraits is used. %1")
                           .arg(QStringLiteral("<a href=\"photo\">%1</a>").arg(tr("Use the one for photos"))));
  } else if (!wanted && for_portrait_) {
    for_portrait_ = false;
    model_->use(kPhotoModel);
  }
  portrait_->setVisible(for_portrait_);
  suiting_ = false;
}

void TaskPanel::fillModels() { model_->fill(); }

void TaskPanel::chooseModel() {
  const PriorCard& card = *model_->card();
  model_->setToolTip(model_->currentData(Qt::ToolTipRole).toString());
  if (!suiting_) QSettings().setValue(QStringLiteral("model"), text(card.name));
  // Of another model the person's words stay.
  const std::vector<Setting> told = settings_of(card);
  const Settings words = of_those(told, prior_form_->values());
  prior_form_->describe(told);
  prior_form_->setValues(complete_settings(told, words, "session"));
  form_->setRowVisible(prior_form_, !told.empty());
  const PhotoSizes sizes = photo_sizes(card);
  fillDetail(sizes.native);
  document_->setNetworkSizes({.multiple = static_cast<int>(sizes.multiple),
                              .smallest = static_cast<int>(sizes.smallest),
                              .largest = static_cast<int>(sizes.native > 0 ? std::max<int64_t>(sizes.native, 1024)
                                                                           : std::min<int64_t>(sizes.largest, 1024))});
  if (!task_->currentData().isNull()) {  // else the panel is still being built
    offerSamplers();
    if (presetValues() != *preset_values_) choosePreset();
  }
}

// Scaled, a model of a native size is asked at that size, or, where a person wants to see more, in tiles of it.
void TaskPanel::fillDetail(int64_t native) {
  const int before = detail_->currentData().toInt();
  const QSignalBlocker block(detail_);
  detail_->clear();
  detail_->addItem(tr("the photo's own pixels"), 0);
  if (native == 0) {
    for (const int n : {64, 96, 128, 192, 256, 320, 384, 448, 512}) detail_->addItem(tr("%1 px").arg(n), n);
  } else {
    detail_->addItem(tr("%1 px, the model's own").arg(native), static_cast<int>(native));
    for (const int64_t n : {native * 3 / 2, native * 2, native * 3, native * 4}) {
      if (n <= 1024) detail_->addItem(tr("%1 px, in tiles").arg(n), static_cast<int>(n));
    }
  }
  const int kept = detail_->findData(document_->isEmpty() ? before : document_->detail());
  detail_->setCurrentIndex(std::max(kept, 0));
  document_->setDetail(detail_->currentData().toInt());
}

PriorTraits TaskPanel::modelTraits() const {
  return model_->card() != nullptr ? traits_of(*model_->card()) : PriorTraits{};
}

// ---- what it comes to ----

RunRequest TaskPanel::request() const {
  RunRequest request;
  if (model_->card() != nullptr) request.prior = model_->card()->name;
  request.prior_settings = prior_form_->values();
  request.task = task_->currentData().toString().toStdString();
  request.task_settings = task_form_->values();
  request.sampler = sampler_->currentData().toString().toStdString();
  request.sampler_settings = sampler_form_->values();
  // A shipped one's name is kept with the result as long as nobody has changed anything of it.
  const QString preset = preset_->currentData().toString();
  if (request.sampler_settings == *preset_form_ && !preset.startsWith(kOwnMark)) request.preset = preset.toStdString();
  request.noise = noise_->value();
  request.noise_law = noise_law_->currentData().toString().toStdString();
  request.outliers = outliers_->value() / 100;
  request.samples = samples_count_->value();
  request.seed = static_cast<uint64_t>(seed_->value());
  request.observed = way() != Way::Try;
  return request;
}

nlohmann::json TaskPanel::session() const {
  const RunRequest r = request();
  return {{"way", ways_->checkedId()},
          {"task", r.task},
          {"model", r.prior},
          {"prior_settings", r.prior_settings},
          {"task_settings", r.task_settings},
          {"sampler", r.sampler},
          {"settings", r.sampler_settings},
          {"preset", preset_->currentData().toString().toStdString()},
          {"noise", r.noise},
          {"noise_law", r.noise_law},
          {"outliers", r.outliers},
          {"samples", r.samples},
          {"choose", choose_->isChecked()},
          {"seed", r.seed}};
}

void TaskPanel::restoreModel(const nlohmann::json& session) { useModel(text(session.value("model", "photo"))); }

void TaskPanel::restore(const nlohmann::json& session) {
  chooseWay(static_cast<Way>(std::clamp(session.value("way", 0), 0, 2)));
  if (const int at = task_->findData(text(session.value("task", ""))); at >= 0) task_->setCurrentIndex(at);
  if (const int at = sampler_->findData(text(session.value("sampler", "mgdm"))); at >= 0) sampler_->setCurrentIndex(at);
  if (const int at = preset_->findData(text(session.value("preset", "balanced"))); at >= 0)
    preset_->setCurrentIndex(at);
  noise_law_->setCurrentIndex(std::max(0, noise_law_->findData(text(session.value("noise_law", "gaussian")))));
  outliers_->setValue(100 * session.value("outliers", 0.1));
  noise_->setValue(session.value("noise", noise_->value()));
  samples_count_->setValue(session.value("samples", 1));
  choose_->setChecked(session.value("choose", choose_->isChecked()));
  seed_->setValue(session.value("seed", 0));
  task_form_->setValues(
      complete_settings(task().settings, session.value("task_settings", Settings::object()), "session"));
  if (model_->card() != nullptr) {
    const std::vector<Setting> told = settings_of(*model_->card());
    prior_form_->setValues(
        complete_settings(told, of_those(told, session.value("prior_settings", Settings::object())), "session"));
  }
  sampler_form_->setValues(complete_settings(find_sampler(sampler_->currentData().toString().toStdString()).settings,
                                             session.value("settings", Settings::object()), "session"));
}

void TaskPanel::setRunning(bool running) {
  for (QWidget* widget : std::initializer_list<QWidget*>{task_, task_form_, prior_form_, noise_law_, outliers_, model_,
                                                         detail_, sampler_, presets_})
    widget->setEnabled(!running);
  for (QAbstractButton* button : ways_->buttons()) button->setEnabled(!running);
}

void TaskPanel::setThumbnail(const QString& task, const QImage& image) {
  const QIcon picture(QPixmap::fromImage(image));
  thumbnails_[task] = picture;
  if (const int at = task_->findData(task); at >= 0) task_->setItemIcon(at, picture);
}

}  // namespace mgdm::ui
