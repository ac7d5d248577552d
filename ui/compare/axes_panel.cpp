#include "ui/compare/axes_panel.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/compare/medium.h"
#include "core/files/json_text.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/samplers/description.h"
#include "ui/compare/axis_words.h"
#include "ui/compare/compare_runs.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

using nlohmann::json;

namespace {

constexpr int kKeptIterates = 24;  // of each cell that is run here

QString joined(const std::vector<std::string>& list) {
  QStringList words;
  for (const std::string& one : list) words << text(one);
  return words.join(QStringLiteral(", "));
}

// The values as a person types them.
QString typed(const Axis& axis) {
  QStringList words;
  bool simple = true;
  json list = json::array();
  for (const AxisValue& value : axis.values) {
    const json& one = value.keys.at(axis.name);
    list.push_back(one);
    const bool plain = one.is_number() || one.is_boolean() ||
                       (one.is_string() && one.get<std::string>().find_first_of(",[\"") == std::string::npos);
    simple = simple && plain;
    words << text(one.is_string() ? one.get<std::string>() : json_text(one));
  }
  return simple ? words.join(QStringLiteral(", ")) : text(json_text(list));
}

bool has_one_key(const Axis& axis) {
  return std::all_of(axis.values.begin(), axis.values.end(),
                     [&](const AxisValue& value) { return value.keys.size() == 1 && value.keys.contains(axis.name); });
}

QString duration(double seconds) {
  if (seconds < 90) return AxesPanel::tr("%1 s").arg(std::lround(seconds));
  const long minutes = std::lround(seconds / 60);
  if (minutes < 100) return AxesPanel::tr("%1 min").arg(minutes);
  return AxesPanel::tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
}

}  // namespace

struct AxesPanel::Row {
  Axis axis;  ///< as it was given; what is typed counts where it is not `fixed`
  bool fixed = false;
  QWidget* widget = nullptr;
  QLineEdit* values = nullptr;
};

AxesPanel::AxesPanel(QWidget* run_buttons, QWidget* parent) : QScrollArea(parent) {
  setWidgetResizable(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFrameShape(QFrame::NoFrame);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(10);
  column->addWidget(heading(tr("What is compared")));
  base_ = hint();
  base_->setObjectName(QStringLiteral("compare_base"));
  column->addWidget(base_);
  column->addWidget(heading(tr("Along these axes")));
  list_ = new QVBoxLayout;
  list_->setSpacing(8);
  column->addLayout(list_);
  add_ = new QPushButton(tr("Add an axis"));
  add_->setObjectName(QStringLiteral("add_axis"));
  menu_ = new QMenu(add_);
  add_->setMenu(menu_);
  connect(menu_, &QMenu::aboutToShow, this, &AxesPanel::buildMenu);
  column->addWidget(add_);
  auto* help = hint(tr("Values: a list (mgdm, dps), a range (1..8), steps (10..50+10) or factors (16..256*2)."));
  column->addWidget(help);
  impossible_ = new QCheckBox(tr("Leave out what cannot be"));
  impossible_->setObjectName(QStringLiteral("skip_impossible"));
  impossible_->setToolTip(tr("Cells whose sampler cannot do the task, or has not the setting, are not shown."));
  connect(impossible_, &QCheckBox::toggled, this, &AxesPanel::edited);
  column->addWidget(impossible_);
  cells_ = hint();
  cells_->setObjectName(QStringLiteral("compare_cells"));
  column->addWidget(cells_);
  column->addWidget(run_buttons);
  column->addStretch(1);
  setWidget(content);
  describeBase();
}

AxesPanel::~AxesPanel() = default;

void AxesPanel::setSpec(const CompareSpec& spec) {
  spec_ = spec;
  while (!rows_.empty()) {
    delete rows_.back()->widget;
    rows_.pop_back();
  }
  for (const Axis& axis : spec.axes) addRow(axis);
  const QSignalBlocker block(impossible_);
  impossible_->setChecked(spec.skip_impossible);
  describeBase();
}

CompareSpec AxesPanel::spec() const {
  if (!spec_) throw SettingError("there is nothing to compare yet");
  json axes = json::array();
  CompareSpec spec = *spec_;
  spec.axes.clear();
  spec.skip_impossible = impossible_->isChecked();
  json given = spec_json(spec);
  for (const auto& row : rows_) {
    json axis = {{"name", row->axis.name}};
    if (row->fixed) {
      CompareSpec one;
      one.axes = {row->axis};
      axis = spec_json(one)["axes"][0];
    } else {
      const std::string values = row->values->text().trimmed().toStdString();
      const json list = values.rfind('[', 0) == 0 ? parse_json(values) : json(values);
      if (list.is_discarded()) throw SettingError("axis '" + row->axis.name + "': its values are no JSON list");
      axis = {{"key", row->axis.name}, {"values", list}};
    }
    given["axes"].push_back(axis);
  }
  given["keep"] = {{"iterates", spec_->iterates > 0 ? spec_->iterates : kKeptIterates}};
  return parse_spec(given, "/");
}

void AxesPanel::describeBase() {
  if (!spec_) {
    base_->setText(tr("Nothing yet: open a photo or a song and choose “Compare settings…” there."));
  } else {
    const json& base = spec_->base;
    QStringList parts;
    for (const char* file : {"photo", "song", "problem", "packed", "reference"}) {
      if (base.contains(file) && base[file].is_string())
        parts << QFileInfo(text(base[file].get<std::string>())).fileName();
    }
    if (base.contains("task") && base["task"].is_string()) {
      Settings settings = Settings::object();
      try {
        parts << spoken(find_task(base["task"], settings).label);
      } catch (const SettingError&) {
        parts << text(base["task"].get<std::string>());
      }
    }
    for (const char* key : {"sampler", "preset", "prior"}) {
      if (base.contains(key) && base[key].is_string() && !base[key].get<std::string>().empty())
        parts << text(base[key].get<std::string>());
    }
    base_->setText(parts.isEmpty() ? tr("Pictures.") : parts.join(QStringLiteral(" · ")));
  }
  add_->setEnabled(spec_.has_value());
}

std::vector<std::string> AxesPanel::samplersInPlay() const {
  std::vector<std::string> names;
  for (const auto& row : rows_) {
    if (row->fixed || row->axis.name != "sampler") continue;
    try {
      for (const json& value : axis_values(row->values->text().toStdString())) {
        if (value.is_string()) names.push_back(value);
      }
    } catch (const SettingError&) {  // still being typed
    }
  }
  if (names.empty() && spec_) names.push_back(spec_->base.value("sampler", "mgdm"));
  return names;
}

std::optional<Setting> AxesPanel::described(const std::string& key) const {
  if (!spec_) return std::nullopt;
  return described_key(spec_->medium, spec_->base.value("task", "inpainting"), samplersInPlay(), key);
}

QString AxesPanel::words(const std::string& key) const {
  if (!spec_) return text(key);
  return axis_words(spec_->medium, spec_->base.value("task", "inpainting"), samplersInPlay(), key);
}

void AxesPanel::addToMenu(QMenu* menu, const QString& key, const QString& words, const QString& help) {
  const bool there =
      std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) { return text(row->axis.name) == key; });
  QAction* action = menu->addAction(words, this, [this, key] { addAxis(key); });
  action->setObjectName(QStringLiteral("axis_") + key);
  action->setToolTip(help);
  action->setEnabled(!there);
}

void AxesPanel::buildMenu() {
  menu_->clear();
  menu_->setToolTipsVisible(true);
  if (!spec_) return;
  const bool models = spec_->medium == "photo" || spec_->medium == "song";
  if (spec_->medium != "picture") {
    addToMenu(menu_, QStringLiteral("sampler"), tr("Sampler"), {});
    addToMenu(menu_, QStringLiteral("preset"), tr("Quality (preset)"), {});
  }
  if (models) addToMenu(menu_, QStringLiteral("prior"), tr("Model"), {});
  addToMenu(menu_, QStringLiteral("seed"), tr("Seed"), tr("Several draws with the same settings."));
  const std::string& input = find_compared_medium(spec_->medium).inputs.front();
  addToMenu(menu_, text(input), spec_->medium == "song" ? tr("Songs…") : tr("Files…"), {});
  if (spec_->medium == "photo") addToMenu(menu_, QStringLiteral("classical"), tr("Methods without a model"), {});
  const auto add_all = [&](QMenu* menu, const std::vector<Setting>& list, const std::string& before) {
    for (const Setting& setting : list) {
      if (setting.name == "seed" || setting.kind == SettingKind::Text || setting.kind == SettingKind::File) continue;
      addToMenu(menu, text(before + setting.name), spoken(setting.label), spoken(setting.help));
    }
    menu->setToolTipsVisible(true);
  };
  add_all(menu_->addMenu(tr("Of the run")), find_compared_medium(spec_->medium).settings, "");
  try {
    if (spec_->medium == "photo") {
      Settings ignored = Settings::object();
      const Task& task = find_task(spec_->base.value("task", "inpainting"), ignored);
      if (!task.settings.empty()) add_all(menu_->addMenu(spoken(task.label)), task.settings, "task.");
      const std::vector<Setting> told = settings_of(find_prior(spec_->base.value("prior", "photo")));
      if (!told.empty()) add_all(menu_->addMenu(tr("Of the model")), told, "prior.");
    }
    if (spec_->medium != "picture") {
      for (const std::string& name : samplersInPlay()) {
        const SamplerDescription& sampler = find_sampler(name);
        add_all(menu_->addMenu(tr("Of %1").arg(spoken(sampler.label))), sampler.settings, "");
      }
    }
  } catch (const SettingError&) {  // what is typed is no sampler yet
  } catch (const ModelError&) {    // nor a model
  }
}

QString AxesPanel::suggested(const QString& key) const {
  if (key == QLatin1String("seed")) return QStringLiteral("1..4");
  if (key == QLatin1String("sampler")) return QStringLiteral("mgdm, dps, ddrm, diffpir");
  if (key == QLatin1String("classical"))
    return spec_->base.value("task", "") == "inpainting" ? QStringLiteral("telea, navier_stokes")
                                                         : QStringLiteral("nlm, observation");
  if (key == QLatin1String("preset")) {
    std::vector<std::string> names;
    for (const std::string& sampler : samplersInPlay()) {
      for (const auto& [name, values] : find_sampler(sampler).presets) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    return joined(names);
  }
  if (key == QLatin1String("prior")) {
    std::vector<std::string> names;
    for (const PriorCard& card : list_priors()) {
      try {
        if ((medium_of(card) == Medium::Music) == (spec_->medium == "song")) names.push_back(card.name);
      } catch (const ModelError&) {  // of a family that is not known
      }
    }
    return joined(names);
  }
  const auto setting = described(key.toStdString());
  if (!setting) return {};
  switch (setting->kind) {
    case SettingKind::Boolean:
      return QStringLiteral("true, false");
    case SettingKind::Choice:
      return joined(setting->choices);
    case SettingKind::Integer:
    case SettingKind::Real: {
      const bool whole = setting->kind == SettingKind::Integer;
      const double middle = setting->fallback.is_number() ? setting->fallback.get<double>() : setting->minimum * 4;
      QStringList words;
      for (const double factor : {0.5, 1.0, 2.0}) {
        double value = std::clamp(middle * factor, setting->minimum, setting->maximum);
        if (whole) value = std::round(value);
        const QString word = QString::number(value, 'g', 6);
        if (!words.contains(word)) words << word;
      }
      return words.join(QStringLiteral(", "));
    }
    default:
      return text(json_text(setting->fallback));
  }
}

void AxesPanel::addAxis(const QString& key) {
  if (!spec_) return;
  const bool there =
      std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) { return text(row->axis.name) == key; });
  if (there) return;
  const ComparedMedium& medium = find_compared_medium(spec_->medium);
  Axis axis{key.toStdString(), {}};
  addRow(axis);
  QLineEdit* values = rows_.back()->values;
  if (std::find(medium.inputs.begin(), medium.inputs.end(), axis.name) != medium.inputs.end()) {
    json list = json::array();
    for (const QString& file : QFileDialog::getOpenFileNames(this, tr("Files to compare on")))
      list.push_back(file.toStdString());
    if (list.empty()) return removeRow(rows_.back().get());
    values->setText(text(json_text(list)));
  } else {
    values->setText(suggested(key));
  }
  values->setFocus();
  values->selectAll();
  Q_EMIT edited();
}

void AxesPanel::addRow(const Axis& axis) {
  auto row = std::make_unique<Row>();
  row->axis = axis;
  row->fixed = !axis.values.empty() && !has_one_key(axis);
  row->widget = new QWidget;
  auto* column = new QVBoxLayout(row->widget);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(3);
  auto* top = new QHBoxLayout;
  auto* name = new QLabel(words(axis.name));
  name->setToolTip(text(axis.name));
  top->addWidget(name, 1);
  auto* remove = new QToolButton;
  remove->setObjectName(QStringLiteral("remove_axis_") + text(axis.name));
  remove->setText(QStringLiteral("×"));
  remove->setAutoRaise(true);
  remove->setToolTip(tr("Remove this axis"));
  remove->setAccessibleName(tr("Remove the axis %1").arg(name->text()));
  top->addWidget(remove);
  column->addLayout(top);
  row->values = new QLineEdit;
  row->values->setObjectName(QStringLiteral("axis_values_") + text(axis.name));
  row->values->setAccessibleName(tr("Values of %1").arg(name->text()));
  if (row->fixed) {
    QStringList labels;
    for (const AxisValue& value : axis.values) labels << text(value.label);
    row->values->setText(labels.join(QStringLiteral(", ")));
    row->values->setReadOnly(true);
  } else if (!axis.values.empty()) {
    row->values->setText(typed(axis));
  }
  row->values->setToolTip(row->values->text());
  column->addWidget(row->values);
  connect(row->values, &QLineEdit::textEdited, this, &AxesPanel::edited);
  connect(remove, &QToolButton::clicked, this, [this, one = row.get()] {
    removeRow(one);
    Q_EMIT edited();
  });
  list_->addWidget(row->widget);
  rows_.push_back(std::move(row));
}

void AxesPanel::removeRow(Row* row) {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const auto& one) { return one.get() == row; });
  if (found == rows_.end()) return;
  row->widget->hide();
  row->widget->deleteLater();
  rows_.erase(found);
}

void AxesPanel::tell(const ComparePlan& plan) {
  if (!plan.error.isEmpty()) return tellError(plan.error);
  const int count = static_cast<int>(plan.comparison.cells.size());
  QString words = tr("%n cell(s)", nullptr, count);
  if (plan.seconds > 0) words += tr(", about %1").arg(duration(plan.seconds));
  if (plan.bad_count > 0) {
    words += QStringLiteral("\n") + tr("%n of them cannot be run:", nullptr, plan.bad_count) + QStringLiteral("\n") +
             plan.bad.join('\n');
  }
  cells_->setText(words);
}

void AxesPanel::tellError(const QString& words) { cells_->setText(words); }

void AxesPanel::setRunning(bool running) {
  add_->setEnabled(!running && spec_.has_value());
  impossible_->setEnabled(!running);
  for (const auto& row : rows_) row->widget->setEnabled(!running);
}

}  // namespace mgdm::ui
