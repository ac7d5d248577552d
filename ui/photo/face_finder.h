// Looks for faces in each photo that is opened, in the background.
//
// Lives on the GUI thread, with a thread of its own.
#pragma once
#include <QObject>
#include <memory>
#include <opencv2/core/types.hpp>
#include <vector>

namespace mgdm {
class Worker;
}

namespace mgdm::ui {

class Document;

class FaceFinder : public QObject {
  Q_OBJECT
 public:
  explicit FaceFinder(Document* document, QObject* parent = nullptr);
  ~FaceFinder() override;

 Q_SIGNALS:
  void found(const std::vector<cv::Rect>& faces);  ///< of the photo that is open; may be none

 private:
  void look();

  Document* document_;
  quint64 photo_ = 0;  ///< number of the newest
  std::unique_ptr<Worker> worker_;
};

}  // namespace mgdm::ui
