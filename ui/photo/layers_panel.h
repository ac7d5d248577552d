// The layers of the photo: shown, faded, moved, removed.
#pragma once
#include <QWidget>

class QListWidget;
class QPushButton;
class QSlider;

namespace mgdm::ui {

class Document;

/// The top layer is the first of the list.
class LayersPanel : public QWidget {
  Q_OBJECT
 public:
  explicit LayersPanel(Document* document, QWidget* parent = nullptr);
  void setRunning(bool running);  ///< layers stay as they are while a run is on

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void connectLayers();
  void fill();

  Document* document_;
  QListWidget* list_;
  QSlider* opacity_;
  QPushButton *up_, *down_, *remove_;
  bool running_ = false;
};

}  // namespace mgdm::ui
