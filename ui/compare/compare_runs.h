// Comparisons on a thread of their own: checked, told how long they take, run.
#pragma once
#include <QVector>
#include <memory>
#include <mutex>

#include "core/compare/sweep.h"
#include "ui/compare/store_cells.h"
#include "ui/jobs/job_controller.h"

namespace mgdm::ui {

/// What is known of a comparison before it is run.
struct ComparePlan {
  Comparison comparison;
  QStringList bad;  ///< the first cells that cannot be run, with why
  int bad_count = 0;
  double seconds = 0;  ///< all of it, about; 0: not known
  QString error;       ///< why there are no cells at all
};

class CompareRuns : public JobController {
  Q_OBJECT
 public:
  explicit CompareRuns(QObject* parent = nullptr);
  ~CompareRuns() override;

  /// `planned` follows, unless another check or a run is asked for meanwhile.
  void check(const CompareSpec& spec);
  /// Fills `folder`. Cells that failed before are tried again. `own`: it is the program's own folder, of whose older
  /// results at most `kOwnBytes` stay.
  void run(const Comparison& comparison, const QString& folder, bool own = false);
  static constexpr qint64 kOwnBytes = qint64{4} << 30;
  /// Two cells of the comparison side by side, evaluation for evaluation; their results are kept, too.
  void race(const Comparison& comparison, const QString& folder, int a, int b);
  /// The cells that are run next, in this order, any thread's.
  void setWanted(const QVector<int>& cells);

 Q_SIGNALS:
  void planned(const mgdm::ui::ComparePlan& plan);
  void loading(const QString& model);
  void begun(int cell);
  void iterate(int cell, const mgdm::ui::LiveCell& live);
  void finished(int cell);
  void progress(int done, int of, double seconds_left);
  void notice(const QString& words);
  void ended(int done, int failed, bool stopped);

 private:
  struct WantedCells;
  std::shared_ptr<WantedCells> wanted_;
};

}  // namespace mgdm::ui

Q_DECLARE_METATYPE(mgdm::ui::ComparePlan)
Q_DECLARE_METATYPE(mgdm::ui::LiveCell)
