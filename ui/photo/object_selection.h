// Selects what a person points at, and learns from further strokes what they meant.
//
// Lives on the GUI thread; the object is cut out beside it.
#pragma once
#include <QImage>
#include <QObject>
#include <QPolygonF>
#include <QRect>
#include <opencv2/core.hpp>

namespace mgdm::ui {

class Document;

class ObjectSelection : public QObject {
  Q_OBJECT
 public:
  explicit ObjectSelection(Document* document, QObject* parent = nullptr);

  /// The object in a rough rectangle of photo pixels; an empty one: what was clicked at, its top left.
  void select(const QRect& rough);
  /// A stroke over what belongs to the object that was selected last, or does not. Without one it does nothing.
  void refine(const QPolygonF& stroke, double width, bool belongs);
  bool canRefine() const { return !around_.isEmpty(); }

 Q_SIGNALS:
  void nothingFound();

 private:
  void cutOut();
  Document* document_;
  QRect around_;
  QImage before_;  ///< the mask without the object
  cv::Mat hints_;  ///< of the photo's size
  quint64 asked_ = 0;
};

}  // namespace mgdm::ui
