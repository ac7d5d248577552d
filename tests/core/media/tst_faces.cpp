// Faces are found where they are, and a model of portraits is proposed for those alone.
#include <QtTest>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/media/faces.h"

using namespace mgdm;

class TestFaces : public QObject {
  Q_OBJECT
  static cv::Mat rgb(const char* file) {
    cv::Mat photo = cv::imread(file);
    cv::cvtColor(photo, photo, cv::COLOR_BGR2RGB);
    return photo;
  }

 private Q_SLOTS:
  void aFaceIsFoundWhereItIs() {
    const cv::Mat photo = rgb(MGDM_SOURCE_DIR "/resources/photos/portrait.jpg");
    QCOMPARE(photo.cols, 512);
    const auto faces = find_faces(photo);
    QVERIFY2(!faces.empty(), "opencv-data, which ./test installs, has the cascade");
    // By eye: from (170, 60) to (275, 180).
    const cv::Rect by_eye(170, 60, 105, 120);
    QVERIFY((faces.front() & by_eye).area() > 0.6 * by_eye.area());
    // Of a large photo of 16 bit the same one.
    cv::Mat large;
    cv::resize(photo, large, {}, 5, 5, cv::INTER_CUBIC);
    large.convertTo(large, CV_16U, 257);
    const auto of_large = find_faces(large);
    QVERIFY(!of_large.empty());
    const cv::Rect scaled(by_eye.tl() * 5, by_eye.size() * 5);
    QVERIFY((of_large.front() & scaled).area() > 0.6 * scaled.area());
  }

  void nothingIsFoundWhereNoFaceIs() {
    QVERIFY(find_faces(rgb(MGDM_SOURCE_DIR "/resources/photos/sample.jpg")).empty());
    QVERIFY(find_faces(cv::Mat()).empty());
    QVERIFY(find_faces(cv::Mat::zeros(8, 8, CV_8UC3)).empty());
  }

  void aPortraitIsAFaceThatFillsItsPart() {
    const std::vector<cv::Rect> faces{{400, 300, 200, 200}};
    QVERIFY(is_portrait(faces, {350, 250, 300, 300}));
    QVERIFY(is_portrait(faces, {420, 320, 120, 120}));   // a hole in it
    QVERIFY(!is_portrait(faces, {420, 320, 40, 40}));    // a freckle
    QVERIFY(!is_portrait(faces, {0, 0, 4000, 3000}));    // a face in a crowd
    QVERIFY(!is_portrait(faces, {700, 300, 300, 300}));  // beside it
    QVERIFY(!is_portrait({}, {350, 250, 300, 300}));
  }
};

QTEST_GUILESS_MAIN(TestFaces)
#include "tst_faces.moc"
