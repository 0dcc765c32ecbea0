// net.cpp: a network of the course that learns to tell two classes of points in the plane.
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "03_layers/linear.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "json.hpp"
#include "layers.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

struct Playground {
  std::vector<Real> places, labels;  // x, y, x, y, ...; 0 or 1 each
  std::unique_ptr<Sequential> net;
  std::unique_ptr<Optimizer> optimizer;
  std::int64_t steps = 0;
};
Playground now;

std::unique_ptr<Optimizer> optimizer_of(const std::string& name, const Tensors& parameters, double lr, double decay) {
  if (name == "sgd") return std::make_unique<SGD>(parameters, SGDOptions{.lr = lr, .weight_decay = decay});
  if (name == "momentum") {
    return std::make_unique<SGD>(parameters, SGDOptions{.lr = lr, .momentum = 0.9, .weight_decay = decay});
  }
  if (name == "rmsprop") return std::make_unique<RMSprop>(parameters, RMSpropOptions{.lr = lr, .weight_decay = decay});
  if (name == "adam") return std::make_unique<Adam>(parameters, AdamOptions{.lr = lr, .weight_decay = decay});
  throw ValueError("net: there is no optimizer {}; there are sgd, momentum, rmsprop and adam.", {name});
}

void add_point(double x, double y, double label) {
  now.places.insert(now.places.end(), {static_cast<Real>(x), static_cast<Real>(y)});
  now.labels.push_back(static_cast<Real>(label));
}

// Points within -1..1, half of each class. `noise` moves each by that deviation.
void make_data(const std::string& kind, std::int64_t count, double noise, Generator& random) {
  constexpr double turn = 2 * std::numbers::pi;
  for (std::int64_t i = 0; i < count; ++i) {
    const int label = static_cast<int>(i % 2);
    const double u = random.uniform(), v = random.uniform(), dx = noise * random.normal(), dy = noise * random.normal();
    if (kind == "circle") {
      const double radius = label == 1 ? 0.4 * u : 0.6 + 0.35 * u;
      add_point(radius * std::cos(turn * v) + dx, radius * std::sin(turn * v) + dy, label);
    } else if (kind == "spiral") {
      const double angle = 1.25 * turn * u + (label == 1 ? turn / 2 : 0), radius = 0.08 + 0.87 * u;
      add_point(radius * std::cos(angle) + dx, radius * std::sin(angle) + dy, label);
    } else if (kind == "xor") {
      const double x = 0.08 + 0.87 * u, y = 0.08 + 0.87 * v, side = i % 4 < 2 ? 1 : -1;
      add_point(side * x + dx, (label == 1 ? -side : side) * y + dy, label);
    } else if (kind == "blobs") {
      const double centre = label == 1 ? 0.45 : -0.45;
      const double right = 0.15 * random.normal(), up = 0.15 * random.normal();  // named: arguments have no order
      add_point(centre + right + dx, centre + up + dy, label);
    } else if (kind != "own") {
      throw ValueError("net: there are no data {}; there are circle, spiral, xor, blobs and own.", {kind});
    }
  }
}

Tensor inputs() { return Tensor(Array({std::int64_t(now.labels.size()), 2}, now.places)); }
Tensor targets() { return Tensor(Array({std::int64_t(now.labels.size()), 1}, now.labels)); }

Sequential& network() {
  if (!now.net) throw GraphError("net: no network yet; ask for {} first.", {"net new"});
  return *now.net;
}

// new DEPTH WIDTH ACTIVATION OPTIMIZER lr decay seed
void make_net(Request& request) {
  const std::int64_t depth = request.whole(0, 6), width = request.whole(1, 32);
  const std::string activation = request.word(), optimizer = request.word();
  const double lr = request.real(), decay = request.real();
  Generator random(static_cast<std::uint64_t>(request.whole(0, 1000000)));
  auto net = std::make_unique<Sequential>();
  for (std::int64_t i = 0; i < depth; ++i) {
    net->add(Linear({.in = i == 0 ? 2 : width, .out = width}, random));
    add_activation(*net, activation);
  }
  net->add(Linear({.in = depth == 0 ? 2 : width, .out = 1}, random));
  now.optimizer = optimizer_of(optimizer, net->parameters(), lr, decay);
  now.net = std::move(net);
  now.steps = 0;
}

std::string state(const Tensor& logits, double loss) {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < now.labels.size(); ++i) right += (logits.value().data()[i] > 0) == (now.labels[i] > 0);
  return "{\"steps\":" + std::to_string(now.steps) + ",\"loss\":" + number(loss) +
         ",\"accuracy\":" + number(double(right) / double(now.labels.size())) + "}";
}

// The whole batch at once. The loss is the one before the last step.
std::string train(std::int64_t steps) {
  if (now.labels.empty()) throw ValueError("net: there are no points to learn from; {} some.", {"add"});
  const Tensor x = inputs(), y = targets();
  Tensor logits = network()(x), loss = bce_with_logits_loss(logits, y);
  for (std::int64_t i = 0; i < steps; ++i, ++now.steps) {
    if (i > 0) loss = bce_with_logits_loss(logits = network()(x), y);
    now.optimizer->zero_grad();
    loss.backward();
    now.optimizer->step();
  }
  return state(logits, loss.item());
}

// What the network says over the square -1..1, row by row from the top: the probability of class 1, in thousandths.
std::string map_of(std::int64_t side) {
  std::vector<Real> places;
  for (std::int64_t row = 0; row < side; ++row) {
    for (std::int64_t column = 0; column < side; ++column) {
      places.push_back(static_cast<Real>(2 * (double(column) + 0.5) / double(side) - 1));
      places.push_back(static_cast<Real>(1 - 2 * (double(row) + 0.5) / double(side)));
    }
  }
  const NoGrad off;
  const Tensor p = network()(Tensor(Array({side * side, 2}, places)));
  return list(p.value().data(),
              [](Real logit) { return number(std::round(1e9 / (1 + std::exp(-double(logit)))) / 1e6); });
}

// Every parameter with the gradient of the loss, as it stands.
std::string look() {
  const Tensor loss = bce_with_logits_loss(network()(inputs()), targets());
  now.optimizer->zero_grad();
  loss.backward();
  std::string result = list(network().named_parameters(), [](const auto& entry) {
    const auto& [name, parameter] = entry;
    return "{\"name\":" + quoted(name) + ",\"shape\":" + list(parameter.shape()) +
           ",\"value\":" + list(parameter.value()) + ",\"grad\":" + list(parameter.grad()) + "}";
  });
  return "{\"loss\":" + number(loss.item()) + ",\"parameters\":" + result + "}";
}

std::string points() {
  return "{\"places\":" + list(now.places, number) + ",\"labels\":" + list(now.labels, number) + "}";
}

}  // namespace

std::string net(Request& request) {
  const std::string what = request.word();
  if (what == "new") {
    make_net(request);
    return "{}";
  }
  if (what == "data") {  // data KIND count noise seed
    const std::string kind = request.word();
    const std::int64_t count = request.whole(0, 1000);
    const double noise = request.real();
    Generator random(static_cast<std::uint64_t>(request.whole(0, 1000000)));
    now.places.clear();
    now.labels.clear();
    make_data(kind, count, noise, random);
    return points();
  }
  if (what == "add") {  // add x y label
    const double x = request.real(), y = request.real();
    add_point(x, y, double(request.whole(0, 1)));
    return "{}";
  }
  if (what == "step") return train(request.whole(1, 1000));
  if (what == "map") return map_of(request.whole(2, 128));
  if (what == "look") return look();
  throw ValueError("net: it cannot {}.", {what});
}

}  // namespace rushlight::live
