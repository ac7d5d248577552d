// The open photo: its pixels at full resolution, the mask painted on it, the working area, and every
// change of them as a step of one undo stack.
//
// Lives on the GUI thread, but for `load`, which any thread may call. Nothing here is a tensor.
#pragma once
#include <QImage>
#include <QObject>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/media/working_area.h"

class QPainter;
class QUndoStack;

namespace mgdm::ui {

/// A result put into the photo. Shared by undo steps and never changed: another opacity is another layer.
struct Layer {
  QString name;
  WorkingArea area;
  cv::Mat result;  ///< CV_16UC3, sRGB, the area's network size
  cv::Mat weight;  ///< CV_16UC1 of the size of `area.rect`: its share of each pixel, 65535 = all
  bool visible = true;
  double opacity = 1;  ///< times `weight`
};
using Layers = std::vector<std::shared_ptr<const Layer>>;  ///< bottom first

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
  std::shared_ptr<const Photo> photo() const;
  std::shared_ptr<const ColorTransform> color() const { return color_; }
  const std::vector<QImage>& pyramid() const { return pyramid_; }
  QImage picture() const;  ///< the photo with its layers for other programs: 8 bit, sRGB, with its transparency
  /// Whether layers were added, taken out or changed since the photo was opened or `markSaved`.
  bool unsaved() const { return layers_ != saved_; }
  void markSaved() { saved_ = layers_; }

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
  /// What the chosen model takes, and what a new photo's short side is for it. The area is made to fit, as part of no
  /// undo step.
  void setNetworkSizes(const NetworkSizes& sizes, int short_side);
  const NetworkSizes& networkSizes() const { return sizes_; }

  /// Results over the opened photo; where all are hidden it is as it was opened, bit for bit.
  const Layers& layers() const { return layers_; }
  /// A new layer on top from `result` (CV_16UC3, sRGB, the area's network size). `masked`: painted pixels only.
  void accept(const cv::Mat& result, const WorkingArea& area, const QImage& mask, bool masked, const QString& name);
  /// One undo step each; changes of one layer's opacity in a row are one step.
  void setLayerVisible(size_t index, bool visible);
  void setLayerOpacity(size_t index, double opacity);
  void removeLayer(size_t index);
  void moveLayer(size_t from, size_t to);
  /// Puts layers of an earlier session back (not undoable). Those that do not lie in the photo are left out.
  void restoreLayers(const Layers& layers);
  /// Whether the next step that undo takes back changes the photo itself.
  bool undoChangesPhoto() const;

 Q_SIGNALS:
  void opened();
  void photoChanged(const QRect& area);
  void maskChanged(const QRect& area);
  void layersChanged();
  void areaChanged();

 private:
  friend class MaskCommand;
  friend class AreaCommand;
  friend class LayersCommand;
  struct Tile {
    QPoint at;
    QImage pixels;  ///< null where all pixels are `value`
    uchar value = 0;
    QSize size;
  };
  void setPhoto(std::shared_ptr<Photo> photo);
  Tile tile(const QPoint& at) const;
  void putTiles(const std::vector<Tile>& tiles);
  void putPixels(const cv::Rect& rect, const cv::Mat& pixels);
  void keepBase(const cv::Rect& rect);  ///< before anything is drawn there
  void pushLayers(Layers after, size_t changed, const QString& text, int merge);
  void putLayers(const Layers& layers, cv::Rect changed);

  QUndoStack* undo_;
  std::shared_ptr<Photo> photo_;
  std::shared_ptr<std::atomic<int>> readers_;  ///< of `photo_`: snapshots that somebody still has
  std::shared_ptr<const ColorTransform> color_;
  std::vector<QImage> pyramid_;
  QString path_;
  QImage mask_;
  qint64 painted_ = 0;
  WorkingArea area_;
  NetworkSizes sizes_;
  int short_side_ = 256;
  Layers layers_, saved_;                        ///< now, and when it was saved
  std::map<std::pair<int, int>, cv::Mat> base_;  ///< the opened photo's pixels under the layers, in tiles by (y, x)
  bool editing_ = false;
  std::vector<Tile> before_;
  QRect edited_;
};

}  // namespace mgdm::ui
