#include "core/compare/toy_problem.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "core/files/json_text.h"
#include "core/operators/matrix.h"
#include "core/runs/sampling.h"
#include "core/samplers/description.h"

namespace mgdm {

namespace {

using nlohmann::json;
const auto kDouble = at::TensorOptions().dtype(at::kDouble);
constexpr int kSets = 8, kDirections = 1000;

/// Nested lists of numbers as a float64 tensor; what is not rectangular or not a number is an error.
at::Tensor tensor_of(const json& root, const std::string& key, int64_t dimensions, const std::string& file) {
  if (!root.contains(key)) throw ToyError(file + ": has no '" + key + "'");
  std::vector<double> values;
  std::vector<int64_t> shape;
  const std::function<void(const json&, size_t)> walk = [&](const json& node, size_t depth) {
    if (static_cast<int64_t>(depth) == dimensions) {
      if (!node.is_number() || !std::isfinite(node.get<double>()))
        throw ToyError(file + ": '" + key + "' holds something that is not a number");
      values.push_back(node.get<double>());
      return;
    }
    if (!node.is_array() || node.empty())
      throw ToyError(file + ": '" + key + "' must be a list of " + std::to_string(dimensions) + " level(s)");
    const auto size = static_cast<int64_t>(node.size());
    if (shape.size() == depth) shape.push_back(size);
    if (shape[depth] != size) throw ToyError(file + ": the rows of '" + key + "' have different lengths");
    for (const auto& child : node) walk(child, depth + 1);
  };
  walk(root[key], 0);
  return at::tensor(values, kDouble).reshape(shape);
}

at::Generator generator_of(uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

double total_variation_of_modes(const GaussianMixture& posterior, const at::Tensor& x) {
  // Each sample belongs to the component that most likely made it.
  std::vector<at::Tensor> scores;
  const int64_t d = x.size(1);
  for (int64_t k = 0; k < posterior.means.size(0); ++k) {
    const at::Tensor covariance = posterior.covariances[k] + 1e-12 * at::eye(d, kDouble);
    const at::Tensor r = x - posterior.means[k];
    scores.push_back(posterior.weights[k].log() -
                     0.5 * ((r * at::linalg_solve(covariance, r.t()).t()).sum(1) + at::logdet(covariance)));
  }
  const at::Tensor owner = at::stack(scores, 1).argmax(1);
  const at::Tensor share =
      at::bincount(owner, {}, posterior.means.size(0)).to(at::kDouble) / static_cast<double>(x.size(0));
  return 0.5 * (share - posterior.weights).abs().sum().item<double>();
}

}  // namespace

ToyProblem make_toy_problem(const std::string& name, const GaussianMixture& prior, const at::Tensor& a,
                            const at::Tensor& y, double sigma, NoiseSchedule schedule) {
  ToyProblem p;
  p.name = name;
  p.prior = prior;
  p.posterior = prior.posterior(a, y, sigma);
  p.denoiser = make_mixture_prior(prior, std::move(schedule));
  p.likelihood = std::make_shared<GaussianLikelihood>(make_matrix(a), y.unsqueeze(0), sigma);
  return p;
}

ToyProblem read_toy_problem(const std::filesystem::path& path) {
  const std::string file = path.string();
  if (!std::ifstream(path)) throw ToyError(file + ": cannot be opened");
  const json root = read_json(path);
  if (!root.is_object()) throw ToyError(file + ": is not a JSON object");
  GaussianMixture prior;
  prior.weights = tensor_of(root, "weights", 1, file);
  prior.means = tensor_of(root, "means", 2, file);
  const int64_t k = prior.weights.size(0), d = prior.means.size(1);
  if (prior.means.size(0) != k) throw ToyError(file + ": 'weights' and 'means' have different lengths");
  if (prior.weights.le(0).any().item<bool>()) throw ToyError(file + ": 'weights' must be positive");
  prior.weights = prior.weights / prior.weights.sum();
  prior.covariances = root.contains("covs") && !root["covs"].is_null()
                          ? tensor_of(root, "covs", 3, file)
                          : at::diag_embed(tensor_of(root, "covs_diag", 2, file));
  if (prior.covariances.sizes() != at::IntArrayRef({k, d, d}))
    throw ToyError(file + ": the covariances must be " + std::to_string(k) + " of " + std::to_string(d) + " x " +
                   std::to_string(d));
  if (std::get<0>(at::linalg_eigh(prior.covariances)).min().item<double>() < -1e-9)
    throw ToyError(file + ": a covariance is not positive semi-definite");
  const at::Tensor a = tensor_of(root, "A", 2, file), y = tensor_of(root, "y", 1, file);
  if (a.size(1) != d) throw ToyError(file + ": 'A' must have as many columns as the means, " + std::to_string(d));
  if (a.size(0) != y.size(0)) throw ToyError(file + ": 'A' must have as many rows as 'y'");
  if (!root.contains("sigma_y") || !root["sigma_y"].is_number() || !(root["sigma_y"].get<double>() > 0))
    throw ToyError(file + ": 'sigma_y' must be a positive number");
  const std::string name =
      root.contains("name") && root["name"].is_string() ? root["name"].get<std::string>() : path.stem().string();
  return make_toy_problem(name, prior, a, y, root["sigma_y"]);
}

double sliced_wasserstein(const at::Tensor& a, const at::Tensor& b, const at::Tensor& directions) {
  const auto project = [&](const at::Tensor& x) { return std::get<0>(x.to(at::kDouble).mm(directions.t()).sort(0)); };
  if (!a.isfinite().all().item<bool>()) return std::nan("");
  return (project(a) - project(b)).abs().mean().item<double>();
}

at::Tensor random_directions(int64_t count, int64_t dim, uint64_t seed) {
  const at::Tensor z = at::randn({count, dim}, generator_of(seed), kDouble);
  return z / z.norm(2, {1}, true);
}

ToyReport run_toy(const ToyProblem& problem, const std::string& sampler_name, const std::string& preset,
                  const Settings& settings, int64_t chains, uint64_t seed, at::ScalarType precision,
                  std::stop_token stop) {
  if (chains < 2) throw SettingError("--chains is " + std::to_string(chains) + ", must be at least 2");
  const SamplerDescription& description = find_sampler(sampler_name);
  Method method{&description, sampler_settings(description, preset, settings), {}};
  method.sampler = description.make(method.settings);
  Problem posed;
  posed.signal = {problem.dim()};
  posed.likelihood = std::make_shared<GaussianLikelihood>(
      std::shared_ptr<const Operator>(problem.likelihood, &problem.likelihood->degradation()),
      problem.likelihood->observation().to(precision), problem.likelihood->sigma());
  const auto started = std::chrono::steady_clock::now();
  const SamplerResult result =
      sample(problem.denoiser, posed, method,
             {.samples = chains, .noise_seed = seed, .type = precision, .stop = std::move(stop)});
  ToyReport report;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  report.samples = result.x0.to(at::kDouble);
  report.forward = result.evaluations.forward;
  report.backward = result.evaluations.backward;

  // Sets of their own seed: the same exact samples for every sampler.
  at::Generator generator = generator_of(20240717);
  const at::Tensor directions = random_directions(kDirections, problem.dim());
  const auto project = [&](const at::Tensor& x) { return std::get<0>(x.mm(directions.t()).sort(0)); };
  std::vector<at::Tensor> sets, others;
  for (int i = 0; i < kSets; ++i) sets.push_back(project(problem.posterior.sample(chains, generator)));
  for (int i = 0; i < kSets; ++i) others.push_back(problem.posterior.sample(chains, generator));
  const auto distance = [&](const at::Tensor& x) {
    if (!x.isfinite().all().item<bool>()) return std::nan("");
    const at::Tensor mine = project(x);
    double sum = 0;
    for (const at::Tensor& set : sets) sum += (mine - set).abs().mean().item<double>();
    return sum / kSets;
  };
  const auto residual = [&](const at::Tensor& x) {
    return problem.likelihood->residual(x).square().mean().sqrt().item<double>();
  };
  std::vector<double> floors;
  for (const at::Tensor& other : others) floors.push_back(distance(other));
  const at::Tensor floor = at::tensor(floors, kDouble);
  report.floor = floor.mean().item<double>();
  report.floor_std = floor.std().item<double>();
  report.distance = distance(report.samples);
  report.prior_distance = distance(problem.prior.sample(chains, generator));
  report.mode_error = total_variation_of_modes(problem.posterior, report.samples);
  report.residual = residual(report.samples);
  report.exact_residual = residual(at::cat(others));
  return report;
}

void write_npy(const std::filesystem::path& file, const at::Tensor& array) {
  const at::Tensor data = array.to(at::kDouble).contiguous();
  std::string shape;
  for (const int64_t n : data.sizes()) shape += std::to_string(n) + ", ";
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::ofstream out(file, std::ios::binary);
  const auto length = static_cast<uint16_t>(header.size());
  out << "\x93NUMPY" << '\x01' << '\x00' << static_cast<char>(length & 255) << static_cast<char>(length >> 8) << header;
  out.write(static_cast<const char*>(data.data_ptr()), static_cast<std::streamsize>(data.numel() * 8));
  out.flush();
  if (!out) throw ToyError(file.string() + ": cannot be written");
}

}  // namespace mgdm
