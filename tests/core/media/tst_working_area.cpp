// The working area: what the network sees of a photo, and that nothing else of it changes.
#include <ATen/ATen.h>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/media/working_area.h"

using namespace mgdm;

namespace {

Photo noise_photo(int type, int rows, int cols) {
  Photo photo;
  photo.pixels = cv::Mat(rows, cols, type);
  cv::RNG random(3);
  random.fill(photo.pixels, cv::RNG::UNIFORM, 0, photo.sixteen_bit() ? 65536 : 256);
  return photo;
}

/// Pixels that differ, as CV_8UC1.
cv::Mat difference(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat d;
  cv::absdiff(a, b, d);
  std::vector<cv::Mat> planes;
  cv::split(d, planes);
  cv::Mat any = planes[0] > 0;
  for (size_t c = 1; c < planes.size(); ++c) any |= planes[c] > 0;
  return any;
}

}  // namespace

class TestWorkingArea : public QObject {
  Q_OBJECT
  const ColorTransform srgb_{std::string()};

 private Q_SLOTS:
  void theWholePhotoWhereItFits() {
    const WorkingArea a = whole_photo_area({336, 256}, 256);
    QCOMPARE(a.rect, cv::Rect(0, 0, 336, 256));
    QVERIFY(a.width == 336 && a.height == 256);
    const WorkingArea b = whole_photo_area({6000, 4000}, 256);
    QVERIFY(b.height == 256 && b.width == 384 && b.rect.width == 6000);
    const WorkingArea panorama = whole_photo_area({4000, 500}, 256);
    QCOMPARE(panorama.rect, cv::Rect(1750, 0, 500, 500));
    QVERIFY(panorama.width == 256 && panorama.height == 256);
    for (const auto& size : {cv::Size(301, 257), cv::Size(50, 50), cv::Size(1, 9000), cv::Size(513, 511)}) {
      const WorkingArea c = whole_photo_area(size, 256);
      QVERIFY((c.rect & cv::Rect({0, 0}, size)) == c.rect && !c.rect.empty());
      if (size.width < 2 * size.height && size.height < 2 * size.width)
        QVERIFY(c.rect.size() == size);  // no rim is left out
      QVERIFY(c.width % 8 == 0 && c.height % 8 == 0 && c.width >= 64 && c.height >= 64 && c.width <= 512 &&
              c.height <= 512);
    }
  }

  void squaresStayInside() {
    const WorkingArea a = square_area({1000, 800}, {990, 10}, 300, 250);
    QCOMPARE(a.rect, cv::Rect(700, 0, 300, 300));
    QCOMPARE(a.width, 248);
    QCOMPARE(square_area({1000, 800}, {500, 400}, 5000, 9999).rect.width, 800);
    QCOMPARE(square_area({1000, 800}, {500, 400}, 5000, 9999).width, 512);
  }

  void cuttingAndPastingAtScaleOneIsExact_data() {
    QTest::addColumn<int>("type");
    QTest::newRow("8 bit") << CV_8UC3;
    QTest::newRow("8 bit alpha") << CV_8UC4;
    QTest::newRow("16 bit") << CV_16UC3;
    QTest::newRow("16 bit alpha") << CV_16UC4;
  }
  void cuttingAndPastingAtScaleOneIsExact() {
    QFETCH(int, type);
    Photo photo = noise_photo(type, 100, 120);
    const cv::Mat before = photo.pixels.clone();
    const WorkingArea area{{20, 10, 64, 72}, 64, 72};
    const at::Tensor signal = cut(photo, srgb_, area);
    QCOMPARE(signal.sizes(), (at::IntArrayRef{3, 72, 64}));
    paste(photo, srgb_, area, signal);
    QCOMPARE(cv::countNonZero(difference(photo.pixels, before)), 0);
  }

  void onlyPaintedPixelsChange() {
    for (const int scale : {1, 3}) {
      Photo photo = noise_photo(CV_16UC4, 300, 400);
      const cv::Mat before = photo.pixels.clone();
      const WorkingArea area{{60, 30, 64 * scale, 64 * scale}, 64, 64};
      cv::Mat mask(300, 400, CV_8UC1, cv::Scalar(0));
      mask(cv::Rect(area.rect.x + 10, area.rect.y + 12, 30, 25)).setTo(255);
      mask(cv::Rect(0, 290, 5, 5)).setTo(255);  // painted, but outside the area
      const at::Tensor hole = cut_mask(mask, area);
      QVERIFY(hole[12 / scale][10 / scale].item<bool>() && !hole[0][0].item<bool>() && !hole[60][60].item<bool>());
      paste(photo, srgb_, area, at::full({3, 64, 64}, -1.0), {.mask = mask});
      const cv::Mat changed = difference(photo.pixels, before);
      cv::Mat outside = changed.clone();
      outside(cv::Rect(area.rect.x + 10, area.rect.y + 12, 30, 25)).setTo(0);
      QCOMPARE(cv::countNonZero(outside), 0);
      QVERIFY(cv::countNonZero(changed) > 700);
      QCOMPARE(photo.pixels.at<cv::Vec4w>(area.rect.y + 24, area.rect.x + 24)[0], 0);  // the middle is the result
      QCOMPARE(photo.pixels.at<cv::Vec4w>(area.rect.y + 24, area.rect.x + 24)[3],
               before.at<cv::Vec4w>(area.rect.y + 24, area.rect.x + 24)[3]);
    }
  }

  void theEdgeIsSoftInsideTheAreaOnly() {
    const WorkingArea area{{50, 40, 128, 128}, 64, 64};
    const cv::Mat w = paste_weight({300, 200}, area, {.mask = {}, .feather = 10});
    QVERIFY(w.at<float>(64, 0) > 0 && w.at<float>(64, 0) < 0.05f);
    QVERIFY(w.at<float>(64, 5) > w.at<float>(64, 2) && w.at<float>(64, 12) == 1.0f && w.at<float>(64, 64) == 1.0f);
    // Along the photo's own border there is nothing to blend with.
    const cv::Mat border = paste_weight({178, 200}, area, {.mask = {}, .feather = 10});
    QCOMPARE(border.at<float>(64, 127), 1.0f);
    const cv::Mat whole = paste_weight({128, 128}, {{0, 0, 128, 128}, 64, 64}, {});
    double low = 0;
    cv::minMaxLoc(whole, &low);
    QCOMPARE(low, 1.0);
  }

  void softPaintIsOpacity() {
    Photo photo = noise_photo(CV_8UC3, 64, 64);
    photo.pixels.setTo(cv::Scalar(0, 0, 0));
    cv::Mat mask(64, 64, CV_8UC1, cv::Scalar(128));
    paste(photo, srgb_, {{0, 0, 64, 64}, 64, 64}, at::ones({3, 64, 64}), {.mask = mask, .feather = 0});
    QCOMPARE(photo.pixels.at<cv::Vec3b>(30, 30)[1], 128);
  }

  void noiseIsEstimated() {
    at::manual_seed(5);
    const at::Tensor clean = at::linspace(-0.8, 0.8, 256).expand({3, 256, 256});
    for (const double sigma : {0.02, 0.1, 0.4}) {
      const double guess = estimate_noise(clean + sigma * at::randn({3, 256, 256}));
      QVERIFY2(std::abs(guess / sigma - 1) < 0.05, qPrintable(QString("%1 for %2").arg(guess).arg(sigma)));
    }
    QVERIFY(estimate_noise(clean) < 0.005);
    for (const auto& [h, w] : {std::pair{1, 20000}, {20000, 1}, {1, 1}})
      QCOMPARE(estimate_noise(at::zeros({3, h, w})), 0.0);
  }

  // As run.json keeps it, of photos of any size that are opened.
  void areasAreRecorded() {
    for (const auto& area : {WorkingArea{{0, 0, 12000, 9000}, 12000, 9000}, WorkingArea{{0, 0, 20000, 1}, 20000, 1},
                             WorkingArea{{5, 6, 70, 80}, 1120, 1280}})
      QVERIFY(area_from_json(area_json(area), {20000, 9000}) == area);
    auto odd = area_json({{0, 0, 10, 10}, 100000, 100000});
    QVERIFY_EXCEPTION_THROWN(area_from_json(odd, {20000, 9000}), MediaError);
    odd = area_json({{19995, 0, 10, 10}, 10, 10});
    QVERIFY_EXCEPTION_THROWN(area_from_json(odd, {20000, 9000}), MediaError);
  }
};

QTEST_GUILESS_MAIN(TestWorkingArea)
#include "tst_working_area.moc"
