// The page for comparing: what and along which axes on the left; the cells as a grid, one large, a table, a plot, a
// race on the right.
#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "ui/compare/compare_runs.h"
#include "ui/page.h"
#include "ui/widgets/action_list.h"

class QButtonGroup;
class QProgressBar;
class QStackedWidget;
class QTimer;

namespace mgdm::ui {

class AxesPanel;
class AxisBar;
class BlindView;
class CellGrid;
class CellPlot;
class CellTable;
class EarBar;
class LargeBar;
class LargeView;
class MessageBar;
class PlotBar;
class RaceView;
class RunButtons;
class StoreCells;
class ViewBar;

class ComparePage : public Page {
  Q_OBJECT
 public:
  enum View { Grid, Large, Table, Plot, Race, Blind };

  /// `sample`: the shipped photo, for the example; may be empty.
  explicit ComparePage(const QString& sample, QWidget* parent = nullptr);
  ~ComparePage() override;

  QString name() const override { return QStringLiteral("compare"); }
  QString title() const override;
  const QList<QAction*>& pageActions() const override { return actions_.all(); }
  QList<QAction*> menuActions() const override;
  QString toolBarTitle() const override;
  void fillToolBar(QToolBar* bar) override;
  QString fileFilter() const override;
  bool canOpen(const QString& path) const override;
  void open(const QString& path) override;  ///< a spec, a run file, or a folder of results or of pictures
  bool mayLeave() override;
  void leave() override;
  void modelsChanged() override;
  bool useModel(const QString&) override { return false; }
  void enter() override;
  QWidget* home() override;
  SidePanels* sides() override { return sides_; }
  void showNotice(const QString& words) override;

  /// A new comparison of this run: keys as core/compare/spec.h has them, with axes that show something.
  void compareThis(const nlohmann::json& keys);
  void openSpec(const CompareSpec& spec);
  /// Results are shown, and go on being filled where others work on them.
  void openFolder(const QString& folder);
  /// Pictures that other programs made, held against `reference`, which may be empty.
  void openPictures(const QString& folder, const QString& reference);
  void showView(View view);
  View view() const;

  StoreCells* cells() const { return cells_; }
  CompareRuns* runs() const { return runs_; }
  CellGrid* grid() const { return grid_; }
  AxesPanel* panel() const { return panel_; }
  EarBar* ear() const { return ear_; }
  BlindView* blind() const { return blind_; }
  RaceView* race() const { return race_; }
  LargeView* large() const { return large_; }
  CellTable* table() const { return table_; }
  /// Where results are kept that were asked for here.
  static QString resultsFolder();

 Q_SIGNALS:
  /// The settings of a cell are wanted on the page of its medium ("photo", "song").
  void settingsWanted(const QString& medium, const nlohmann::json& keys);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildActions();
  QWidget* buildMiddle();
  QWidget* buildEmpty(const QString& sample);
  void connectViews();
  void connectRuns();
  void checkSoon();
  void check();
  void start();
  void planned(const ComparePlan& plan);
  void applyLook();
  void updateState();
  void setCurrent(int cell);
  void useSettings();
  void chooseFolder();
  void openPath(const QString& path);
  void showFigures();
  void fitColumns();
  // What is written of it: compare_files.cpp.
  void exportAs(const QString& ending);
  void saveSpec();
  QByteArray pngOf(int cell) const;

  ActionList actions_{this};
  CompareRuns* runs_;
  StoreCells* cells_;
  AxesPanel* panel_;
  RunButtons* buttons_;
  SidePanels* sides_ = nullptr;
  AxisBar* axes_;
  QStackedWidget *stack_, *views_;
  QButtonGroup* view_buttons_;
  CellGrid* grid_;
  LargeView* large_;
  CellTable* table_;
  CellPlot* plot_;
  RaceView* race_;
  BlindView* blind_;
  EarBar* ear_;
  ViewBar* bar_;
  LargeBar* large_bar_;
  PlotBar* plot_bar_;
  MessageBar* message_;
  QProgressBar* progress_;
  QTimer* check_timer_;
  std::optional<ComparePlan> plan_;
  QString folder_;  ///< of the results that are shown; empty: the page's own
  int current_ = -1;
  bool start_when_planned_ = false, racing_ = false, entered_ = false;
  bool sized_ = false;  ///< a person has chosen how large the cells are
};

}  // namespace mgdm::ui
