#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "07_training/checkpoint.hpp"
#include "07_training/clip.hpp"
#include "07_training/diagnosis.hpp"
#include "07_training/schedule.hpp"
#include "07_training/train_step.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

// The gradient of x after backward() through f, weighted by the cotangent.
Array engine_gradient(const Array& value, const std::function<Tensor(const Tensor&)>& f, int passes = 1) {
  const Tensor x(value, true);
  const Tensor y = f(x);
  for (int pass = 1; pass <= passes; ++pass) backward(y, cotangent_of(y.shape()), {.retain_graph = pass < passes});
  return x.grad();
}

void engine(Trace& t) {
  const Array a = fixed("a", {3, 4}), row = fixed("row", {4});
  t.part("05.1", "order of a diamond", [&] {
    const Tensor x(a, true);
    const Tensor left = x * Tensor(2), right = x * left, y = left + right;
    std::vector<double> places;
    for (const auto& node : topological_order(y.node())) {
      places.push_back(static_cast<double>(y.node()->id - node->id));
    }
    return numbers(places);
  });
  t.part("05.2", "backward through a chain",
         [&] { return engine_gradient(a, [](const Tensor& x) { return exp(-x); }); });
  t.part("05.2", "a tensor that is read twice",
         [&] { return engine_gradient(a, [](const Tensor& x) { return x * x + x; }); });
  t.part("05.2", "a broadcast, summed back",
         [&] { return engine_gradient(row, [&](const Tensor& x) { return x * Tensor(a); }); });
  t.part("05.2", "two passes add up", [&] {
    return engine_gradient(
        a, [](const Tensor& x) { return x * x; }, 2);
  });
  t.part("05.2", "retain_grad", [&] {
    const Tensor x(a, true);
    Tensor inner = x * x;
    inner.retain_grad();
    sum(inner * Tensor(a)).backward();
    return inner.grad();
  });
  t.part("05.3", "grad", [&] {
    const Tensor x(a, true);
    const Tensor inner = x * x;
    return grad(sum(inner * Tensor(a)), {inner, x})[1];
  });
  t.part("05.3", "detach", [&] { return engine_gradient(a, [](const Tensor& x) { return x * x.detach(); }); });
  t.part("05.4", "a hook doubles", [&] {
    return engine_gradient(a, [](const Tensor& x) {
      const Tensor inner = x * x;
      register_hook(inner, [](const Array& g) { return Array(g * Real{2}); }).keep();
      return inner * x;
    });
  });
  t.part("05.5", "central_differences", [&] {
    return central_differences([](const Tensors& in) { return in[0] * in[0]; }, {Array({2}, {1, 2})}, 0, 0.125);
  });
  t.text("05.6", "graph_dot", [&] {
    const Tensor x(Array({1}, {2}), true);
    const std::string dot = graph_dot(x * x, {{"x", x}});
    return std::string(dot.find("mul") != std::string::npos ? "draws mul" : "no mul in it");
  });
}

// What a parameter is after three steps with gradients that change.
Array stepped(const std::function<std::unique_ptr<Optimizer>(const Tensors&, const Tensors&)>& make) {
  Tensor first(fixed("first", {2, 3}), true), second(fixed("second", {4}), true);
  const std::unique_ptr<Optimizer> optimizer = make({first}, {second});
  for (const char* step : {"step 1", "step 2", "step 3"}) {
    optimizer->zero_grad();
    first.set_grad(fixed(step, {2, 3}));
    second.set_grad(fixed(step, {4}));
    optimizer->step();
  }
  return concat(Arrays{reshape(first.value(), {6}), second.value()}, 0);
}

template <class Optimizer, class Options>
std::function<std::unique_ptr<rushlight::Optimizer>(const Tensors&, const Tensors&)> with(Options a, Options b) {
  return [a, b](const Tensors& first, const Tensors& second) -> std::unique_ptr<rushlight::Optimizer> {
    return std::make_unique<Optimizer>(typename Optimizer::Groups{{first, a}, {second, b}});
  };
}

struct OneLayer {
  Generator random{1};
  Linear layer{{.in = 3, .out = 2}, random};
  OneLayer() {
    layer.weight.set_value(fixed("weight", {2, 3}));
    layer.bias.set_value(fixed("bias", {2}));
  }
};

Array after_train_step(const StepLimits& limits) {
  OneLayer net;
  SGD optimizer(net.layer.parameters(), {.lr = 0.5});
  const std::vector<Batch> batches = {{fixed("batch 1", {4, 3}), Indices({4}, {0, 1, 1, 0})},
                                      {fixed("batch 2", {2, 3}), Indices({2}, {1, -100})}};
  const StepResult result = train_step(net.layer, optimizer, cross_entropy_of, batches, limits);
  return concat(Arrays{reshape(net.layer.weight.value(), {6}), net.layer.bias.value(),
                       numbers({result.loss, result.grad_norm, static_cast<double>(result.counted)})},
                0);
}

Array rates_of(const std::function<Schedule(Optimizer&)>& make) {
  OneLayer net;
  SGD optimizer(net.layer.parameters(), {.lr = 0.5});
  Schedule schedule = make(optimizer);
  std::vector<double> rates;
  for (int step = 0; step < 8; ++step, schedule.step()) rates.push_back(optimizer.lr());
  return numbers(rates);
}

Array clipped(const std::function<void(const Tensors&)>& clip) {
  Tensor a(fixed("a", {3, 4}), true), b(fixed("b", {2}), true);
  a.set_grad(fixed("ga", {3, 4}));
  b.set_grad(fixed("gb", {2}));
  clip({a, b});
  return concat(Arrays{reshape(a.grad(), {12}), b.grad()}, 0);
}

}  // namespace

void autograd_parts(Trace& t) {
  t.section("05 autograd");
  engine(t);
}

void optimizer_parts(Trace& t) {
  t.section("06 optimizers");
  t.part("06.1", "zero_grad of two groups", [] {
    Tensor a(fixed("a", {2}), true), b(fixed("b", {2}), true);
    SGD optimizer(SGD::Groups{{{a}, {}}, {{b}, {}}});
    a.set_grad(ones({2}));
    b.set_grad(ones({2}));
    optimizer.zero_grad();
    return numbers(std::vector<double>{a.grad().defined() ? 1. : 0., b.grad().defined() ? 1. : 0.});
  });
  t.part("06.2", "SGD", [] { return stepped(with<SGD, SGDOptions>({.lr = 0.1}, {.lr = 0.05, .weight_decay = 0.1})); });
  t.part("06.2", "SGD with momentum", [] {
    return stepped(with<SGD, SGDOptions>({.lr = 0.1, .momentum = 0.9, .dampening = 0.25, .weight_decay = 0.1},
                                         {.lr = 0.05, .momentum = 0.5, .nesterov = true}));
  });
  t.part("06.3", "RMSprop", [] {
    return stepped(with<RMSprop, RMSpropOptions>(
        {.lr = 0.1, .weight_decay = 0.1}, {.lr = 0.05, .alpha = 0.9, .eps = 1e-3, .momentum = 0.5, .centered = true}));
  });
  t.part("06.4", "Adam", [] {
    return stepped(
        with<Adam, AdamOptions>({.lr = 0.1, .weight_decay = 0.1}, {.lr = 0.05, .betas = {0.5, 0.9}, .eps = 1e-2}));
  });
  t.part("06.5", "AdamW", [] {
    return stepped(
        with<AdamW, AdamWOptions>({.lr = 0.1, .weight_decay = 0.5}, {.lr = 0.05, .betas = {0.5, 0.9}, .eps = 1e-2}));
  });
  t.part("06.6", "a state, loaded", [] {
    OneLayer net, other;
    Adam optimizer(net.layer.parameters(), {.lr = 0.1}), copy(other.layer.parameters(), {.lr = 0.1});
    net.layer.weight.set_grad(fixed("g", {2, 3}));
    net.layer.bias.set_grad(fixed("g", {2}));
    optimizer.step();
    copy.load_state_dict(optimizer.state_dict());
    other.layer.weight.set_grad(fixed("h", {2, 3}));
    other.layer.bias.set_grad(fixed("h", {2}));
    copy.step();
    return other.layer.weight.value();
  });
}

void training_parts(Trace& t) {
  t.section("07 training");
  t.part("07.1", "clip_grad_norm", [] { return clipped([](const Tensors& p) { clip_grad_norm(p, 1); }); });
  t.part("07.1", "clip_grad_norm below its limit",
         [] { return clipped([](const Tensors& p) { clip_grad_norm(p, 1e3); }); });
  t.part("07.1", "clip_grad_value", [] { return clipped([](const Tensors& p) { clip_grad_value(p, 0.25); }); });
  t.part("07.2", "step_lr",
         [] { return rates_of([](Optimizer& o) { return step_lr(o, {.step_size = 3, .gamma = 0.5}); }); });
  t.part("07.2", "exponential_lr",
         [] { return rates_of([](Optimizer& o) { return exponential_lr(o, {.gamma = 0.5}); }); });
  t.part("07.2", "cosine_annealing_lr",
         [] { return rates_of([](Optimizer& o) { return cosine_annealing_lr(o, {.T_max = 8, .eta_min = 0.1}); }); });
  t.part("07.2", "linear_warmup", [] {
    return rates_of([](Optimizer& o) { return linear_warmup(o, {.warmup = 3, .total = 7, .eta_min = 0.1}); });
  });
  t.part("07.3", "train_step on two batches", [] { return after_train_step({}); });
  t.part("07.3", "train_step, clipped", [] { return after_train_step({.clip_norm = 0.5, .clip_value = 0.1}); });
  t.part("07.5", "a file, as bytes", [] {
    const StoredTensor floats{
        .dtype = DType::f32, .shape = {2}, .bytes = {0, 0, 128, 63, 0, 0, 0, 64}};  // 1, 2; also in double
    const std::vector<std::uint8_t> bytes = encode_safetensors({{{"a", floats}}, {{"k", "v"}}});
    return numbers(std::vector<double>(bytes.begin(), bytes.end()));
  });
  t.part("07.7", "rms and dead units", [] {
    return numbers({rms(fixed("a", {3, 4})), dead_fraction(Array({2, 3}, {0, 1, 0, 0, 0, 0}))});
  });
}

}  // namespace rushlight::compare
