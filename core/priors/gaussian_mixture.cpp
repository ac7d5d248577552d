#include "core/priors/gaussian_mixture.h"

#include <ATen/ATen.h>

#include <cmath>

namespace mgdm {

namespace {

class MixtureDenoiser : public Denoiser {
 public:
  MixtureDenoiser(const GaussianMixture& m, NoiseSchedule schedule)
      : log_weights_(m.weights.log()), means_(m.means), schedule_(std::move(schedule)) {
    const auto [eigenvalues, basis] = at::linalg_eigh(m.covariances);  // C = Q diag(l) Q^T
    eigenvalues_ = eigenvalues;
    const int64_t k = means_.size(0), d = means_.size(1);
    rotations_ = basis.permute({1, 0, 2}).reshape({d, k * d}).contiguous();  // [Q_1 ... Q_K]
    rotated_means_ = at::bmm(means_.unsqueeze(1), basis).reshape({1, k * d});
  }

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> scale, variance;
    for (const int t : levels) {
      const double a = schedule_.alpha_bar(t);
      scale.push_back(1 / std::sqrt(a));
      variance.push_back((1 - a) / a);
    }
    const at::Tensor x = x_t.to(at::kDouble);
    return estimate(x * per_sample(scale, x), per_sample(variance, x).unsqueeze(2)).to(x_t.scalar_type());
  }

  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    const at::Tensor wide = x.to(at::kDouble);
    return estimate(wide, per_sample({sigma * sigma}, wide).unsqueeze(2)).to(x.scalar_type());
  }

 private:
  // x = x_0 + n with n of `variance` [B or 1, 1, 1]
  at::Tensor estimate(const at::Tensor& x, const at::Tensor& variance) const {
    const int64_t n = x.size(0), k = means_.size(0), d = means_.size(1);
    // All rotations Q_k^T (x - mu_k) in one product, and the way back in another.
    const at::Tensor v = (x.mm(rotations_) - rotated_means_).reshape({n, k, d});
    const at::Tensor spread = eigenvalues_.unsqueeze(0) + variance;  // [B or 1, K, d]
    const at::Tensor log_density = log_weights_ - 0.5 * (v * v / spread + spread.log()).sum(2);
    const at::Tensor responsibility = at::softmax(log_density, 1);
    const at::Tensor moved = responsibility.unsqueeze(2) * (eigenvalues_.unsqueeze(0) / spread) * v;
    return responsibility.mm(means_) + moved.reshape({n, k * d}).mm(rotations_.t());
  }

  at::Tensor log_weights_, means_, eigenvalues_, rotations_, rotated_means_;
  NoiseSchedule schedule_;
};

}  // namespace

at::Tensor GaussianMixture::sample(int64_t n, at::Generator generator) const {
  const at::Tensor component = at::multinomial(weights, n, true, generator);
  const auto [eigenvalues, basis] = at::linalg_eigh(covariances);
  const at::Tensor root = basis * eigenvalues.clamp_min(0).sqrt().unsqueeze(1);  // C = root root^T
  const at::Tensor z = at::randn({n, means.size(1)}, generator, means.options());
  return means.index_select(0, component) + at::bmm(root.index_select(0, component), z.unsqueeze(2)).squeeze(2);
}

GaussianMixture GaussianMixture::posterior(const at::Tensor& a, const at::Tensor& y, double sigma) const {
  GaussianMixture result;
  std::vector<at::Tensor> log_weights, new_means, new_covariances;
  const at::Tensor noise = at::eye(a.size(0), a.options()) * (sigma * sigma);
  for (int64_t k = 0; k < means.size(0); ++k) {
    const at::Tensor c = covariances[k], s = a.mm(c).mm(a.t()) + noise;
    const at::Tensor gain = at::linalg_solve(s, a.mm(c)).t();  // C A^T S^-1
    const at::Tensor r = y - a.mv(means[k]);
    new_means.push_back(means[k] + gain.mv(r));
    new_covariances.push_back(c - gain.mm(a).mm(c));
    const at::Tensor quadratic = r.dot(at::linalg_solve(s, r.unsqueeze(1)).squeeze(1));
    log_weights.push_back(weights[k].log() - 0.5 * (quadratic + at::logdet(s)));
  }
  result.weights = at::softmax(at::stack(log_weights), 0);
  result.means = at::stack(new_means);
  result.covariances = at::stack(new_covariances);
  return result;
}

Prior make_mixture_prior(const GaussianMixture& mixture, NoiseSchedule schedule) {
  Prior prior;
  prior.name = "gaussian mixture";
  prior.schedule = schedule;
  prior.denoiser = std::make_shared<MixtureDenoiser>(mixture, std::move(schedule));
  return prior;
}

}  // namespace mgdm
