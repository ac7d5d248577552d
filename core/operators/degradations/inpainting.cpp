#include "core/operators/degradations/inpainting.h"

#include <ATen/ATen.h>

#include <array>

#include "core/operators/masks.h"
#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class Inpainting : public Operator {
 public:
  Inpainting(std::vector<int64_t> shape, const at::Tensor& keep) : Operator(std::move(shape)) {
    const auto& s = signal_shape();
    if (keep.dim() != 2 || keep.size(0) != s[1] || keep.size(1) != s[2]) {
      throw OperatorError("the mask does not have the size of the image, " + std::to_string(s[2]) + "x" +
                          std::to_string(s[1]));
    }
    const at::Tensor pixels = keep.to(at::kCPU).flatten().to(at::kBool).nonzero().squeeze(1);
    if (pixels.numel() == 0) throw OperatorError("the mask leaves no pixel of the image to go by");
    // index of channel c of pixel p in the flattened [C, H, W] signal
    const at::Tensor channel = at::arange(s[0], pixels.options()) * (s[1] * s[2]);
    index_ = (pixels.unsqueeze(1) + channel.unsqueeze(0)).flatten();
    at::Tensor seen = at::zeros({signal_size()}, at::kBool);
    seen.index_fill_(0, index_, true);
    order_ = at::cat({index_, seen.logical_not().nonzero().squeeze(1)});
    place_ = order_.argsort();
  }
  at::Tensor apply(const at::Tensor& x) const override { return x.flatten(1).index_select(1, on(x)); }
  at::Tensor adjoint(const at::Tensor& y) const override {
    return as_signal(at::zeros({y.size(0), signal_size()}, y.options()).index_copy(1, on(y), y));
  }
  at::Tensor from_photo(const at::Tensor& photo) const override { return apply(photo); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override { return adjoint(y); }
  at::Tensor display(const at::Tensor& y) const override { return adjoint(y); }
  // V sorts the seen values before the others.
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return at::ones({index_.numel()}, at::kDouble); }
  at::Tensor to_spectral(const at::Tensor& x) const override {
    return x.flatten(1).index_select(1, order_.to(x.device()));
  }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    return as_signal(z.index_select(1, place_.to(z.device())));
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }

 private:
  at::Tensor on(const at::Tensor& like) const { return index_.to(like.device()); }
  at::Tensor index_, order_, place_;
};

}  // namespace

std::unique_ptr<Operator> make_inpainting(std::vector<int64_t> shape, const at::Tensor& keep) {
  return std::make_unique<Inpainting>(std::move(shape), keep);
}

std::vector<Task> describe_inpainting() {
  Task painted{.name = "inpainting",
               .label = "Fill what I painted",
               .help = "Fills the painted pixels; the rest is kept.",
               .rank = 10,
               .group = "Missing parts",
               .noise = 0.02,
               .needs_mask = true,
               .repairs = false,
               .make = [](const Settings&, const std::vector<int64_t>& shape, const Given& given) {
                 if (!given.mask.defined()) throw OperatorError("task 'inpainting' needs a mask");
                 const at::Tensor hole = given.mask.to(at::kBool);
                 if (!hole.any().item<bool>()) throw OperatorError("the mask is empty: paint the part to fill first");
                 return make_inpainting(shape, hole.logical_not());
               }};
  Task random{.name = "inpainting_random",
              .label = "Random pixels missing",
              .help = "A share of all pixels, drawn at random, is missing.",
              .rank = 70,
              .group = "Missing parts",
              .settings = {real_setting("rate", "Missing share", "Share of the pixels that is missing, 0 to 1.", 0.95,
                                        0.0, 0.999),
                           {"mask_seed", "Mask seed", "Seed of the random mask.", SettingKind::Integer, 0, 0, 1e9, {}}},
              .repairs = false,
              .make = [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
                return make_inpainting(shape, random_keep(shape, settings.at("rate"), settings.at("mask_seed")));
              }};
  // Those of the paper: a box, in its images' 256 x 256 pixels, is missing or all that is known.
  const auto boxed = [](const char* name, const char* label, const char* help, int rank, std::array<double, 4> box,
                        bool missing) {
    return Task{.name = name,
                .label = label,
                .help = help,
                .rank = rank,
                .group = "Missing parts",
                .repairs = false,
                .make = [box, missing](const Settings&, const std::vector<int64_t>& shape, const Given&) {
                  const at::Tensor inside = box_mask(shape, box[0], box[1], box[2], box[3]);
                  return make_inpainting(shape, missing ? inside.logical_not() : inside);
                }};
  };
  return {painted,
          boxed("inpainting_center", "Missing centre", "The central 150/256 of each side is missing.", 20,
                {50, 200, 50, 200}, true),
          boxed("outpainting_half", "Missing right half", "The right half is missing.", 30, {0, 256, 0, 128}, false),
          boxed("outpainting_top", "Missing top half", "The upper half is missing.", 40, {128, 256, 0, 256}, false),
          boxed("outpainting_bottom", "Missing bottom half", "The lower half is missing.", 50, {0, 128, 0, 256}, false),
          boxed("outpainting_expand", "Expand the centre", "Only the central 78/256 of each side is known.", 60,
                {89, 167, 89, 167}, false),
          random};
}

}  // namespace mgdm
