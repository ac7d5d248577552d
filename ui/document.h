// The open photo: its pixels at full resolution, the mask painted on it, the working area, and every
// change of them as a step of one undo stack.
//
// Lives on the GUI thread, but for `load`, which any thread may call. Nothing here is a tensor.
#pragma once
#include <QImage>
#include <QObject>
#include <functional>
#include <memory>
#include <vector>

#include "core/media/working_area.h"

class QPainter;
class QUndoStack;

namespace mgdm::ui {

/// All of an opened photo that takes time to make.
struct LoadedPhoto {
  std::shared_ptr<Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  std::vector<QImage> pyramid;  ///< for the screen, sRGB: full size, half, quarter... down to about 512 pixels
  QString path;                 ///< empty for the clipboard
};
/// Throws MediaError.
LoadedPhoto load_photo(const QString& path);
LoadedPhoto load_photo(const QImage& image);

class Document : public QObject {
  Q_OBJECT
 public:
  explicit Document(QUndoStack* undo, QObject* parent = nullptr);

  /// Takes the photo's place of the open one: clears mask and undo stack; the area is the whole photo.
  void open(LoadedPhoto loaded);
  bool isEmpty() const { return photo_ == nullptr; }
  QSize size() const;
  const QString& path() const { return path_; }
  /// A snapshot that stays as it is: changing the photo copies it while anybody else holds one.
  std::shared_ptr<const Photo> photo() const { return photo_; }
  std::shared_ptr<const ColorTransform> color() const { return color_; }
  const std::vector<QImage>& pyramid() const { return pyramid_; }
  /// Whether results were put in (or taken out) since the photo was opened or `markSaved`.
  bool unsaved() const { return applied_ != saved_; }
  void markSaved() { saved_ = applied_; }

  const QImage& mask() const { return mask_; }  ///< Grayscale8, photo size; 0 = keep, 255 = fill, between = soft
  bool maskEmpty() const { return painted_ == 0; }
  /// Changes to the mask between these two are one undo step; `touch` what is about to change first.
  void beginMaskEdit();
  void paintMask(const QRect& area, const std::function<void(QPainter&)>& draw);
  void endMaskEdit(const QString& text);
  bool editingMask() const { return editing_; }
  /// One step that replaces the whole mask (Grayscale8 of the photo's size).
  void replaceMask(const QImage& mask, const QString& text);

  const WorkingArea& area() const { return area_; }
  bool areaIsWholePhoto() const;
  void setArea(const WorkingArea& area);  ///< undoable; moves in a row are one step

  /// Puts `result` (CV_16UC3, sRGB, the area's network size) into the photo. `masked`: painted pixels only.
  void accept(const cv::Mat& result, const WorkingArea& area, const QImage& mask, bool masked, const QString& text);

 Q_SIGNALS:
  void opened();
  void photoChanged(const QRect& area);
  void maskChanged(const QRect& area);
  void areaChanged();

 private:
  friend class MaskCommand;
  friend class AreaCommand;
  friend class AcceptCommand;
  struct Tile {
    QPoint at;
    QImage pixels;      ///< null where all pixels are `value`
    uchar value = 0;
    QSize size;
  };
  Tile tile(const QPoint& at) const;
  void putTiles(const std::vector<Tile>& tiles);
  void putPixels(const cv::Rect& rect, const cv::Mat& pixels);

  QUndoStack* undo_;
  std::shared_ptr<Photo> photo_;
  std::shared_ptr<const ColorTransform> color_;
  std::vector<QImage> pyramid_;
  QString path_;
  QImage mask_;
  qint64 painted_ = 0;
  WorkingArea area_;
  int applied_ = 0, saved_ = 0;  ///< results in the photo; now, and when it was saved
  bool editing_ = false;
  std::vector<Tile> before_;
  QRect edited_;
};

}  // namespace mgdm::ui
