// Objects that are selected by a click or a rectangle, and masks that grow, shrink and soften.
#include <QtTest>
#include <opencv2/imgproc.hpp>

#include "core/media/selection.h"

using namespace mgdm;

namespace {

// A red disc with a yellow middle on a green meadow with texture.
cv::Mat meadow(cv::Size size, cv::Point centre, int radius) {
  cv::Mat rgb(size, CV_8UC3);
  cv::RNG random(3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x)
      rgb.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uchar>(30 + random.uniform(0, 40)), static_cast<uchar>(120 + random.uniform(0, 60)),
                    static_cast<uchar>(40 + random.uniform(0, 30)));
  }
  cv::circle(rgb, centre, radius, {210, 40, 30}, cv::FILLED);
  cv::circle(rgb, centre, radius / 3, {240, 220, 60}, cv::FILLED);
  return rgb;
}

double overlap(const cv::Mat& selected, cv::Point centre, int radius) {  // intersection over union
  cv::Mat disc = cv::Mat::zeros(selected.size(), CV_8UC1);
  cv::circle(disc, centre, radius, 255, cv::FILLED);
  return static_cast<double>(cv::countNonZero(disc & selected)) / cv::countNonZero(disc | selected);
}

}  // namespace

class TestSelection : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aRoughRectangleIsEnough() {
    const cv::Point centre(700, 500);
    const cv::Mat rgb = meadow({1600, 1100}, centre, 150);
    const cv::Mat selected = select_object(rgb, {500, 320, 400, 380});
    QCOMPARE(selected.size(), rgb.size());
    QVERIFY2(overlap(selected, centre, 150) > 0.95, qPrintable(QString::number(overlap(selected, centre, 150))));
  }

  void aClickIsEnough() {
    const cv::Point centre(700, 500);
    const cv::Mat rgb = meadow({1600, 1100}, centre, 120);
    cv::Mat hints = cv::Mat::zeros(rgb.size(), CV_8UC1);
    cv::circle(hints, centre, 8, kBelongs, cv::FILLED);
    const cv::Mat selected = select_object(rgb, around_click(rgb.size(), centre), hints);
    QVERIFY2(overlap(selected, centre, 120) > 0.9, qPrintable(QString::number(overlap(selected, centre, 120))));
  }

  void strokesSayWhatIsMeant() {
    // Two discs in the rectangle: both are selected, until a stroke says that one does not belong.
    cv::Mat rgb = meadow({800, 500}, {250, 250}, 80);
    cv::circle(rgb, {550, 250}, 80, {40, 60, 220}, cv::FILLED);
    const cv::Rect around(130, 130, 540, 240);
    QVERIFY(select_object(rgb, around).at<uchar>(250, 550) != 0);
    cv::Mat hints = cv::Mat::zeros(rgb.size(), CV_8UC1);
    cv::circle(hints, {550, 250}, 70, kDoesNotBelong, cv::FILLED);
    const cv::Mat selected = select_object(rgb, around, hints);
    QVERIFY(selected.at<uchar>(250, 550) == 0);
    QVERIFY(selected.at<uchar>(290, 250) != 0);
  }

  void whatCannotBeToldApartIsNothing() {
    const cv::Mat rgb = meadow({200, 150}, {100, 75}, 40);
    QCOMPARE(cv::countNonZero(select_object(rgb, {0, 0, 200, 150})), 0);  // no background is known
    QCOMPARE(cv::countNonZero(select_object(rgb, {500, 500, 20, 20})), 0);
    QCOMPARE(cv::countNonZero(select_object(rgb, {10, 10, 1, 1})), 0);
    QCOMPARE(around_click({200, 150}, {0, 149}) & cv::Rect(0, 0, 200, 150), around_click({200, 150}, {0, 149}));
  }

  void masksGrowAndShrink() {
    cv::Mat mask = cv::Mat::zeros(100, 120, CV_8UC1);
    mask(cv::Rect(40, 40, 30, 20)).setTo(255);
    const cv::Mat larger = grown(mask, 5);
    QCOMPARE(cv::boundingRect(larger), cv::Rect(35, 35, 40, 30));
    QCOMPARE(cv::boundingRect(grown(mask, -5)), cv::Rect(45, 45, 20, 10));
    QCOMPARE(cv::countNonZero(grown(mask, -50)), 0);
    // Growing closes what shrinking opened, but for the corners.
    QVERIFY(cv::countNonZero(grown(grown(mask, -5), 5) != mask) < 60);
    const cv::Mat soft = feathered(mask, 6);
    QCOMPARE(cv::countNonZero(soft & (mask == 0)), 0);
    QVERIFY(soft.at<uchar>(50, 55) == 255 && soft.at<uchar>(50, 40) < 100 &&
            soft.at<uchar>(50, 43) > soft.at<uchar>(50, 40));
  }
};

QTEST_GUILESS_MAIN(TestSelection)
#include "tst_selection.moc"
