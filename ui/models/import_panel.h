// Importing: the file, what goes on, and what the weights do not tell.
#pragma once
#include <QStringList>
#include <QWidget>
#include <memory>
#include <string>

class QCheckBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace mgdm {
struct ImportRequest;
}

namespace mgdm::ui {

class ModelJobs;

/// One at a time: the other files wait. Checks models, too, since both show their progress.
class ImportPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ImportPanel(QWidget* parent = nullptr);
  ~ImportPanel() override;
  void start(const QStringList& paths);
  void verify(const std::string& name);
  /// Shows the licence, and fetches the model if it is accepted.
  void fetch(const std::string& name);
  void cancel();  ///< that, and what waits
  bool busy() const;

 Q_SIGNALS:
  void busyChanged();
  void imported(const QString& name);
  void ended(bool good);
  void said(const QString& words, bool bad);
  void closeWanted();

 private:
  void buildQuestion(QVBoxLayout* column);
  void buildProgress(QVBoxLayout* column);
  void buildBottom(QVBoxLayout* column);
  void connectJobs();
  void choose();
  void next();
  void import();
  void answer();
  bool trusted();  ///< asks
  void begin(const QString& doing);

  ModelJobs* jobs_;
  QStringList waiting_;
  std::unique_ptr<ImportRequest> request_;  ///< the newest
  QString asked_;                           ///< key whose value it lacks
  QLabel *question_, *doing_;
  QLineEdit* answer_;
  QWidget *question_row_, *progress_row_;
  QPushButton *choose_, *cancel_;
  QCheckBox* convert_;
  QProgressBar* progress_;
};

}  // namespace mgdm::ui
