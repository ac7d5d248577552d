// Stable Diffusion 1.5 in its full size, with random weights: one step of a run at 512 pixels, forward and back through
// decoder and U-Net, within a bound of memory.
#include <ATen/ATen.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <cstring>
#include <fstream>

#include "core/priors/known_models.h"
#include "core/priors/photo_prior.h"
#include "core/priors/published_family.h"
#include "core/priors/published_model.h"
#include "tests/oracle.h"

using namespace mgdm;

class TestFullSize : public QObject {
  Q_OBJECT

  // In GB, as Linux counts: "VmRSS:" now, "VmHWM:" the most since the peak was forgotten, "MemAvailable:" of the
  // machine.
  static double gigabytes(const char* file, const char* key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.rfind(key, 0) == 0) return static_cast<double>(std::atoll(line.c_str() + std::strlen(key))) / 1e6;
    }
    return 0;
  }

 private Q_SLOTS:
  void aStepAt512PixelsIsBounded() {
    if (gigabytes("/proc/meminfo", "MemAvailable:") < 10) QSKIP("the machine has less than 10 GB of memory free");
    const KnownModel& known = known_model("sd-1.5");
    const at::ScalarType type = resolve_precision("auto", at::kCPU);
    Prior prior;
    {
      const PublishedModel model = published_from(random_weights(known, 1), known.config, "random");
      QVERIFY(model.known == &known);
      model.set_recompute(true);
      prior = model.family->photo_prior(model, "random", at::kCPU, type);
    }
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << 5;
    const double before = gigabytes("/proc/self/status", "VmRSS:");
    const at::Tensor z = at::randn({1, 4, 64, 64}, at::detail::createCPUGenerator(1), at::kFloat).requires_grad_(true);
    const at::Tensor image = prior.codec->decode(prior.denoiser->predict_x0(z, {500}));
    QCOMPARE(image.sizes(), at::IntArrayRef({1, 3, 512, 512}));
    const at::Tensor gradient = torch::autograd::grad({image.square().sum()}, {z})[0];
    const double peak = gigabytes("/proc/self/status", "VmHWM:") - before;
    qInfo("%s: weights %.1f GB, one step %.2f GB beside them", type == at::kFloat ? "float32" : "bfloat16", before,
          peak);
    QVERIFY(gradient.isfinite().all().item<bool>() && gradient.abs().max().item<double>() > 0);
    QVERIFY2(before < (type == at::kFloat ? 5.5 : 3.5), qPrintable(QString::number(before)));
    QVERIFY2(peak < (type == at::kFloat ? 5.0 : 2.5), qPrintable(QString::number(peak)));
  }
};

QTEST_GUILESS_MAIN(TestFullSize)
#include "tst_full_size.moc"
