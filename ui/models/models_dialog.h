// The models a person has: cards, importing by file dialog or drag and drop, checking, removing; and where the
// published ones are from.
#pragma once
#include <QDialog>
#include <vector>

class QListWidget;
class QTabWidget;

namespace mgdm {
struct PriorCard;
}

namespace mgdm::ui {

class ImportPanel;
class MessageBar;
class ModelCardView;

/// Whether a file's name is that of a checkpoint (.pt, .pth, .ckpt, .bin, .safetensors).
bool isCheckpoint(const QString& path);

class ModelsDialog : public QDialog {
  Q_OBJECT
 public:
  explicit ModelsDialog(QWidget* parent = nullptr);
  ~ModelsDialog() override;

  /// Imports a file; what is going on and how it ended is shown. One at a time: the rest wait.
  void importFiles(const QStringList& paths);
  bool busy() const;

 Q_SIGNALS:
  void modelsChanged();              ///< one was imported or removed
  void chosen(const QString& name);  ///< to be used from now on
  void importEnded(bool good);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void reject() override;

 private:
  QWidget* buildInstalled();
  void fill(const QString& select = {});
  void describe();
  const PriorCard* current() const;  ///< the selected model's; nullptr: none
  void remove();
  void say(const QString& words, bool bad);

  std::vector<PriorCard> cards_;
  QTabWidget* tabs_;
  QListWidget* list_;
  ModelCardView* card_;
  MessageBar* message_;
  ImportPanel* import_;
};

}  // namespace mgdm::ui
