// What was not changed in a photo is as it was in the saved file: pixels, blocks of a JPEG, what its metadata say.
#include <zlib.h>

#include <QCryptographicHash>
#include <QXmlStreamReader>
#include <QtTest>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/media/exif.h"
#include "core/media/photo_containers.h"
#include "core/media/photo_file.h"

using namespace mgdm;

namespace {

const std::filesystem::path kSaved = MGDM_SOURCE_DIR "/tests/data/cases/photos";

std::string file_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool same_pixels(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

/// Quantisation tables and sampling, as the segments DQT and SOF have them.
std::map<int, std::string> tables_of(const std::string& jpeg) {
  std::map<int, std::string> tables;
  visit_jpeg_segments(jpeg, [&](int marker, const std::string& content) {
    if (marker == 0xdb) {
      for (size_t at = 0; at + 65 <= content.size(); at += 65) tables[content[at]] = content.substr(at + 1, 64);
    } else if (marker >= 0xc0 && marker <= 0xc2) {
      tables[0xc0] = content.substr(5);
    }
    return true;
  });
  return tables;
}

cv::Mat smooth_noise(int type, int rows = 96, int cols = 130) {
  cv::Mat image(rows, cols, CV_32FC(CV_MAT_CN(type))), out;
  cv::RNG random(11);
  random.fill(image, cv::RNG::UNIFORM, 0.0, 1.0);
  cv::GaussianBlur(image, image, {0, 0}, 3);
  cv::normalize(image, image, 0, 1, cv::NORM_MINMAX);
  image.convertTo(out, CV_MAT_DEPTH(type), CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255);
  return out;
}

std::string ascii(const ExifDirectory& tags, int tag) {
  const auto found = tags.find(tag);
  return found == tags.end() ? std::string() : found->second.bytes.substr(0, found->second.bytes.find('\0'));
}

/// EXIF with camera, artist, copyright, exposure, place and a thumbnail; orientation 6.
std::string full_exif() {
  const auto text = [](const std::string& words) { return ExifValue{2, words.size() + 1, words + '\0'}; };
  ExifTags tags;
  tags.photo = {{0x010e, text("A bridge")},
                {0x010f, text("Maker")},
                {0x0110, text("Model 3")},
                {0x013b, text("A. Person")},
                {0x8298, text("(c) A. Person")},
                {0x011a, {5, 1, std::string("\x2c\1\0\0\1\0\0\0", 8)}},
                {0x011b, {5, 1, std::string("\x2c\1\0\0\1\0\0\0", 8)}},
                {0x0128, {3, 1, std::string("\2\0", 2)}}};
  tags.exif = {{0x829a, {5, 1, std::string("\1\0\0\0\x7d\0\0\0", 8)}},  // exposure 1/125 s
               {0x9003, text("2024:05:06 07:08:09")},
               {0xa002, {4, 1, std::string("\1\0\0\0", 4)}},  // a width that is not so any more
               {0xa003, {4, 1, std::string("\1\0\0\0", 4)}}};
  tags.gps = {{0x0001, text("N")},
              {0x0002, {5, 3, std::string("\x30\0\0\0\1\0\0\0\x8\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0", 24)}}};
  std::string block = exif_block(tags);
  return block;
}

const std::string kIptc(
    "\x1c\x02\x50\0\x09"
    "A. Person\x1c\x02\x69\0\x06"
    "Bridge",
    25);
const char* const kPacket =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
    "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
    "xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" tiff:Orientation=\"6\" dc:source=\"negative 12\"/>"
    "</rdf:RDF></x:xmpmeta>";

}  // namespace

class TestPhotoSaving : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }

  /// A JPEG of this quality and sampling, EXIF orientation 6 if asked for.
  std::filesystem::path jpeg(const char* name, int quality, int sampling, int orientation,
                             bool progressive = false) const {
    cv::Mat bgr = smooth_noise(CV_8UC3);
    std::vector<uchar> bytes;
    // OpenCV 4.6 has no setting for the sampling: 4:2:0 is its own, 4:4:4 comes of our writer.
    if (sampling == 420)
      cv::imencode(".jpg", bgr, bytes,
                   {cv::IMWRITE_JPEG_QUALITY, quality, cv::IMWRITE_JPEG_PROGRESSIVE, progressive ? 1 : 0});
    std::string whole = sampling == 420 ? std::string(bytes.begin(), bytes.end()) : encode_jpeg("x", bgr, {});
    ExifTags tags;
    tags.photo = {{0x0112, {3, 1, std::string{static_cast<char>(orientation), 0}}}};
    PhotoMetadata m;
    m.exif = exif_block(tags);
    std::ofstream(path(name), std::ios::binary) << with_jpeg_metadata(whole, m, {}, {});
    return path(name);
  }

 private Q_SLOTS:
  void anUntouchedJpegKeepsEveryPixel_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("4:4:4, quality 98") << QString::fromStdString((kSaved / "q98_444.jpg").string());
    QTest::newRow("dated") << QString::fromStdString((kSaved / "dated.jpg").string());
    QTest::newRow("orientation 6") << QString::fromStdString((kSaved / "square_phone.jpg").string());
    QTest::newRow("CMYK") << QString::fromStdString((kSaved / "cmyk.jpg").string());
    QTest::newRow("grey, orientation 6") << QString::fromStdString((kSaved / "square_phone_mask.jpg").string());
    for (int orientation = 1; orientation <= 8; ++orientation)
      QTest::addRow("4:2:0, orientation %d", orientation) << QString::fromStdString(
          jpeg(qPrintable(QString("o%1.jpg").arg(orientation)), 71, 420, orientation).string());
    QTest::newRow("progressive") << QString::fromStdString(jpeg("progressive.jpg", 60, 420, 8, true).string());
  }
  void anUntouchedJpegKeepsEveryPixel() {
    QFETCH(QString, file);
    const Photo photo = read_photo(file.toStdString());
    write_photo(path("again.jpg"), photo, "settings", true);
    const Photo again = read_photo(path("again.jpg"));
    QVERIFY(same_pixels(again.pixels, photo.pixels));
    QVERIFY(again.color_profile == photo.color_profile);
    QVERIFY(tables_of(file_bytes(path("again.jpg"))) == tables_of(file_bytes(file.toStdString())));
    // Another program sees the same.
    const cv::Mat a = cv::imread(file.toStdString()), b = cv::imread(path("again.jpg").string());
    QVERIFY(same_pixels(a, b));
  }

  void onlyPaintedBlocksOfAJpegChange_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("4:4:4") << QString::fromStdString(jpeg("s444.jpg", 95, 444, 1).string());
    QTest::newRow("4:2:0") << QString::fromStdString(jpeg("s420.jpg", 80, 420, 1).string());
    QTest::newRow("4:2:0, orientation 6") << QString::fromStdString(jpeg("s420o6.jpg", 80, 420, 6).string());
    QTest::newRow("4:2:0, orientation 7") << QString::fromStdString(jpeg("s420o7.jpg", 80, 420, 7).string());
  }
  void onlyPaintedBlocksOfAJpegChange() {
    QFETCH(QString, file);
    const Photo photo = read_photo(file.toStdString());
    Photo painted = photo;
    painted.pixels = photo.pixels.clone();
    const cv::Rect hole(33, 40, 20, 15);
    painted.pixels(hole).setTo(cv::Scalar(250, 20, 30));
    write_photo(path("painted.jpg"), painted);
    const Photo again = read_photo(path("painted.jpg"));
    QCOMPARE(again.pixels.size(), photo.pixels.size());
    cv::Mat difference;
    cv::absdiff(again.pixels, photo.pixels, difference);
    cv::Mat changed = difference.reshape(1) > 0;
    changed = changed.reshape(3);
    cv::Mat any;
    cv::cvtColor(changed, any, cv::COLOR_RGB2GRAY);
    // 16 x 16 with half the chroma; one pixel more, across which chroma is interpolated.
    const cv::Rect around = cv::Rect(hole.x - 17, hole.y - 17, hole.width + 34, hole.height + 34);
    QVERIFY2((cv::boundingRect(any) & around) == cv::boundingRect(any), "blocks far from the paint have changed");
    const auto middle = again.pixels.at<cv::Vec3b>(hole.y + 7, hole.x + 10);
    QVERIFY2(std::abs(middle[0] - 250) < 40 && middle[1] < 60, "the paint is not there");
    QVERIFY(tables_of(file_bytes(path("painted.jpg"))) == tables_of(file_bytes(file.toStdString())));
  }

  void aJpegOfAnotherPhotoIsNotCoarse() {
    Photo photo;
    photo.pixels = smooth_noise(CV_16UC3);
    write_photo(path("new.jpg"), photo);
    QCOMPARE(read_photo(path("new.jpg")).jpeg_quality, 95);
    const std::string frame = tables_of(file_bytes(path("new.jpg")))[0xc0];
    QCOMPARE(static_cast<int>(frame[2]), 0x11);  // 4:4:4
  }

  // Every format, every depth, with and without transparency, every kind of metadata: saved, opened, saved as each
  // other format, opened.
  void everythingSurvivesEverywhere_data() {
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<int>("type");
    for (const char* first : {"png", "tif", "webp", "jpg"}) {
      for (const char* second : {"png", "tif", "webp", "jpg"}) {
        for (const int type : {CV_8UC3, CV_8UC4, CV_16UC3, CV_16UC4})
          QTest::addRow("%s to %s, %d bit, %d channels", first, second, CV_MAT_DEPTH(type) == CV_16U ? 16 : 8,
                        CV_MAT_CN(type))
              << first << second << type;
      }
    }
  }
  void everythingSurvivesEverywhere() {
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(int, type);
    Photo photo;
    photo.pixels = smooth_noise(type);
    photo.metadata = {full_exif(), kPacket, kIptc, 300, 300};
    photo.color_profile = read_photo(kSaved / "romm.png").color_profile;
    QVERIFY(photo.color_profile.size() > 100);
    write_photo(path("a." + first), photo, R"({"seed": 7, "Ä": "<&>"})", true);
    const Photo a = read_photo(path("a." + first));
    write_photo(path("b." + second), a, R"({"seed": 8})", true);
    const Photo b = read_photo(path("b." + second));
    const bool deep = (first == "png" || first == "tif") && (second == "png" || second == "tif"),
               lossless = first != "jpg" && second != "jpg";
    QCOMPARE(b.sixteen_bit(), CV_MAT_DEPTH(type) == CV_16U && deep);
    QCOMPARE(b.has_alpha(), CV_MAT_CN(type) == 4 && lossless);
    if (deep) QVERIFY(same_pixels(b.pixels, photo.pixels));
    if (lossless && CV_MAT_DEPTH(type) == CV_8U) QVERIFY(same_pixels(b.pixels, photo.pixels));
    QVERIFY(!b.damaged && b.notes.empty());
    QVERIFY(a.color_profile == photo.color_profile && b.color_profile == photo.color_profile);
    cv::Mat given, there;
    photo.pixels.convertTo(given, CV_32F, CV_MAT_DEPTH(type) == CV_16U ? 1 / 257.0 : 1);
    b.pixels.convertTo(there, CV_32F, b.sixteen_bit() ? 1 / 257.0 : 1);
    if (b.has_alpha() == photo.has_alpha())
      QVERIFY2(cv::norm(given, there, cv::NORM_L1) < 3.0 * static_cast<double>(given.total() * given.channels()),
               "it is another picture");
    QCOMPARE(read_description(path("a." + first)), std::string(R"({"seed": 7, "Ä": "<&>"})"));
    QCOMPARE(read_description(path("b." + second)), std::string(R"({"seed": 8})"));
    const ExifTags tags = exif_tags(b.metadata.exif);
    QCOMPARE(ascii(tags.photo, 0x0110), std::string("Model 3"));
    QCOMPARE(ascii(tags.photo, 0x013b), std::string("A. Person"));
    QCOMPARE(ascii(tags.photo, 0x8298), std::string("(c) A. Person"));
    QCOMPARE(ascii(tags.photo, 0x010e), std::string("A bridge"));
    QCOMPARE(ascii(tags.exif, 0x9003), std::string("2024:05:06 07:08:09"));
    QVERIFY(tags.exif.at(0x829a).bytes == std::string("\1\0\0\0\x7d\0\0\0", 8));
    QVERIFY(tags.gps.at(0x0002).bytes.size() == 24 && ascii(tags.gps, 1) == "N");
    QCOMPARE(static_cast<int>(tags.exif.at(0xa002).bytes[0]) & 255, 130);
    QVERIFY(std::abs(b.metadata.dpi_x - 300) < 0.1 && std::abs(b.metadata.dpi_y - 300) < 0.1);
    QVERIFY(b.metadata.xmp.find("dc:source=\"negative 12\"") != std::string::npos);
    QVERIFY(b.metadata.xmp.find("tiff:Orientation=\"1\"") != std::string::npos);
    QVERIFY(b.metadata.xmp.find(kMadeInPart) != std::string::npos);
    QCOMPARE(QString::fromStdString(b.metadata.xmp).count("DigitalSourceType"), 1);
    if (first != "webp" && second != "webp") QCOMPARE(b.metadata.iptc.substr(0, kIptc.size()), kIptc);
  }

  // Floating point, which TIFF alone brings, is 16 bit from then on, with all that was said.
  void floatingPointKeepsItsMetadata() {
    Photo photo = read_photo(kSaved / "rgb32f.tif");
    photo.metadata = {full_exif(), kPacket, kIptc, 300, 300};
    for (const char* name : {"f.png", "f.tif", "f.webp", "f.jpg"}) {
      write_photo(path(name), photo, "{}", true);
      const Photo again = read_photo(path(name));
      QCOMPARE(again.sixteen_bit(), std::string(name) == "f.png" || std::string(name) == "f.tif");
      if (again.sixteen_bit()) QVERIFY(same_pixels(again.pixels, photo.pixels));
      QCOMPARE(ascii(exif_tags(again.metadata.exif).photo, 0x013b), std::string("A. Person"));
      QVERIFY(again.metadata.xmp.find("negative 12") != std::string::npos);
    }
  }

  // Adobe's extended XMP: what is longer than a segment lies in others (depth maps of phones, histories of programs).
  void longXmpGoesAlong() {
    std::string value(150000, 'x');
    for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('A' + i * 7 % 26);
    const std::string extension =
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
        "xmlns:GDepth=\"http://ns.google.com/photos/1.0/depthmap/\"><rdf:Description rdf:about=\"\" GDepth:Data=\"" +
        value + "\"/></rdf:RDF></x:xmpmeta>";
    Photo photo;
    photo.pixels = smooth_noise(CV_8UC3);
    photo.metadata.xmp = kPacket;
    photo.metadata.xmp_extension = extension;
    write_photo(path("long.jpg"), photo, "{}", true);
    // As the specification has it: a GUID that is the MD5 of the whole, pieces with their places.
    const std::string bytes = file_bytes(path("long.jpg"));
    const std::string guid = QCryptographicHash::hash(QByteArray::fromStdString(extension), QCryptographicHash::Md5)
                                 .toHex()
                                 .toUpper()
                                 .toStdString();
    QVERIFY(bytes.find("HasExtendedXMP=\"" + guid + "\"") != std::string::npos);
    QCOMPARE(QByteArray::fromStdString(bytes).count("http://ns.adobe.com/xmp/extension/"), 3);
    const Photo jpeg = read_photo(path("long.jpg"));
    QVERIFY(jpeg.metadata.xmp_extension == extension);
    QVERIFY(jpeg.metadata.xmp.find("HasExtendedXMP") == std::string::npos);
    QVERIFY(jpeg.metadata.xmp.find("negative 12") != std::string::npos);
    // JPEG to JPEG, untouched and painted; to the others and back.
    Photo painted = jpeg;
    painted.pixels = jpeg.pixels.clone();
    painted.pixels(cv::Rect(10, 10, 9, 9)).setTo(cv::Scalar(250, 0, 0));
    for (const Photo& one : {jpeg, painted}) {
      write_photo(path("again.jpg"), one, "{}", true);
      QVERIFY(read_photo(path("again.jpg")).metadata.xmp_extension == extension);
    }
    for (const char* name : {"long.png", "long.tif", "long.webp"}) {
      write_photo(path(name), jpeg, "{}", true);
      const Photo other = read_photo(path(name));
      QVERIFY2(other.metadata.xmp.find(value) != std::string::npos, name);
      QVERIFY(other.metadata.xmp.find("negative 12") != std::string::npos);
      QVERIFY(other.metadata.xmp.find(kMadeInPart) != std::string::npos);
      QXmlStreamReader xml(QByteArray::fromStdString(other.metadata.xmp));
      while (!xml.atEnd()) xml.readNext();
      QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
      write_photo(path("back.jpg"), other);
      const PhotoMetadata back = read_photo(path("back.jpg")).metadata;
      QVERIFY((back.xmp + back.xmp_extension).find(value) != std::string::npos);
      QVERIFY((back.xmp + back.xmp_extension).find("negative 12") != std::string::npos);
    }
    // A piece is lost: the rest is no packet, and what there is of it does no harm.
    std::string torn = bytes;
    const size_t second = torn.find("http://ns.adobe.com/xmp/extension/", torn.find("xmp/extension/") + 20);
    torn[second] = 'X';
    std::ofstream(path("torn.jpg"), std::ios::binary) << torn;
    const Photo rest = read_photo(path("torn.jpg"));
    QVERIFY(rest.metadata.xmp_extension.empty() && rest.metadata.xmp.find("negative 12") != std::string::npos);
  }

  void theCameraStays() {
    const Photo dated = read_photo(kSaved / "dated.jpg");
    const ExifTags before = exif_tags(dated.metadata.exif);
    QVERIFY(before.photo.size() == 5 && dated.metadata.dpi_x == 300);
    for (const char* name : {"dated.jpg", "dated.png", "dated.tif", "dated.webp"}) {
      write_photo(path(name), dated);
      const Photo again = read_photo(path(name));
      const ExifTags after = exif_tags(again.metadata.exif);
      for (const auto& [tag, value] : before.photo) {
        if (value.type == 2) QCOMPARE(ascii(after.photo, tag), ascii(before.photo, tag));
      }
      QVERIFY(std::abs(again.metadata.dpi_x - 300) < 0.1);
      QVERIFY(again.metadata.xmp == dated.metadata.xmp);
      QVERIFY(again.metadata.xmp.find(kMadeInPart) == std::string::npos);  // nothing was made
    }
  }

  void theThumbnailShowsThePhotoAsItIs() {
    Photo photo;
    photo.pixels = cv::Mat(120, 160, CV_8UC3, cv::Scalar(10, 200, 10));
    cv::Mat red(30, 40, CV_8UC3, cv::Scalar(200, 10, 10));
    const std::string old_small = encode_jpeg("x", red, {});
    // A first thumbnail needs the place of one: two directories.
    ExifTags tags;
    tags.photo = {{0x0110, {2, 2, std::string("M\0", 2)}}};
    std::string block = exif_block(tags);
    const size_t next = 8 + 2 + 12;
    block[next] = static_cast<char>(block.size());
    const auto number = [](size_t v) { return std::string{static_cast<char>(v), static_cast<char>(v >> 8), 0, 0}; };
    const size_t data = block.size() + 2 + 24 + 4;
    block += std::string("\2\0\1\2\4\0\1\0\0\0", 10) + number(data) + std::string("\2\2\4\0\1\0\0\0", 8) +
             number(old_small.size()) + number(0) + old_small;
    QVERIFY(exif_has_thumbnail(block));
    photo.metadata.exif = block;
    for (const char* name : {"thumb.jpg", "thumb.png", "thumb.webp"}) {
      write_photo(path(name), photo);
      const std::string exif = read_photo(path(name)).metadata.exif;
      QVERIFY(exif_has_thumbnail(exif));
      QVERIFY(exif.find(old_small.substr(old_small.size() / 2)) == std::string::npos);  // the old one is nowhere
      const size_t at = exif.find("\xff\xd8\xff");
      const cv::Mat small =
          cv::imdecode(std::vector<uchar>(exif.begin() + static_cast<ptrdiff_t>(at), exif.end()), cv::IMREAD_COLOR);
      QCOMPARE(small.size(), cv::Size(160, 120));
      QVERIFY(small.at<cv::Vec3b>(60, 80)[1] > 190);
    }
  }
};

QTEST_GUILESS_MAIN(TestPhotoSaving)
#include "tst_photo_saving.moc"
