// The models a person has: cards, importing by file dialog or drag and drop, checking, removing; and where the
// published ones are from.
#pragma once
#include <QDialog>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/priors/catalogue.h"
#include "core/threads/worker.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;
class QTabWidget;

namespace mgdm::ui {

/// Whether a file's name is that of a checkpoint (.pt, .pth, .ckpt, .bin, .safetensors).
bool isCheckpoint(const QString& path);

class ModelsDialog : public QDialog {
  Q_OBJECT
 public:
  explicit ModelsDialog(QWidget* parent = nullptr);
  ~ModelsDialog() override;

  /// Imports a file; what is going on and how it ended is shown. One at a time: the rest wait.
  void importFiles(const QStringList& paths);
  bool busy() const { return busy_; }

 Q_SIGNALS:
  void modelsChanged();              ///< one was imported or removed
  void chosen(const QString& name);  ///< to be used from now on
  void importEnded(bool good);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void reject() override;

 private:
  void fill(const QString& select = {});
  void describe(int row);
  void importNext();
  void startImport(const QString& path, const nlohmann::json& config, bool trusted);
  void verify();
  void remove();
  void setBusy(bool busy, const QString& words = {});
  void say(const QString& words, bool bad);

  std::vector<PriorCard> cards_;
  QStringList waiting_;
  QString asked_path_;  ///< whose import waits for an answer
  nlohmann::json asked_config_;
  std::string asked_key_;
  bool busy_ = false;
  quint64 job_ = 0;

  QTabWidget* tabs_;
  QListWidget* list_;
  QLabel *title_, *details_, *message_, *question_, *doing_;
  QLineEdit* answer_;
  QWidget *question_row_, *progress_row_;
  QPushButton *use_, *verify_, *remove_, *choose_, *cancel_;
  QCheckBox* convert_;
  QProgressBar* progress_;
  Worker worker_;  // last: joined before anything else goes away
};

}  // namespace mgdm::ui
