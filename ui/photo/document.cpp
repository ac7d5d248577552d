#include "ui/photo/document.h"

#include <QColorSpace>
#include <QPainter>
#include <QUndoCommand>
#include <QUndoStack>
#include <algorithm>
#include <chrono>
#include <opencv2/imgproc.hpp>

#include "ui/widgets/pictures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr int kTile = 256;
constexpr int kLargeChange = 1 << 20;  // pixels from which on a change is made in the background
constexpr int kAreaCommand = 1, kOpacityCommands = 1000;

QImage wrap(const cv::Mat& rgb) {  // shares the pixels
  return QImage(
      rgb.data, rgb.cols, rgb.rows, static_cast<qsizetype>(rgb.step), QImage::Format_RGB888,
      [](void* mat) { delete static_cast<cv::Mat*>(mat); }, new cv::Mat(rgb));
}

cv::Mat view(const QImage& rgb32) {
  return cv::Mat(rgb32.height(), rgb32.width(), CV_8UC4, const_cast<uchar*>(rgb32.constBits()),
                 static_cast<size_t>(rgb32.bytesPerLine()));
}

// The pyramid's levels below the first, in the rectangle of level 0 that changed.
void refresh_pyramid(std::vector<QImage>& pyramid, QRect changed) {
  for (size_t level = 1; level < pyramid.size(); ++level) {
    const QImage& from = pyramid[level - 1];
    QImage& to = pyramid[level];
    const QRect target =
        QRect(QPoint(changed.left() / 2, changed.top() / 2), QPoint(changed.right() / 2, changed.bottom() / 2))
            .intersected(to.rect());
    if (target.isEmpty()) return;
    const QRect source = QRect(target.topLeft() * 2, target.size() * 2).intersected(from.rect());
    cv::Mat out = view(to)(cv::Rect(target.x(), target.y(), target.width(), target.height()));
    cv::Mat in;
    if (level == 1) {
      const cv::Mat rgb(from.height(), from.width(), CV_8UC3, const_cast<uchar*>(from.constBits()),
                        static_cast<size_t>(from.bytesPerLine()));
      cv::Mat half;
      cv::resize(rgb(cv::Rect(source.x(), source.y(), source.width(), source.height())), half, out.size(), 0, 0,
                 cv::INTER_AREA);
      cv::cvtColor(half, out, cv::COLOR_RGB2BGRA);
    } else {
      cv::resize(view(from)(cv::Rect(source.x(), source.y(), source.width(), source.height())), out, out.size(), 0, 0,
                 cv::INTER_AREA);
    }
    changed = target;
  }
}

qint64 painted_pixels(const QImage& grey) {
  return cv::countNonZero(cv::Mat(grey.height(), grey.width(), CV_8UC1, const_cast<uchar*>(grey.constBits()),
                                  static_cast<size_t>(grey.bytesPerLine())));
}

LoadedPhoto prepare(Photo photo, const QString& path) {
  LoadedPhoto loaded;
  loaded.photo = std::make_shared<Photo>(std::move(photo));
  loaded.color = std::make_shared<const ColorTransform>(loaded.photo->color_profile);
  loaded.path = path;
  loaded.pyramid.push_back(wrap(loaded.color->to_screen(loaded.photo->pixels)));
  while (std::max(loaded.pyramid.back().width(), loaded.pyramid.back().height()) > 512) {
    const QSize half((loaded.pyramid.back().width() + 1) / 2, (loaded.pyramid.back().height() + 1) / 2);
    loaded.pyramid.emplace_back(half, QImage::Format_RGB32);
  }
  refresh_pyramid(loaded.pyramid, loaded.pyramid.front().rect());
  return loaded;
}

}  // namespace

LoadedPhoto load_photo(const QString& path) { return prepare(read_photo(path.toStdString()), path); }

LoadedPhoto load_photo(const QImage& image) {
  Photo photo;
  const bool deep = image.depth() > 32, alpha = image.hasAlphaChannel();
  const QImage source = image.convertToFormat(deep    ? QImage::Format_RGBA64
                                              : alpha ? QImage::Format_RGBA8888
                                                      : QImage::Format_RGB888);
  const int type = deep ? CV_16UC4 : alpha ? CV_8UC4 : CV_8UC3;
  photo.pixels = cv::Mat(source.height(), source.width(), type, const_cast<uchar*>(source.constBits()),
                         static_cast<size_t>(source.bytesPerLine()))
                     .clone();
  photo.color_profile = image.colorSpace().isValid() ? image.colorSpace().iccProfile().toStdString() : std::string();
  return prepare(std::move(photo), {});
}

LoadedPhoto load_result(const cv::Mat& deep, bool sixteen_bit, const QString& name) {
  Photo photo;
  if (sixteen_bit) {
    photo.pixels = deep.clone();
  } else {
    deep.convertTo(photo.pixels, CV_8U, 1.0 / 257);
  }
  LoadedPhoto loaded = prepare(std::move(photo), {});
  loaded.name = name;
  return loaded;
}

class MaskCommand : public QUndoCommand {
 public:
  using Tiles = std::vector<Document::Tile>;
  MaskCommand(Document* document, Tiles before, Tiles after, const QString& text)
      : QUndoCommand(text), document_(document), before_(std::move(before)), after_(std::move(after)) {}
  void undo() override { document_->putTiles(before_); }
  void redo() override { document_->putTiles(after_); }

 private:
  Document* document_;
  Tiles before_, after_;
};

class AreaCommand : public QUndoCommand {
 public:
  AreaCommand(Document* document, const WorkingArea& after)
      : QUndoCommand(Document::tr("moving the working area")),
        document_(document),
        before_(document->area()),
        after_(after) {}
  int id() const override { return kAreaCommand; }
  bool mergeWith(const QUndoCommand* next) override {
    after_ = static_cast<const AreaCommand*>(next)->after_;
    return true;
  }
  void undo() override { put(before_); }
  void redo() override { put(after_); }

 private:
  void put(const WorkingArea& area) {
    document_->area_ = area;
    const bool own = area.width == area.rect.width && area.height == area.rect.height;
    document_->short_side_ = own ? 0 : std::min(area.width, area.height);
    Q_EMIT document_->areaChanged();
  }
  Document* document_;
  WorkingArea before_, after_;
};

class LayersCommand : public QUndoCommand {
 public:
  /// `merge`: steps of the same number other than -1, one after the other, become one.
  LayersCommand(Document* document, Layers after, const cv::Rect& changed, const QString& text, int merge)
      : QUndoCommand(text),
        document_(document),
        before_(document->layers_),
        after_(std::move(after)),
        changed_(changed),
        merge_(merge) {}
  int id() const override { return merge_; }
  bool mergeWith(const QUndoCommand* next) override {
    after_ = static_cast<const LayersCommand*>(next)->after_;
    return true;
  }
  void undo() override { document_->putLayers(before_, changed_); }
  void redo() override { document_->putLayers(after_, changed_); }

 private:
  Document* document_;
  Layers before_, after_;
  cv::Rect changed_;
  int merge_;
};

Document::Document(QUndoStack* undo, QObject* parent) : QObject(parent), undo_(undo) {}

Document::~Document() {
  if (pending_.valid()) pending_.wait();
}

void Document::open(LoadedPhoto loaded) {
  settle();
  setPhoto(std::move(loaded.photo));
  color_ = std::move(loaded.color);
  pyramid_ = std::move(loaded.pyramid);
  path_ = loaded.path;
  name_ = loaded.name;
  only_here_ = !loaded.name.isEmpty();
  mask_ = QImage(size(), QImage::Format_Grayscale8);
  mask_.fill(0);
  painted_ = 0;
  layers_.clear();
  saved_.clear();
  base_.clear();
  original_.clear();
  area_ = areaOf({{0, 0}, photo_->pixels.size()});
  undo_->clear();
  undo_->setClean();
  Q_EMIT opened();
  Q_EMIT maskChanged(mask_.rect());
  Q_EMIT areaChanged();
  Q_EMIT layersChanged();
}

void Document::setPhoto(std::shared_ptr<Photo> photo) {
  photo_ = std::move(photo);
  readers_ = std::make_shared<std::atomic<int>>(0);
}

// Whoever lets a snapshot go has read it: what is written afterwards must not come before that.
std::shared_ptr<const Photo> Document::photo() const {
  if (photo_ == nullptr) return nullptr;
  settle();
  readers_->fetch_add(1, std::memory_order_relaxed);
  return {photo_.get(),
          [photo = photo_, readers = readers_](const Photo*) { readers->fetch_sub(1, std::memory_order_release); }};
}

QImage Document::picture() const {
  const QImage& screen = pyramid_.front();
  if (!photo_->has_alpha()) return screen.copy();
  QImage image = screen.convertToFormat(QImage::Format_ARGB32);
  cv::Mat alpha;
  cv::extractChannel(photo_->pixels, alpha, 3);
  if (photo_->sixteen_bit()) alpha.convertTo(alpha, CV_8U, 1.0 / 257);
  for (int y = 0; y < image.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < image.width(); ++x)
      line[x] = (line[x] & 0xffffff) | static_cast<QRgb>(alpha.at<uchar>(y, x)) << 24;
  }
  return image;
}

QStringList Document::notes() const {
  QStringList notes;
  for (const std::string& note : photo_ ? photo_->notes : std::vector<std::string>())
    notes += spoken_sentence(QString::fromStdString(note));
  return notes;
}

QSize Document::size() const { return photo_ ? QSize(photo_->pixels.cols, photo_->pixels.rows) : QSize(); }

bool Document::areaIsWholePhoto() const {
  return photo_ && area_.rect == cv::Rect(0, 0, photo_->pixels.cols, photo_->pixels.rows);
}

Document::Tile Document::tile(const QPoint& at) const {
  const QRect rect = QRect(at, QSize(kTile, kTile)).intersected(mask_.rect());
  const QImage pixels = mask_.copy(rect);
  const uchar first = pixels.constScanLine(0)[0];
  for (int y = 0; y < pixels.height(); ++y) {
    const uchar* line = pixels.constScanLine(y);
    if (std::any_of(line, line + pixels.width(), [first](uchar v) { return v != first; }))
      return {at, pixels, 0, rect.size()};
  }
  return {at, QImage(), first, rect.size()};
}

void Document::putTiles(const std::vector<Tile>& tiles) {
  QRect changed;
  for (const Tile& t : tiles) {
    const QRect rect(t.at, t.size);
    painted_ -= painted_pixels(mask_.copy(rect));
    for (int y = 0; y < rect.height(); ++y) {
      uchar* to = mask_.scanLine(rect.y() + y) + rect.x();
      if (t.pixels.isNull()) {
        std::fill_n(to, rect.width(), t.value);
      } else {
        std::copy_n(t.pixels.constScanLine(y), rect.width(), to);
      }
    }
    painted_ +=
        t.pixels.isNull() ? (t.value != 0 ? qint64{rect.width()} * rect.height() : 0) : painted_pixels(t.pixels);
    changed |= rect;
  }
  Q_EMIT maskChanged(changed);
}

void Document::beginMaskEdit() {
  editing_ = true;
  before_.clear();
  edited_ = QRect();
}

void Document::paintMask(const QRect& area, const std::function<void(QPainter&)>& draw) {
  const QRect r = area.intersected(mask_.rect());
  if (!editing_ || r.isEmpty()) return;
  for (int y = r.top() / kTile * kTile; y <= r.bottom(); y += kTile) {
    for (int x = r.left() / kTile * kTile; x <= r.right(); x += kTile) {
      if (std::none_of(before_.begin(), before_.end(), [&](const Tile& t) { return t.at == QPoint(x, y); }))
        before_.push_back(tile({x, y}));
    }
  }
  QPainter painter(&mask_);
  painter.setClipRect(r);
  draw(painter);
  painter.end();
  edited_ |= r;
  Q_EMIT maskChanged(r);
}

void Document::endMaskEdit(const QString& text) {
  if (!editing_) return;
  editing_ = false;
  if (before_.empty()) return;
  const auto painted = [](const Tile& t) {
    return t.pixels.isNull() ? (t.value != 0 ? qint64{t.size.width()} * t.size.height() : 0) : painted_pixels(t.pixels);
  };
  std::vector<Tile> after;
  for (const Tile& t : before_) {
    after.push_back(tile(t.at));
    painted_ += painted(after.back()) - painted(t);
  }
  putTiles(before_);  // the command puts the new ones
  undo_->push(new MaskCommand(this, std::move(before_), std::move(after), text));
  before_.clear();
}

void Document::replaceMask(const QImage& mask, const QString& text) {
  if (isEmpty() || mask.size() != size()) return;
  const QImage grey = mask.convertToFormat(QImage::Format_Grayscale8);
  beginMaskEdit();
  paintMask(mask_.rect(), [&](QPainter& painter) {
    painter.setCompositionMode(QPainter::CompositionMode_Source);
    painter.drawImage(0, 0, grey);
  });
  endMaskEdit(text);
}

void Document::setArea(const WorkingArea& area) {
  if (isEmpty() || area == area_) return;
  undo_->push(new AreaCommand(this, area));
}

WorkingArea Document::areaOf(const cv::Rect& rect) const {
  const cv::Size photo(size().width(), size().height());
  const cv::Rect whole({0, 0}, photo), part = rect & whole;
  if (short_side_ == 0) return {part, part.width, part.height};
  if (part == whole) return whole_photo_area(photo, short_side_, sizes_);
  return square_area(photo, {part.x + part.width / 2.0, part.y + part.height / 2.0}, std::min(part.width, part.height),
                     short_side_, sizes_);
}

void Document::setNetworkSizes(const NetworkSizes& sizes) {
  sizes_ = sizes;
  if (isEmpty()) return;
  const WorkingArea fitting = areaOf(area_.rect);
  if (fitting == area_) return;
  area_ = fitting;
  Q_EMIT areaChanged();
}

void Document::setDetail(int short_side) {
  short_side_ = short_side;
  if (!isEmpty()) setArea(areaOf(area_.rect));
}

// ---- layers ----

void Document::accept(const cv::Mat& result, const WorkingArea& area, const QImage& mask, bool masked,
                      const QString& name) {
  if (isEmpty()) return;
  PasteOptions options;
  if (masked) options.mask = mask_view(mask);
  cv::Mat weight;
  paste_weight(photo_->pixels.size(), area, options).convertTo(weight, CV_16U, 65535);
  accept(result, weight, area, name, masked);
}

void Document::accept(const cv::Mat& result, const cv::Mat& weight, const WorkingArea& area, const QString& name,
                      bool fills) {
  if (isEmpty()) return;
  auto layer = std::make_shared<Layer>();
  layer->name = name;
  layer->area = area;
  layer->result = result;
  layer->weight = weight;
  layer->fills = fills;
  Layers after = layers_;
  after.push_back(std::move(layer));
  pushLayers(std::move(after), layers_.size(), tr("putting the sample in"), -1);
}

void Document::setLayerVisible(size_t index, bool visible) {
  if (index >= layers_.size() || layers_[index]->visible == visible) return;
  Layers after = layers_;
  auto changed = std::make_shared<Layer>(*after[index]);
  changed->visible = visible;
  after[index] = std::move(changed);
  pushLayers(std::move(after), index, visible ? tr("showing a layer") : tr("hiding a layer"), -1);
}

void Document::setLayerOpacity(size_t index, double opacity) {
  if (index >= layers_.size() || layers_[index]->opacity == opacity) return;
  Layers after = layers_;
  auto changed = std::make_shared<Layer>(*after[index]);
  changed->opacity = std::clamp(opacity, 0.0, 1.0);
  after[index] = std::move(changed);
  pushLayers(std::move(after), index, tr("a layer's opacity"), kOpacityCommands + static_cast<int>(index));
}

void Document::removeLayer(size_t index) {
  if (index >= layers_.size()) return;
  Layers after = layers_;
  after.erase(after.begin() + static_cast<std::ptrdiff_t>(index));
  pushLayers(std::move(after), index, tr("removing a layer"), -1);
}

void Document::moveLayer(size_t from, size_t to) {
  if (from >= layers_.size() || to >= layers_.size() || from == to) return;
  Layers after = layers_;
  after.erase(after.begin() + static_cast<std::ptrdiff_t>(from));
  after.insert(after.begin() + static_cast<std::ptrdiff_t>(to), layers_[from]);
  pushLayers(std::move(after), from, tr("moving a layer"), -1);
}

bool Document::undoChangesPhoto() const {
  if (!undo_->canUndo()) return false;
  const QUndoCommand* step = undo_->command(undo_->index() - 1);
  if (step->childCount() > 0) step = step->child(0);  // putting a sample in clears the mask, too
  return dynamic_cast<const LayersCommand*>(step) != nullptr;
}

void Document::restoreLayers(const Layers& layers) {
  if (isEmpty()) return;
  const cv::Rect whole({0, 0}, photo_->pixels.size());
  Layers fitting;
  cv::Rect changed;
  for (const auto& layer : layers) {
    const cv::Rect& r = layer->area.rect;
    if ((r & whole) != r || layer->weight.size() != r.size() || layer->weight.type() != CV_16UC1 ||
        layer->result.type() != CV_16UC3)
      continue;
    fitting.push_back(layer);
    changed |= r;
  }
  if (!fitting.empty()) putLayers(fitting, changed);
}

namespace {

void keep_tiles(std::map<std::pair<int, int>, cv::Mat>& base, const cv::Mat& pixels, const cv::Rect& rect) {
  const cv::Rect whole({0, 0}, pixels.size());
  for (int y = rect.y / kTile * kTile; y < rect.br().y; y += kTile) {
    for (int x = rect.x / kTile * kTile; x < rect.br().x; x += kTile) {
      cv::Mat& kept = base[{y, x}];
      if (kept.empty()) kept = pixels(cv::Rect(x, y, kTile, kTile) & whole).clone();
    }
  }
}

// The photo's pixels in `rect` with these layers over the base.
cv::Mat composed(const cv::Mat& pixels, const std::map<std::pair<int, int>, cv::Mat>& base, const Layers& layers,
                 const ColorTransform& color, const cv::Rect& rect) {
  cv::Mat part = pixels(rect).clone();
  for (const auto& [at, tile] : base) {
    const cv::Rect here = cv::Rect(cv::Point(at.second, at.first), tile.size()), both = here & rect;
    if (both.area() > 0) tile(both - here.tl()).copyTo(part(both - rect.tl()));
  }
  for (const auto& layer : layers) {
    const cv::Rect& r = layer->area.rect;
    if (!layer->visible || layer->opacity <= 0 || (r & rect).area() == 0) continue;
    cv::Mat srgb, weight, target = part(r - rect.tl());
    layer->result.convertTo(srgb, CV_32F, 1.0 / 65535);
    layer->weight.convertTo(weight, CV_32F, layer->opacity / 65535);
    paste_weighted(target, color, srgb, weight, layer->fills);
  }
  return part;
}

std::vector<QImage> copied(const std::vector<QImage>& pyramid) {
  std::vector<QImage> copies;
  for (const QImage& level : pyramid) copies.push_back(level.copy());
  return copies;
}

}  // namespace

/// A change of many pixels, made beside the window: everything that takes the place of what there is.
struct Document::Composite {
  std::shared_ptr<Photo> photo;
  std::vector<QImage> pyramid, original;
  Base base;
  cv::Rect changed;
};

void Document::keepBase(const cv::Rect& rect) { keep_tiles(base_, photo_->pixels, rect); }

void Document::keepOriginal() {
  if (original_.empty()) original_ = copied(pyramid_);
}

void Document::pushLayers(Layers after, size_t changed, const QString& text, int merge) {
  const cv::Rect rect = (changed < layers_.size() ? layers_ : after)[changed]->area.rect;
  undo_->push(new LayersCommand(this, std::move(after), rect, text, merge));
}

void Document::putLayers(const Layers& layers, cv::Rect changed) {
  layers_ = layers;
  // A layer is drawn whole, so all that it overlaps is drawn again too.
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& layer : layers_) {
      const cv::Rect& r = layer->area.rect;
      if (layer->visible && (r & changed).area() > 0 && (r & changed) != r) {
        changed |= r;
        grown = true;
      }
    }
  }
  settle();
  if (changed.area() < kLargeChange) {
    keepOriginal();
    for (const auto& layer : layers_) keepBase(layer->area.rect);
    putPixels(changed, composed(photo_->pixels, base_, layers_, *color_, changed));
    Q_EMIT layersChanged();
    return;
  }
  // Nobody writes to what the job reads: whatever changes it settles first.
  pending_ = std::async(std::launch::async,
                        [this, photo = photo_, base = base_, layers = layers_, color = color_, pyramid = pyramid_,
                         original = original_, changed, number = ++composites_]() mutable {
                          auto made = std::make_shared<Composite>();
                          for (const auto& layer : layers) keep_tiles(base, photo->pixels, layer->area.rect);
                          const cv::Mat part = composed(photo->pixels, base, layers, *color, changed);
                          made->photo = std::make_shared<Photo>(*photo);
                          if (part.size() == photo->pixels.size()) {
                            made->photo->pixels = part;
                          } else {
                            made->photo->pixels = photo->pixels.clone();
                            part.copyTo(made->photo->pixels(changed));
                          }
                          made->original = original.empty() ? copied(pyramid) : std::move(original);
                          made->pyramid = copied(pyramid);
                          made->pyramid.front() = wrap(color->to_screen(made->photo->pixels));
                          refresh_pyramid(made->pyramid, QRect(changed.x, changed.y, changed.width, changed.height));
                          made->base = std::move(base);
                          made->changed = changed;
                          QMetaObject::invokeMethod(
                              this,
                              [this, number] {
                                if (number == composites_) settle(true);
                              },
                              Qt::QueuedConnection);
                          return made;
                        });
  Q_EMIT layersChanged();
}

void Document::settle(bool made_already) const {
  if (!pending_.valid()) return;
  if (!made_already && pending_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) ++waits_;
  const auto made = pending_.get();
  const_cast<Document*>(this)->takeOver(*made);
}

void Document::takeOver(Composite& made) {
  setPhoto(std::move(made.photo));
  pyramid_ = std::move(made.pyramid);
  original_ = std::move(made.original);
  base_ = std::move(made.base);
  Q_EMIT photoChanged(QRect(made.changed.x, made.changed.y, made.changed.width, made.changed.height));
}

void Document::putPixels(const cv::Rect& rect, const cv::Mat& pixels) {
  const QRect changed(rect.x, rect.y, rect.width, rect.height);
  if (readers_->load(std::memory_order_acquire) > 0) {  // a run still reads it
    auto copy = std::make_shared<Photo>(*photo_);
    copy->pixels = photo_->pixels.clone();
    setPhoto(std::move(copy));
    pyramid_.front() = wrap(color_->to_screen(photo_->pixels));
  }
  pixels.copyTo(photo_->pixels(rect));
  QImage& screen = pyramid_.front();
  cv::Mat shown(screen.height(), screen.width(), CV_8UC3, const_cast<uchar*>(screen.constBits()),
                static_cast<size_t>(screen.bytesPerLine()));
  if (shown.data != photo_->pixels.data) {
    color_->to_screen(photo_->pixels(rect).clone()).copyTo(shown(rect));
  }
  refresh_pyramid(pyramid_, changed);
  Q_EMIT photoChanged(changed);
}

}  // namespace mgdm::ui
