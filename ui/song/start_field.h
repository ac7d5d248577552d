// Row of the song form: the folder with another program's stems that the separation begins from, what of it is used,
// and how much of it is to stay.
#pragma once
#include <QWidget>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

class QDoubleSpinBox;
class QLabel;
class QPushButton;

namespace mgdm::ui {

class StartField : public QWidget {
  Q_OBJECT
 public:
  explicit StartField(QWidget* parent = nullptr);

  /// The stems of the chosen model, by which files are told.
  void setStems(const std::vector<std::string>& stems);
  /// Empty: none. A folder without stems stays, and the row says why it cannot be used.
  void setFolder(const QString& folder);
  const QString& folder() const { return folder_; }
  double level() const;  ///< see SeparationRequest::start_sigma
  void setLevel(double level);

 Q_SIGNALS:
  void edited();

 private:
  void choose();
  void describe();

  std::vector<std::string> stems_;
  QString folder_;
  QPushButton *choose_, *remove_;
  QLabel *found_, *level_label_;
  QDoubleSpinBox* level_;
};

}  // namespace mgdm::ui
