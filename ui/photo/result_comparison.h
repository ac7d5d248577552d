// What the result on the photo page is held against: the photo, another result of the run, or one of the history.
#pragma once
#include <QObject>
#include <QString>

class QMenu;

namespace mgdm::ui {

class Canvas;
class Document;
class History;
class SampleStrip;
class Saver;
struct HistoryEntry;

/// Lives on the GUI thread. What it holds against is a picture of its own, so that it stays when a new run begins.
class ResultComparison : public QObject {
  Q_OBJECT
 public:
  ResultComparison(Canvas* canvas, SampleStrip* strip, History* history, Document* document, Saver* saver,
                   QObject* parent);

  void holdPhoto();
  /// A row of the strip.
  void holdResult(int row);
  /// The first favourite of an entry, or its first sample; read in the background.
  void holdEntry(int row);
  /// Why an entry cannot be held against; empty: it can.
  QString whyNot(const HistoryEntry& entry) const;
  /// Another run's results are seen: what was held against is of the run before.
  void outcomeChanged();

  /// All that can be chosen, and the pace at which two take turns.
  void fill(QMenu* menu);
  void setPace(int ms);

 Q_SIGNALS:
  void held();  ///< another result was chosen, and is to be seen
  void failed(const QString& words);

 private:
  Canvas* canvas_;
  SampleStrip* strip_;
  History* history_;
  Document* document_;
  Saver* saver_;
  bool of_strip_ = false;  ///< what is held against is one of the results that are listed
  quint64 asked_ = 0;
  QString entry_;  ///< the folder of the one that is held against
};

}  // namespace mgdm::ui
