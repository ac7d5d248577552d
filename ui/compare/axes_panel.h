// The form at the left of the page for comparing: what is compared, along which axes, how many cells that makes and
// how long they take.
#pragma once
#include <QScrollArea>
#include <optional>
#include <vector>

#include "core/compare/spec.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QVBoxLayout;

namespace mgdm {
struct Setting;
}

namespace mgdm::ui {

struct ComparePlan;

class AxesPanel : public QScrollArea {
  Q_OBJECT
 public:
  /// `run_buttons` stand below the number of cells.
  explicit AxesPanel(QWidget* run_buttons, QWidget* parent = nullptr);
  ~AxesPanel() override;

  /// Base and axes; `edited` is not emitted.
  void setSpec(const CompareSpec& spec);
  /// Throws SettingError naming the axis whose values cannot be read.
  CompareSpec spec() const;
  bool empty() const { return !spec_; }
  /// An axis of this key with suggested values; nothing where it is there.
  void addAxis(const QString& key);
  /// What a check has found, or why the axes cannot be read.
  void tell(const ComparePlan& plan);
  void tellError(const QString& words);
  void setRunning(bool running);

 Q_SIGNALS:
  void edited();

 private:
  struct Row;
  void buildMenu();
  void addToMenu(QMenu* menu, const QString& key, const QString& words, const QString& help);
  void addRow(const Axis& axis);
  void removeRow(Row* row);
  void describeBase();
  QString suggested(const QString& key) const;
  std::vector<std::string> samplersInPlay() const;
  /// The description of a key; nullopt: there is none.
  std::optional<Setting> described(const std::string& key) const;
  QString words(const std::string& key) const;

  std::optional<CompareSpec> spec_;
  std::vector<std::unique_ptr<Row>> rows_;
  QVBoxLayout* list_;
  QLabel *base_, *cells_;
  QPushButton* add_;
  QMenu* menu_;
  QCheckBox* impossible_;
};

}  // namespace mgdm::ui
