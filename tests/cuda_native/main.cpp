// Checks module 22 on a GPU: kernels against the CPU, and a small GPT that trains in both places. Exits with 77, which ctest
// takes for "skipped", where there is no GPU. With --times also: how long the kernels take, as one line of JSON.
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "13_transformers/transformer.hpp"
#include "22_cuda/cuda.hpp"
#include "graphs.hpp"
#include "roofs.hpp"

namespace rushlight {
namespace {

constexpr Device gpu = Device::cuda;
int failures = 0;

void expect(bool right, const std::string& what) {
  if (right) return;
  ++failures;
  std::printf("wrong: %s\n", what.c_str());
}

bool agree(const Array& there, const Array& here) {
  const Array back = there.cpu();
  if (back.shape() != here.shape()) return false;
  for (std::int64_t i = 0; i < here.size(); ++i) {
    const double expected = static_cast<double>(here.data()[i]), found = static_cast<double>(back.data()[i]);
    if (!(std::fabs(found - expected) <= 1e-6 + 1e-4 * std::fabs(expected))) return false;  // false for NaN, too
  }
  return true;
}

Array numbers(const Shape& shape) {
  Array x(shape);
  for (std::int64_t i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<Real>(0.5 + (i * 7919 % 1009) / 1009.0);
  return x;
}

void check_primitives() {
  using Primitive = std::function<Array(const Array& x, const Array& y)>;
  const std::vector<std::pair<const char*, Primitive>> all{
      {"add", [](const Array& x, const Array& y) { return x + y; }},
      {"div", [](const Array& x, const Array& y) { return x / y; }},
      {"exp", [](const Array& x, const Array&) { return exp(x); }},
      {"where", [](const Array& x, const Array& y) { return where(less(x, y), x, y); }},
      {"sum", [](const Array& x, const Array&) { return sum(x, {1}); }},
      {"sum of all", [](const Array& x, const Array&) { return sum(x); }},
      {"max", [](const Array& x, const Array&) { return max(x, {2}); }},
      {"matmul", [](const Array& x, const Array&) { return matmul(x, x, {.transpose_b = true}); }},
      {"transpose", [](const Array& x, const Array&) { return transpose(x, 1, 2); }},
      {"slice",
       [](const Array& x, const Array&) {
         return slice(x, 2, {1, slice_end, 3});
       }},
      {"concat",
       [](const Array& x, const Array&) {
         return concat(Arrays{x, x}, 1);
       }},
  };
  const Array x = numbers({3, 70, 130}), y = numbers({70, 1});
  const Array x_there = x.to(gpu), y_there = y.to(gpu);
  for (const auto& [name, f] : all) expect(agree(f(x_there, y_there), f(x, y)), name);
}

std::vector<double> train(Device where) {
  Generator generator(3);
  GPT gpt({.vocabulary = 11, .context = 6, .width = 16, .layers = 2, .heads = 2}, generator);
  gpt.to(where);
  AdamW optimizer(gpt.parameters(), {.lr = 1e-2});
  const Indices ids({2, 6}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1}), next({2, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 0});
  std::vector<double> losses;
  for (int step = 0; step < 20; ++step) {
    const Tensor loss = cross_entropy(gpt.forward(ids.to(where)), next);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    losses.push_back(static_cast<double>(loss.item()));
  }
  return losses;
}

void check_times() {
  cuda::install({.cached = true});
  const Roofs roofs = measure_roofs();
  std::printf("{\"card\": \"%s\", \"copy_gb_per_s\": %.1f, \"kernels\": [", cuda::device_name(), roofs.copy_gb_per_s);
  const char* between = "";
  for (const Timed& each : roofs.kernels) {
    std::printf("%s{\"kernel\": \"%s\", \"shape\": \"%s\", \"roof\": \"%s\", \"ms\": %.4f, \"floor_ms\": %.4f}",
                between, each.kernel.c_str(), each.shape.c_str(), each.roof.c_str(), each.ms, each.floor_ms);
    between = ", ";
    expect(each.believable(), each.kernel + ": it took less time than the card needs");
  }
  std::printf("]}\n");
  for (const std::string& kernel : roofs.wrong) expect(false, kernel + " at the shape that is timed");
  cuda::remove();
}

int run(bool times) {
  try {
    cuda::install();
  } catch (const DeviceError& error) {
    std::printf("SKIP: %s\n", error.what());
    return 77;
  }
  std::printf("device: %s\n", cuda::device_name());
  check_primitives();
  const std::vector<double> here = train(Device::cpu), there = train(gpu);
  for (std::size_t i = 0; i < here.size(); ++i) {
    expect(std::fabs(there[i] - here[i]) <= 1e-3 * here[i], "loss of step " + std::to_string(i));
  }
  cuda::remove();
  expect(a_captured_step_trains_to_the_same_bits(), "a training step in a captured graph");
  if (times) check_times();
  std::printf("%d wrong\n", failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace rushlight

int main(int argc, char** argv) {
  try {
    return rushlight::run(argc == 2 && std::string(argv[1]) == "--times");
  } catch (const rushlight::Error& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
