// A form made from a list of setting descriptions: one labelled editor for each, with its range and
// its help as tooltip. Shows and gives values as the JSON object the rest of the program uses.
#pragma once
#include <QWidget>
#include <map>
#include <string>
#include <vector>

#include "core/settings/settings.h"

class QDoubleSpinBox;
class QFormLayout;
class QSpinBox;

namespace mgdm::ui {

/// The box takes what the description `name` of a list says, shown `scale` times as large.
void set_range(QDoubleSpinBox* box, const std::vector<Setting>& described, const std::string& name, double scale = 1);
/// The same for whole numbers, as far as an int goes.
void set_range(QSpinBox* box, const std::vector<Setting>& described, const std::string& name);

class SettingsForm : public QWidget {
  Q_OBJECT
 public:
  explicit SettingsForm(QWidget* parent = nullptr);
  /// Rebuilds the form; all values are the defaults.
  void describe(const std::vector<Setting>& settings);
  /// Sets the values named; the others become their defaults. Does not emit `edited`.
  void setValues(const Settings& values);
  /// Complete values. A field with text that is no valid rule keeps its last valid value and is marked.
  Settings values() const;

 Q_SIGNALS:
  void edited();

 private:
  QWidget* makeEditor(const Setting& setting);
  QWidget* makeLine(const Setting& setting);
  void tell();
  void show(const Setting& setting, const nlohmann::json& value);

  std::vector<Setting> settings_;
  std::map<std::string, QWidget*> editors_;
  std::map<std::string, nlohmann::json> rules_;
  QFormLayout* layout_;
  bool quiet_ = false;
};

}  // namespace mgdm::ui
