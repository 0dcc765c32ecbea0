// race.cpp: one point of a surface walks down by module 06's update. The gradient comes from module 05.
#include <functional>
#include <memory>

#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

using Surface = std::function<Tensor(const Tensor& x, const Tensor& y)>;

Surface surface_of(const std::string& name) {
  if (name == "valley") return [](const Tensor& x, const Tensor& y) { return 0.05 * x * x + y * y; };
  if (name == "banana") {  // Rosenbrock, 1960, with a gentler wall
    return [](const Tensor& x, const Tensor& y) { return pow(Tensor(1) - x, 2) + 10 * pow(y - x * x, 2); };
  }
  if (name == "saddle") {
    return [](const Tensor& x, const Tensor& y) { return 0.5 * x * x - 0.5 * y * y + 0.1 * pow(y, 4); };
  }
  throw ValueError("race: there is no surface {}; there are valley, banana and saddle.", {name});
}

std::unique_ptr<Optimizer> optimizer_of(const std::string& name, const Tensor& point, double lr, double momentum) {
  const Tensors parameters{point};
  if (name == "sgd") return std::make_unique<SGD>(parameters, SGDOptions{.lr = lr});
  if (name == "momentum") return std::make_unique<SGD>(parameters, SGDOptions{.lr = lr, .momentum = momentum});
  if (name == "nesterov") {
    return std::make_unique<SGD>(parameters, SGDOptions{.lr = lr, .momentum = momentum, .nesterov = true});
  }
  if (name == "rmsprop") return std::make_unique<RMSprop>(parameters, RMSpropOptions{.lr = lr});
  if (name == "adam") return std::make_unique<Adam>(parameters, AdamOptions{.lr = lr});
  throw ValueError("race: there is no optimizer {}; there are sgd, momentum, nesterov, rmsprop and adam.", {name});
}

}  // namespace

std::string race(Request& request) {
  const Surface surface = surface_of(request.word());
  const std::string name = request.word();
  const double lr = request.real(), momentum = request.real();
  const auto x = static_cast<Real>(request.real()), y = static_cast<Real>(request.real());
  const std::int64_t steps = request.whole(0, 2000);

  const Tensor point(Array({2}, {x, y}), true);
  const auto optimizer = optimizer_of(name, point, lr, momentum);
  std::string path;
  for (std::int64_t step = 0; step <= steps; ++step) {
    optimizer->zero_grad();
    const Tensor height = sum(surface(slice(point, 0, {0, 1}), slice(point, 0, {1, 2})));
    const auto at = point.value().data();
    path += (path.empty() ? "[" : ",[") + number(at[0]) + "," + number(at[1]) + "," + number(height.item()) + "]";
    height.backward();
    optimizer->step();
  }
  return "{\"path\":[" + path + "]}";
}

}  // namespace rushlight::live
