// What a page shows, between its panels.
#pragma once
#include <QSplitter>
#include <optional>

namespace mgdm::ui {

/// The panels at the sides are as wide as a person drags them, else wider in a wider window, and can be folded away;
/// both are the same at the next start.
class SidePanels : public QSplitter {
  Q_OBJECT
 public:
  enum Side { Left, Right };

  /// `name` in the settings. `right` may be nullptr: there is none. `folded`: the side that is folded away until a
  /// person wants it.
  SidePanels(const QString& name, QWidget* left, QWidget* middle, QWidget* right, QWidget* parent = nullptr,
             std::optional<Side> folded = {});
  bool has(Side side) const { return panel(side) != nullptr; }
  bool folded(Side side) const;
  void fold(Side side, bool on);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* panel(Side side) const;
  QString key(const char* what) const;
  void spread();

  QString name_;
  QWidget *left_, *right_;
  bool dragged_ = false;  ///< ever, by a person
};

}  // namespace mgdm::ui
