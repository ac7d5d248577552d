#include "ui/photo/object_selection.h"

#include <QPointer>
#include <QThreadPool>
#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/media/selection.h"
#include "ui/photo/document.h"
#include "ui/widgets/pictures.h"

namespace mgdm::ui {

ObjectSelection::ObjectSelection(Document* document, QObject* parent) : QObject(parent), document_(document) {
  connect(document_, &Document::opened, this, [this] {
    around_ = {};
    ++asked_;
  });
}

void ObjectSelection::select(const QRect& rough) {
  if (document_->isEmpty()) return;
  const QSize size = document_->size();
  before_ = document_->mask();
  hints_ = cv::Mat::zeros(size.height(), size.width(), CV_8UC1);
  around_ = rough.intersected(QRect(QPoint(0, 0), size));
  if (rough.isEmpty()) {
    const cv::Point at(std::clamp(rough.x(), 0, size.width() - 1), std::clamp(rough.y(), 0, size.height() - 1));
    const cv::Rect r = around_click({size.width(), size.height()}, at);
    around_ = QRect(r.x, r.y, r.width, r.height);
    cv::circle(hints_, at, std::max(2, std::min(r.width, r.height) / 40), kBelongs, cv::FILLED);
  }
  cutOut();
}

void ObjectSelection::refine(const QPolygonF& stroke, double width, bool belongs) {
  if (!canRefine() || stroke.isEmpty()) return;
  const auto point = [](const QPointF& p) { return cv::Point(qRound(p.x()), qRound(p.y())); };
  for (qsizetype i = 0; i < stroke.size(); ++i) {
    cv::line(hints_, point(stroke[std::max<qsizetype>(0, i - 1)]), point(stroke[i]),
             belongs ? kBelongs : kDoesNotBelong, std::max(1, qRound(width)));
  }
  if (belongs) around_ |= stroke.boundingRect().toAlignedRect().intersected(QRect(QPoint(0, 0), document_->size()));
  cutOut();
}

void ObjectSelection::cutOut() {
  // The picture on the screen, as fine as it takes.
  const QImage screen = document_->pyramid().front();
  const auto job = [this, self = QPointer<ObjectSelection>(this), screen, around = around_, hints = hints_.clone(),
                    before = before_, number = ++asked_] {
    const QImage rgb = screen.convertToFormat(QImage::Format_RGB888);
    const cv::Mat pixels(rgb.height(), rgb.width(), CV_8UC3, const_cast<uchar*>(rgb.constBits()),
                         static_cast<size_t>(rgb.bytesPerLine()));
    cv::Mat object = select_object(pixels, {around.x(), around.y(), around.width(), around.height()}, hints);
    // Its edge is mixed with what is behind it, and cut out at 512 pixels: what should go goes with its fringe.
    const double fringe = std::max(3.0, std::max(around.width(), around.height()) / 100.0);
    if (cv::countNonZero(object) > 0) object = grown(object, fringe);
    QImage mask = before.copy();
    cv::Mat painted = mask_view(mask);
    const bool found = cv::countNonZero(object) > 0;
    cv::max(painted, object, painted);
    QMetaObject::invokeMethod(
        document_,
        [self, mask, found, number] {
          if (!self || number != self->asked_) return;
          if (found) {
            self->document_->replaceMask(mask, tr("selecting an object"));
          } else {
            Q_EMIT self->nothingFound();
          }
        },
        Qt::QueuedConnection);
  };
  QThreadPool::globalInstance()->start(job);
}

}  // namespace mgdm::ui
