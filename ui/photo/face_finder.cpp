#include "ui/photo/face_finder.h"

#include <QMetaObject>
#include <exception>

#include "core/media/faces.h"
#include "core/media/photo_file.h"
#include "core/threads/worker.h"
#include "ui/photo/document.h"

namespace mgdm::ui {

FaceFinder::FaceFinder(Document* document, QObject* parent)
    : QObject(parent), document_(document), worker_(std::make_unique<Worker>()) {
  connect(document, &Document::opened, this, &FaceFinder::look);
}

FaceFinder::~FaceFinder() { worker_.reset(); }

void FaceFinder::look() {
  const quint64 number = ++photo_;
  worker_->stop();
  if (document_->isEmpty()) return;
  worker_->post([this, number, photo = document_->photo()](const std::stop_token& stop) {
    if (stop.stop_requested()) return;
    std::vector<cv::Rect> faces;
    try {
      faces = find_faces(photo->pixels);
    } catch (const std::exception&) {  // a broken cascade, no memory: then there is nothing to be proposed
    }
    QMetaObject::invokeMethod(
        this,
        [this, number, faces] {
          if (number == photo_) Q_EMIT found(faces);
        },
        Qt::QueuedConnection);
  });
}

}  // namespace mgdm::ui
