// The list from which a page's model is chosen.
#pragma once
#include <functional>
#include <vector>

#include "ui/widgets/panel.h"

namespace mgdm {
struct PriorCard;
enum class Medium;
}  // namespace mgdm

namespace mgdm::ui {

class ModelChoice : public NarrowComboBox {
  Q_OBJECT
 public:
  /// Of one medium; the shipped model `first` comes first. `manage`: the last line leads to the window of the models.
  ModelChoice(Medium medium, const QString& first, bool manage);
  ~ModelChoice() override;

  /// The models there are now. What was chosen stays if it is still there, else `wanted`, else the first.
  void fill(const QString& wanted = {});
  /// False if there is none of that name.
  bool use(const QString& name);
  const PriorCard* card() const;  ///< the chosen one's; nullptr: there is none
  /// What is said below each model's name in the open list: what it is for, its size, and what `time` gives ("" for
  /// nothing), asked when the list is opened.
  void tellBelow(std::function<QString(const PriorCard&)> time);
  QString name() const;
  void showPopup() override;

 Q_SIGNALS:
  void chosen();
  void wantsModels();

 private:
  void tell();
  QString below(const PriorCard& card) const;

  Medium medium_;
  QString first_, last_;  ///< last: chosen, a name
  bool manage_;
  std::vector<PriorCard> cards_;
  std::function<QString(const PriorCard&)> time_;
};

}  // namespace mgdm::ui
