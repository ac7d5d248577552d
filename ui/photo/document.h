// The open photo: its pixels at full resolution, the mask painted on it, the working area, and every
// change of them as a step of one undo stack.
//
// Lives on the GUI thread, but for `load`, which any thread may call. Nothing here is a tensor.
#pragma once
#include <QImage>
#include <QObject>
#include <atomic>
#include <functional>
#include <future>
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
  bool fills = false;  ///< a filled hole: seen where the photo is transparent
};
using Layers = std::vector<std::shared_ptr<const Layer>>;  ///< bottom first

/// All of an opened photo that takes time to make.
struct LoadedPhoto {
  std::shared_ptr<Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  std::vector<QImage> pyramid;  ///< for the screen, sRGB: full size, half, quarter... down to about 512 pixels
  QString path;                 ///< empty where there is no file yet
  QString name;                 ///< of what has no file; empty for the clipboard
};
/// Throws MediaError.
LoadedPhoto load_photo(const QString& path);
LoadedPhoto load_photo(const QImage& image);
/// A result that is a photo of its own: CV_16UC3, sRGB.
LoadedPhoto load_result(const cv::Mat& deep, bool sixteen_bit, const QString& name);

class Document : public QObject {
  Q_OBJECT
 public:
  explicit Document(QUndoStack* undo, QObject* parent = nullptr);
  ~Document() override;

  /// Takes the photo's place of the open one: clears mask and undo stack; the area is the whole photo.
  void open(LoadedPhoto loaded);
  bool isEmpty() const { return photo_ == nullptr; }
  QSize size() const;
  const QString& path() const { return path_; }
  /// A snapshot that stays as it is: changing the photo copies it while anybody else holds one. Waits for a large
  /// change that is still being made.
  std::shared_ptr<const Photo> photo() const;
  /// What its file said that a person should know, `read_photo`'s; waits for nothing.
  QStringList notes() const;
  /// What is said of the photo without its pixels; waits for nothing.
  bool sixteenBit() const { return photo_ && photo_->sixteen_bit(); }
  bool hasAlpha() const { return photo_ && photo_->has_alpha(); }
  bool hasProfile() const { return photo_ && !photo_->color_profile.empty(); }
  /// `pyramid` of the photo as it was opened, under all layers; empty while there has been no change.
  const std::vector<QImage>& originalPyramid() const { return original_; }
  /// Whether a change of many pixels is being made in the background; `photoChanged` follows.
  bool settling() const { return pending_.valid(); }
  /// How often somebody had to wait for such a change: the window stands still meanwhile.
  int waits() const { return waits_; }
  std::shared_ptr<const ColorTransform> color() const { return color_; }
  const std::vector<QImage>& pyramid() const { return pyramid_; }
  QImage picture() const;  ///< the photo with its layers for other programs: 8 bit, sRGB, with its transparency
  /// Whether layers were added, taken out or changed since the photo was opened or `markSaved`.
  bool unsaved() const { return only_here_ || layers_ != saved_; }
  void markSaved() {
    saved_ = layers_;
    only_here_ = false;
  }
  const QString& name() const { return name_; }  ///< of a photo that was made here; else empty
  /// Whether the photo is another than the one that was opened.
  bool changed() const { return !original_.empty() && !layers_.empty(); }

  const QImage& mask() const { return mask_; }  ///< Grayscale8, photo size; 0 = keep, 255 = fill, between = soft
  bool maskEmpty() const { return painted_ == 0; }
  /// Changes to the mask between these two are one undo step; `touch` what is about to change first.
  void beginMaskEdit();
  void paintMask(const QRect& area, const std::function<void(QPainter&)>& draw);
  void endMaskEdit(const QString& text);
  bool editingMask() const { return editing_; }
  /// One step that replaces the whole mask (Grayscale8 of the photo's size).
  void replaceMask(const QImage& mask, const QString& text);

  /// What of the photo is worked on: all of it, or a part that a person has marked.
  const WorkingArea& area() const { return area_; }
  bool areaIsWholePhoto() const;
  void setArea(const WorkingArea& area);  ///< undoable; moves in a row are one step
  /// The area of `rect` (clamped to the photo) as it is seen now: at the photo's own pixels, in any shape; or scaled to
  /// the detail, the whole photo or a square around the rectangle's middle.
  WorkingArea areaOf(const cv::Rect& rect) const;
  /// What the chosen model takes. The area is made to fit, as part of no undo step.
  void setNetworkSizes(const NetworkSizes& sizes);
  /// Network pixels on the area's short side; 0, the default: the photo's own pixels. The area is made to fit, as a
  /// step of undo.
  void setDetail(int short_side);
  int detail() const { return short_side_; }

  /// Results over the opened photo; where all are hidden it is as it was opened, bit for bit.
  const Layers& layers() const { return layers_; }
  /// A new layer on top from `result` (CV_16UC3, sRGB, the area's network size). `masked`: painted pixels only.
  void accept(const cv::Mat& result, const WorkingArea& area, const QImage& mask, bool masked, const QString& name);
  /// The same with a weight (CV_16UC1 of the size of `area.rect`) that is there already. `fills`: see Layer.
  void accept(const cv::Mat& result, const cv::Mat& weight, const WorkingArea& area, const QString& name,
              bool fills = false);
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
  using Base = std::map<std::pair<int, int>, cv::Mat>;
  struct Composite;
  void putPixels(const cv::Rect& rect, const cv::Mat& pixels);
  void keepBase(const cv::Rect& rect);  ///< before anything is drawn there
  void keepOriginal();
  void pushLayers(Layers after, size_t changed, const QString& text, int merge);
  void putLayers(const Layers& layers, cv::Rect changed);
  /// Waits for what is being made, and takes it over. `made_already`: its thread is about to end.
  void settle(bool made_already = false) const;
  void takeOver(Composite& made);

  QUndoStack* undo_;
  std::shared_ptr<Photo> photo_;
  std::shared_ptr<std::atomic<int>> readers_;  ///< of `photo_`: snapshots that somebody still has
  std::shared_ptr<const ColorTransform> color_;
  std::vector<QImage> pyramid_;
  QString path_, name_;
  bool only_here_ = false;  ///< made here and not saved yet
  QImage mask_;
  qint64 painted_ = 0;
  WorkingArea area_;
  NetworkSizes sizes_;
  int short_side_ = 0;
  Layers layers_, saved_;  ///< now, and when it was saved
  Base base_;              ///< the opened photo's pixels under the layers, in tiles by (y, x)
  std::vector<QImage> original_;
  mutable std::future<std::shared_ptr<Composite>> pending_;
  quint64 composites_ = 0;  ///< begun so far
  mutable int waits_ = 0;
  bool editing_ = false;
  std::vector<Tile> before_;
  QRect edited_;
};

}  // namespace mgdm::ui
