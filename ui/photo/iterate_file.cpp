#include "ui/photo/iterate_file.h"

#include <QBuffer>
#include <QDataStream>
#include <QFile>
#include <QPainter>
#include <QRect>
#include <QSaveFile>

#include "core/media/image_file.h"
#include "core/runs/trajectory.h"

namespace mgdm::ui {

namespace {

constexpr quint32 kMagic = 0x4d474932;  // "MGI2"
constexpr quint32 kMostFrames = 100000, kMostSamples = 1024;
constexpr int kQuality = 92;

QByteArray encoded(const QImage& image, const char* format, int quality) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  if (!image.isNull() && (!buffer.open(QIODevice::WriteOnly) || !image.save(&buffer, format, quality)))
    throw MediaError(std::string("an iterate cannot be written as ") + format);
  return bytes;
}

/// Where a picture is seen.
QByteArray encoded_shape(const QImage& image) {
  if (!image.hasAlphaChannel()) return {};
  const QImage alpha = image.convertToFormat(QImage::Format_Alpha8);
  return encoded(
      QImage(alpha.constBits(), alpha.width(), alpha.height(), alpha.bytesPerLine(), QImage::Format_Grayscale8), "PNG",
      -1);
}

QImage seen_through(const QImage& picture, const QImage& shape) {
  if (shape.size() != picture.size()) return picture.convertToFormat(QImage::Format_RGB32);
  QImage image = picture.convertToFormat(QImage::Format_ARGB32);
  const QImage grey = shape.convertToFormat(QImage::Format_Grayscale8);
  for (int y = 0; y < image.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < image.width(); ++x) {
      if (grey.constScanLine(y)[x] == 0) line[x] = 0;
    }
  }
  return image.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

QByteArray encoded(const Frame& f, const QImage& under) {
  QByteArray bytes;
  QDataStream out(&bytes, QIODevice::WriteOnly);
  out.setVersion(QDataStream::Qt_6_0);
  const QRect area(f.area.x, f.area.y, f.area.width, f.area.height);
  out << area << qint32{f.pass} << qint32{f.passes} << f.share << f.reduced;
  out << qint32{f.step} << qint32{f.steps} << qint32{f.gibbs} << qint32{f.t} << qint32{f.tau} << qint32{f.watched}
      << f.residual << f.update << f.seconds << f.evaluations << encoded(f.noisy, "JPG", kQuality)
      << encoded(f.residual_map, "JPG", kQuality)
      << (f.samples.empty() ? QByteArray() : encoded_shape(f.samples.front()))
      << static_cast<quint32>(f.samples.size());
  for (const QImage& sample : f.samples) out << encoded(over(sample, under), "JPG", kQuality);
  return bytes;
}

QImage decoded(const QByteArray& bytes) { return QImage::fromData(bytes).convertToFormat(QImage::Format_RGB32); }

Frame decoded_frame(QDataStream& in) {
  Frame f;
  qint32 step = 0, steps = 0, gibbs = 0, t = 0, tau = 0, watched = 0;
  quint32 samples = 0;
  QByteArray noisy, map, shape;
  QRect area;
  qint32 pass = 0, passes = 1;
  in >> area >> pass >> passes >> f.share >> f.reduced;
  f.area = {area.x(), area.y(), area.width(), area.height()};
  f.pass = pass;
  f.passes = passes;
  in >> step >> steps >> gibbs >> t >> tau >> watched >> f.residual >> f.update >> f.seconds >> f.evaluations >>
      noisy >> map >> shape >> samples;
  if (in.status() != QDataStream::Ok || samples == 0 || samples > kMostSamples)
    throw MediaError("the iterates are damaged");
  f.step = step;
  f.steps = steps;
  f.gibbs = gibbs;
  f.t = t;
  f.tau = tau;
  f.noisy = decoded(noisy);
  if (!map.isEmpty()) f.residual_map = decoded(map);
  const QImage seen = QImage::fromData(shape);
  for (quint32 i = 0; i < samples; ++i) {
    QByteArray bytes;
    in >> bytes;
    f.samples.push_back(seen_through(decoded(bytes), seen));
    if (f.samples.back().isNull()) throw MediaError("the iterates are damaged");
  }
  f.watched = std::clamp<int>(watched, 0, static_cast<int>(samples) - 1);
  return f;
}

}  // namespace

void write_iterates(const QString& file, const std::vector<Frame>& frames, const QImage& under) {
  std::vector<QByteArray> parts;
  qint64 sum = 0;
  for (const Frame& frame : frames) {
    parts.push_back(encoded(frame, under));
    sum += parts.back().size();
  }
  while (sum > kIterateFileBytes && parts.size() > 4) {
    std::vector<QByteArray> fewer;
    sum = 0;
    for (const size_t i : thin_older_half(parts.size())) {
      sum += parts[i].size();
      fewer.push_back(std::move(parts[i]));
    }
    parts = std::move(fewer);
  }
  QSaveFile out(file);
  const bool opened = out.open(QIODevice::WriteOnly);
  QDataStream stream(&out);
  stream.setVersion(QDataStream::Qt_6_0);
  stream << kMagic << static_cast<quint32>(parts.size());
  for (const QByteArray& part : parts) stream.writeRawData(part.constData(), static_cast<int>(part.size()));
  if (!opened || stream.status() != QDataStream::Ok || !out.commit())
    throw MediaError(file.toStdString() + ": cannot be written: " + out.errorString().toStdString());
}

std::vector<Frame> read_iterates(const QString& file) {
  QFile in(file);
  if (!in.open(QIODevice::ReadOnly)) return {};
  QDataStream stream(&in);
  stream.setVersion(QDataStream::Qt_6_0);
  quint32 magic = 0, count = 0;
  stream >> magic >> count;
  if (magic != kMagic || count > kMostFrames) return {};
  std::vector<Frame> frames;
  try {
    for (quint32 i = 0; i < count; ++i) frames.push_back(decoded_frame(stream));
  } catch (const std::exception&) {
    return {};
  }
  return frames;
}

}  // namespace mgdm::ui
