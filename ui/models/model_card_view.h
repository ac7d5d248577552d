// What is known of a model, and what can be done with it.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace mgdm {
struct PriorCard;
}

namespace mgdm::ui {

/// What a model is for, in words.
QString kindOf(const PriorCard& card);

class ModelCardView : public QWidget {
  Q_OBJECT
 public:
  explicit ModelCardView(QWidget* parent = nullptr);
  /// `busy`: nothing can be done now. nullptr: there is no model.
  void show(const PriorCard* card, bool busy);

 Q_SIGNALS:
  void useWanted();
  void verifyWanted();
  void removeWanted();

 private:
  QString tableOf(const PriorCard& card) const;

  QLabel *title_, *details_;
  QPushButton *use_, *verify_, *remove_;
};

}  // namespace mgdm::ui
