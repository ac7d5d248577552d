#include "ui/compare/grid_export.h"

#include <png.h>

#include <QEventLoop>
#include <QFile>
#include <QPageSize>
#include <QPdfWriter>
#include <QPointer>
#include <QTimer>
#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/errors.h"
#include "core/files/atomic_file.h"

namespace mgdm::ui {

namespace {

constexpr qint64 kBandBytes = 48 << 20;
constexpr int kPictureWait = 30000;  ///< milliseconds; a disk that takes longer for one picture has lost it
constexpr int kPngMost = 1000000;    ///< libpng's own limit of lines and of pixels in one

/// Gets the pictures one after the other, and notices when the cells are no longer those that are exported.
class PictureSource : public QObject {
 public:
  PictureSource(Cells& cells, Shown shown, const std::filesystem::path& file)
      : cells_(&cells), shown_(shown), file_(file) {
    connect(&cells, &Cells::reset, this, [this] { replaced_ = true; });
    connect(&cells, &QObject::destroyed, this, [this] { replaced_ = true; });
  }

  void check() const {
    if (replaced_) throw MediaError(file_.string() + ": not written, because the comparison was replaced by another");
  }

  QImage get(int cell) {
    check();
    if (cell < 0 || cells_->cell(cell).state != Cells::State::Done) return {};
    QImage picture = cells_->picture(cell, shown_);
    if (!picture.isNull()) return picture;
    QEventLoop loop;
    QTimer limit;
    limit.setSingleShot(true);
    limit.callOnTimeout(&loop, &QEventLoop::quit);
    connect(cells_, &Cells::pictureChanged, &loop, [&](int changed) {
      if (changed == cell) loop.quit();
    });
    connect(cells_, &Cells::reset, &loop, &QEventLoop::quit);
    connect(cells_, &QObject::destroyed, &loop, &QEventLoop::quit);
    limit.start(kPictureWait);
    loop.exec();
    check();
    return cells_->picture(cell, shown_);
  }

  /// Sizes are known of finished cells mostly; else the picture tells.
  std::vector<QSize> sizes(const std::vector<int>& cells) {
    std::vector<QSize> all;
    for (const int cell : cells) {
      check();
      const bool done = cell >= 0 && cells_->cell(cell).state == Cells::State::Done;
      QSize size = done ? cells_->cell(cell).size : QSize();
      if (done && size.isEmpty()) size = get(cell).size();
      all.push_back(size);
    }
    return all;
  }

 private:
  QPointer<Cells> cells_;
  Shown shown_;
  const std::filesystem::path& file_;
  bool replaced_ = false;
};

[[noreturn]] void cannot_write(const std::filesystem::path& file, const std::string& why) {
  throw MediaError(file.string() + ": cannot be written: " + why);
}

/// A PNG that is written line by line. libpng reports errors by a jump; none may cross a C++ object, so each call of it
/// stands in a function of its own without any.
class PngLines {
 public:
  PngLines(const std::filesystem::path& temporary, const std::filesystem::path& file, const QSize& size) : name_(file) {
    out_.reset(std::fopen(temporary.c_str(), "wb"));
    if (out_ == nullptr) cannot_write(name_, std::strerror(errno));
    to_.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, jump, [](png_structp, png_const_charp) {});
    to_.info = to_.png == nullptr ? nullptr : png_create_info_struct(to_.png);
    if (to_.info == nullptr) cannot_write(name_, "not enough memory");
    png_set_write_fn(to_.png, this, put, nullptr);
    check(begin(to_.png, to_.info, static_cast<png_uint_32>(size.width()), static_cast<png_uint_32>(size.height())));
  }

  void write(const uchar* line) { check(write_line(to_.png, line)); }
  /// A disk may say only now that it is full.
  void finish() {
    check(end(to_.png, to_.info));
    errno = 0;
    if (std::fclose(out_.release()) != 0) cannot_write(name_, std::strerror(errno));
  }

 private:
  // Where this returned, libpng would also say it on standard error.
  static void jump(png_structp png, png_const_charp) { png_longjmp(png, 1); }
  static void put(png_structp png, png_bytep bytes, size_t count) {
    auto* self = static_cast<PngLines*>(png_get_io_ptr(png));
    if (std::fwrite(bytes, 1, count, self->out_.get()) == count) return;
    self->error_ = errno;
    png_error(png, "write");
  }
  static bool begin(png_structp png, png_infop info, png_uint_32 width, png_uint_32 height) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_set_compression_level(png, 4);  // photos hardly shrink any further, and it takes twice as long
    png_write_info(png, info);
    return true;
  }
  static bool write_line(png_structp png, const uchar* line) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_write_row(png, line);
    return true;
  }
  static bool end(png_structp png, png_infop info) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_write_end(png, info);
    return true;
  }
  void check(bool good) const {
    if (!good) cannot_write(name_, error_ == 0 ? "libpng failed" : std::strerror(error_));
  }

  struct Structs {
    png_structp png = nullptr;
    png_infop info = nullptr;
    ~Structs() { png_destroy_write_struct(&png, &info); }
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::filesystem::path name_;
  std::unique_ptr<std::FILE, Close> out_;
  Structs to_;
  int error_ = 0;
};

void commit(AtomicFile& making, const std::filesystem::path& file) {
  std::error_code error;
  if (!making.commit(error)) cannot_write(file, error.message());
}

}  // namespace

bool export_png(Cells& cells, const GridChoice& choice, const std::filesystem::path& file,
                const ExportProgress& progress) {
  PictureSource source(cells, choice.shown, file);
  const GridSheet sheet(cells, choice, source.sizes(grid_cells(cells, choice)));
  const QSize size = sheet.size();
  if (size.width() > kPngMost || size.height() > kPngMost) {
    cannot_write(file, "a PNG has at most 1000000 pixels in each direction; export fewer cells, or a PDF");
  }
  AtomicFile making(file);
  PngLines png(making.temporary(), file, size);
  const int band = static_cast<int>(std::clamp<qint64>(kBandBytes / (3 * qint64{size.width()}), 1, size.height()));
  QImage image(size.width(), band, QImage::Format_RGB888);
  for (int top = 0; top < size.height(); top += band) {
    const QRect clip(0, top, size.width(), std::min(band, size.height() - top));
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.translate(0, -top);
    sheet.drawFrame(painter, clip);
    for (int row = 0; row < sheet.rowCount(); ++row) {
      if (!sheet.tile(row, 0).intersects(QRect(sheet.tile(row, 0).left(), top, 1, clip.height()))) continue;
      for (int column = 0; column < sheet.columnCount(); ++column) {
        sheet.drawTile(painter, row, column, source.get(sheet.cellAt(row, column)));
        const double done = (row + (column + 1.0) / sheet.columnCount()) / sheet.rowCount();
        if (progress && !progress(std::min(1.0, done))) return false;
        source.check();
      }
    }
    painter.end();
    for (int y = 0; y < clip.height(); ++y) png.write(image.constScanLine(y));
  }
  png.finish();
  commit(making, file);
  return true;
}

bool export_pdf(Cells& cells, const GridChoice& choice, const std::filesystem::path& file,
                const ExportProgress& progress) {
  PictureSource source(cells, choice.shown, file);
  const GridSheet sheet(cells, choice, source.sizes(grid_cells(cells, choice)));
  constexpr double kTilePoints = 150, kMostPoints = 14000;  // 5 cm a tile; 200 inches is what readers show
  const double points = std::min(kTilePoints / sheet.tile(0, 0).width(),
                                 kMostPoints / std::max(sheet.size().width(), sheet.size().height()));
  AtomicFile making(file);
  QFile out(QString::fromStdString(making.temporary().string()));
  if (!out.open(QIODevice::WriteOnly)) cannot_write(file, out.errorString().toStdString());
  {
    QPdfWriter writer(&out);
    writer.setTitle(choice.title);
    writer.setCreator(QStringLiteral("MGDM Studio"));
    writer.setPageSize(QPageSize(QSizeF(sheet.size()) * points, QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setResolution(1200);  // whole numbers only: fine enough that no tile is moved by what is seen
    QPainter painter;
    if (!painter.begin(&writer)) cannot_write(file, "the page could not be begun");
    painter.setRenderHint(QPainter::LosslessImageRendering);
    painter.scale(points * 1200 / 72, points * 1200 / 72);
    sheet.drawFrame(painter, QRect(QPoint(), sheet.size()));
    for (int row = 0; row < sheet.rowCount(); ++row) {
      for (int column = 0; column < sheet.columnCount(); ++column) {
        sheet.drawTile(painter, row, column, source.get(sheet.cellAt(row, column)));
        const double done = (row + (column + 1.0) / sheet.columnCount()) / sheet.rowCount();
        if (progress && !progress(done)) return false;
        source.check();
        if (out.error() != QFileDevice::NoError) cannot_write(file, out.errorString().toStdString());
      }
    }
    painter.end();
  }
  const bool flushed = out.flush();
  if (!flushed || out.error() != QFileDevice::NoError) cannot_write(file, out.errorString().toStdString());
  out.close();
  commit(making, file);
  return true;
}

}  // namespace mgdm::ui
