#include "ui/widgets/settings_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSpinBox>
#include <QStyle>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/files/json_text.h"
#include "ui/widgets/kernel_editor.h"
#include "ui/widgets/number_box.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

int usual_decimals(double minimum, double maximum) { return maximum - minimum > 20 ? 1 : 3; }

// With as many decimals as the value has: what was set elsewhere, by a file or a comparison, is run as it was.
void show_exactly(QDoubleSpinBox* box, double value) {
  constexpr int kMost = 9;
  int decimals = usual_decimals(box->minimum(), box->maximum());
  const auto rounded = [&] {
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
  };
  while (decimals < kMost && std::abs(rounded() - value) > 1e-12 * std::abs(value)) ++decimals;
  box->setDecimals(decimals);
  box->setValue(value);
}

// A spin box that leaves the wheel to the scroll area around it unless it was clicked into.
template <typename Base>
class Calm : public Base {
 public:
  using Base::Base;

 protected:
  void wheelEvent(QWheelEvent* event) override {
    if (this->hasFocus()) {
      Base::wheelEvent(event);
    } else {
      event->ignore();
    }
  }
};

/// The default, and within what it may be changed.
QString fallback_words(const Setting& s) {
  const QLocale locale;
  switch (s.kind) {
    case SettingKind::Integer:
    case SettingKind::Real:
      if (!s.fallback.is_number()) return text(json_text(s.fallback));
      return SettingsForm::tr("%1 (%2 to %3)")
          .arg(locale.toString(s.fallback.get<double>()), locale.toString(s.minimum), locale.toString(s.maximum));
    case SettingKind::Boolean:
      return s.fallback.get<bool>() ? SettingsForm::tr("on") : SettingsForm::tr("off");
    case SettingKind::Choice:
      return spoken(s.fallback.get<std::string>());
    default: {
      const QString words = s.fallback.is_string() ? text(s.fallback.get<std::string>()) : text(json_text(s.fallback));
      return words.isEmpty() ? SettingsForm::tr("empty") : words;
    }
  }
}

}  // namespace

void set_range(QDoubleSpinBox* box, const std::vector<Setting>& described, const std::string& name, double scale) {
  const Setting& setting = find_setting(described, name, "");
  box->setRange(scale * setting.minimum, scale * setting.maximum);
}

void set_range(QSpinBox* box, const std::vector<Setting>& described, const std::string& name) {
  const Setting& setting = find_setting(described, name, "");
  box->setRange(static_cast<int>(setting.minimum),
                static_cast<int>(std::min<double>(setting.maximum, std::numeric_limits<int>::max())));
}

SettingsForm::SettingsForm(QWidget* parent) : QWidget(parent), layout_(new QFormLayout(this)) {
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setHorizontalSpacing(12);
  layout_->setVerticalSpacing(8);
  layout_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  layout_->setLabelAlignment(Qt::AlignLeft);
  layout_->setRowWrapPolicy(QFormLayout::WrapLongRows);
}

void SettingsForm::describe(const std::vector<Setting>& settings) {
  settings_ = settings;
  editors_.clear();
  rules_.clear();
  while (layout_->rowCount() > 0) layout_->removeRow(0);
  for (const auto& s : settings_) {
    QWidget* editor = makeEditor(s);
    const QString help = spoken(s.help) + QStringLiteral("\n") + tr("Default: %1").arg(fallback_words(s));
    editor->setToolTip(help);
    editor->setObjectName(text(s.name));
    editor->setAccessibleName(spoken(s.label));
    editor->setAccessibleDescription(spoken(s.help));
    auto* label = new QLabel(spoken(s.label));
    label->setToolTip(help);
    label->setBuddy(editor);
    if (s.kind == SettingKind::Kernel) {  // needs the whole width
      layout_->addRow(label);
      layout_->addRow(editor);
    } else {
      layout_->addRow(label, editor);
    }
    editors_[s.name] = editor;
  }
  setValues(Settings::object());
}

QWidget* SettingsForm::makeEditor(const Setting& s) {
  switch (s.kind) {
    case SettingKind::Integer: {
      auto* box = new Calm<QSpinBox>;
      box->setRange(static_cast<int>(s.minimum), static_cast<int>(s.maximum));
      connect(box, &QSpinBox::valueChanged, this, &SettingsForm::tell);
      return box;
    }
    case SettingKind::Real: {
      auto* box = new Calm<NumberBox>;
      box->setRange(s.minimum, s.maximum);
      box->setDecimals(usual_decimals(s.minimum, s.maximum));
      box->setSingleStep(s.maximum - s.minimum > 20 ? 1 : 0.05);
      connect(box, &QDoubleSpinBox::valueChanged, this, &SettingsForm::tell);
      return box;
    }
    case SettingKind::Boolean: {
      auto* box = new QCheckBox;
      connect(box, &QCheckBox::toggled, this, &SettingsForm::tell);
      return box;
    }
    case SettingKind::Choice: {
      auto* box = new Calm<QComboBox>;
      box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);  // the panel is narrow
      box->setMinimumContentsLength(8);
      for (const auto& choice : s.choices) box->addItem(spoken(choice), text(choice));
      connect(box, &QComboBox::currentIndexChanged, this, &SettingsForm::tell);
      return box;
    }
    case SettingKind::Kernel: {
      auto* kernel = new KernelEditor;
      connect(kernel, &KernelEditor::edited, this, &SettingsForm::tell);
      return kernel;
    }
    default:
      return makeLine(s);
  }
}

// Rules, a file's name or words: taken when they are valid, marked when they are not.
QWidget* SettingsForm::makeLine(const Setting& s) {
  auto* line = new QLineEdit;
  if (s.kind == SettingKind::File) {
    QAction* browse = line->addAction(style()->standardIcon(QStyle::SP_DirOpenIcon), QLineEdit::TrailingPosition);
    browse->setToolTip(tr("Choose a file"));
    connect(browse, &QAction::triggered, this, [this, line] {
      const QString file = QFileDialog::getOpenFileName(this, tr("Choose a file"));
      if (file.isEmpty()) return;
      line->setText(file);
      Q_EMIT line->textEdited(file);
    });
  }
  connect(line, &QLineEdit::textEdited, this, [this, s, line] {
    QString problem;
    try {
      const auto value = parse_setting(settings_, s.name, line->text().toStdString(), "form");
      rules_[s.name] = value;
    } catch (const SettingError& e) {
      problem = QString::fromUtf8(e.what());
    }
    line->setProperty("invalid", !problem.isEmpty());
    line->setStyleSheet(problem.isEmpty() ? QString() : QStringLiteral("border: 1px solid #ff5c5c;"));
    line->setToolTip(problem.isEmpty() ? spoken(s.help) : problem);
    if (problem.isEmpty()) tell();
  });
  return line;
}

void SettingsForm::tell() {
  if (!quiet_) Q_EMIT edited();
}

void SettingsForm::show(const Setting& s, const nlohmann::json& value) {
  QWidget* editor = editors_.at(s.name);
  switch (s.kind) {
    case SettingKind::Integer:
      static_cast<QSpinBox*>(editor)->setValue(value.get<int>());
      break;
    case SettingKind::Real:
      show_exactly(static_cast<QDoubleSpinBox*>(editor), value.get<double>());
      break;
    case SettingKind::Boolean:
      static_cast<QCheckBox*>(editor)->setChecked(value.get<bool>());
      break;
    case SettingKind::Choice:
      static_cast<QComboBox*>(editor)->setCurrentIndex(
          static_cast<QComboBox*>(editor)->findData(text(value.get<std::string>())));
      break;
    case SettingKind::Kernel:
      static_cast<KernelEditor*>(editor)->setKernel(value.get<std::string>());
      break;
    case SettingKind::Rules:
    case SettingKind::File:
    case SettingKind::Text: {
      auto* line = static_cast<QLineEdit*>(editor);
      line->setText(value.is_string() ? text(value.get<std::string>()) : text(json_text(value)));
      line->setCursorPosition(0);
      line->setProperty("invalid", false);
      line->setStyleSheet(QString());
      rules_[s.name] = value;
      break;
    }
  }
}

void SettingsForm::setValues(const Settings& values) {
  quiet_ = true;
  const Settings complete = complete_settings(settings_, values, "form");
  for (const auto& s : settings_) show(s, complete.at(s.name));
  quiet_ = false;
}

Settings SettingsForm::values() const {
  Settings result = Settings::object();
  for (const auto& s : settings_) {
    QWidget* editor = editors_.at(s.name);
    switch (s.kind) {
      case SettingKind::Integer:
        result[s.name] = static_cast<QSpinBox*>(editor)->value();
        break;
      case SettingKind::Real:
        result[s.name] = static_cast<QDoubleSpinBox*>(editor)->value();
        break;
      case SettingKind::Boolean:
        result[s.name] = static_cast<QCheckBox*>(editor)->isChecked();
        break;
      case SettingKind::Choice:
        result[s.name] = static_cast<QComboBox*>(editor)->currentData().toString().toStdString();
        break;
      case SettingKind::Kernel:
        result[s.name] = static_cast<KernelEditor*>(editor)->kernel();
        break;
      case SettingKind::Rules:
      case SettingKind::File:
      case SettingKind::Text:
        result[s.name] = rules_.at(s.name);
        break;
    }
  }
  return result;
}

}  // namespace mgdm::ui
