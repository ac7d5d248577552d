#include "core/priors/gaussian_mixture.h"

#include <cmath>

namespace mgdm {

namespace {

class MixtureDenoiser : public Denoiser {
 public:
  MixtureDenoiser(const GaussianMixture& m, NoiseSchedule schedule)
      : log_weights_(m.weights.log()), means_(m.means), schedule_(std::move(schedule)) {
    std::tie(eigenvalues_, basis_) = at::linalg_eigh(m.covariances);  // C = Q diag(l) Q^T
  }

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> table;
    for (const int t : levels) table.push_back(schedule_.alpha_bar(t));
    const at::Tensor x = x_t.to(at::kDouble);
    const at::Tensor a = per_sample(table, x).unsqueeze(2);                            // [B or 1, 1, 1]
    const at::Tensor centred = x.unsqueeze(1) - a.sqrt() * means_.unsqueeze(0);        // [B, K, d]
    const at::Tensor v = at::einsum("kij,bki->bkj", {basis_, centred});                // Q^T r
    const at::Tensor spread = a * eigenvalues_.unsqueeze(0) + (1.0 - a);               // [B or 1, K, d]
    const at::Tensor log_density = log_weights_ - 0.5 * (v * v / spread + spread.log()).sum(2);
    const at::Tensor responsibility = at::softmax(log_density, 1).unsqueeze(2);
    const at::Tensor gain = a.sqrt() * eigenvalues_.unsqueeze(0) / spread;
    const at::Tensor mean = means_.unsqueeze(0) + at::einsum("kij,bkj->bki", {basis_, gain * v});
    return (responsibility * mean).sum(1).to(x_t.scalar_type());
  }

 private:
  at::Tensor log_weights_, means_, eigenvalues_, basis_;
  NoiseSchedule schedule_;
};

}  // namespace

at::Tensor GaussianMixture::sample(int64_t n, at::Generator generator) const {
  const at::Tensor component = at::multinomial(weights, n, true, generator);
  const auto [eigenvalues, basis] = at::linalg_eigh(covariances);
  const at::Tensor root = basis * eigenvalues.clamp_min(0).sqrt().unsqueeze(1);  // C = root root^T
  const at::Tensor z = at::randn({n, means.size(1)}, generator, means.options());
  return means.index_select(0, component) +
         at::bmm(root.index_select(0, component), z.unsqueeze(2)).squeeze(2);
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
