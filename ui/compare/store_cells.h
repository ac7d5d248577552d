// The cells of a comparison in a folder of results (core/compare/cell_store.h): those that are on as they take shape,
// those that are done read from the disk, whoever computed them.
#pragma once
#include <QCache>
#include <QSet>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

#include "core/compare/sweep.h"
#include "core/metrics/error_maps.h"
#include "ui/compare/cells.h"

namespace mgdm {
class Worker;
}

namespace mgdm::ui {

/// What a cell that is on shows; pictures are null where there are none.
struct LiveCell {
  QImage clean, noisy, residual;
  double share = 0;
  Figures figures;
};

/// GUI thread; files are read and error maps measured on a thread of its own. At most 256 MB of pictures are in memory.
class StoreCells : public Cells {
  Q_OBJECT
 public:
  explicit StoreCells(QObject* parent = nullptr);
  ~StoreCells() override;

  /// What of it is in the folder is found in the background; `reset`, then a `changed` for each. A folder that is
  /// `filled` by others is looked at again every two seconds.
  void open(Comparison comparison, const QString& folder, bool filled_by_others);
  const Comparison& comparison() const { return comparison_; }
  const QString& folder() const { return folder_; }
  const CompareSpec& spec() const { return comparison_.spec; }

  /// From a run that is on.
  void begin(int index);
  void show(int index, LiveCell live);
  void end(int index);  ///< it is read from the folder
  void stop();          ///< what was on waits again

  /// What `Shown::Error` is: `against` another cell, or -1 for the reference; `peak` 0: the map's own.
  void setErrorMap(ErrorMap map, double peak, int against);
  /// Curve of a cell that is done; null: it has none.
  nlohmann::json curve(int index) const;
  /// Record of a cell that is done; null.
  nlohmann::json record(int index) const;
  /// As `make_table` wants them.
  std::vector<std::optional<CellResult>> results() const;

  const QVector<AxisWords>& axes() const override { return axes_; }
  int count() const override { return static_cast<int>(cells_.size()); }
  const Cell& cell(int index) const override { return cells_[static_cast<size_t>(index)]; }
  int find(const QVector<int>& at) const override;
  QImage picture(int index, Shown shown, int iterate = -1) override;
  QImage observation(int index) override;
  QImage reference(int index) override;
  bool hasReference() const override { return has_reference_; }

 private:
  enum class Kind { Result, Noisy, Residual, Mean, Spread, Error, Observation, Reference };
  struct Wanted {
    int index = 0;
    Kind kind = Kind::Result;
    int iterate = -1;
  };
  QImage wanted(const Wanted& wanted);
  void look();
  void take(int index, const CellResult& result);
  QString nameOf(const Wanted& wanted) const;

  Comparison comparison_;
  QString folder_;
  QVector<AxisWords> axes_;
  std::vector<Cell> cells_;
  std::vector<std::optional<CellResult>> results_;  ///< without tensors
  QHash<QVector<int>, int> places_;
  QHash<int, LiveCell> live_;
  QCache<QString, QImage> pictures_;
  QSet<QString> reading_, absent_;
  QTimer timer_;
  ErrorMap map_ = ErrorMap::Absolute;
  double peak_ = 0;
  int against_ = -1;
  bool has_reference_ = false;
  quint64 number_ = 0;  ///< of the comparison that is open
  std::unique_ptr<Worker> reader_;
};

}  // namespace mgdm::ui
