#include <optional>

#include "02_activations/activations.hpp"
#include "03_layers/linear.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "09_spatial/spatial.hpp"
#include "compare/network.hpp"

namespace rushlight::compare {
namespace {

struct Cnn : Module {
  Conv2d conv1;
  BatchNorm2d norm1;
  ResidualBlock block;
  Linear fc;
  explicit Cnn(Generator& g)
      : conv1({.in = 2, .out = 4, .kernel = 3, .padding = 1}, g),
        norm1({.features = 4}),
        block({.in = 4, .out = 6, .stride = 2}, g),
        fc({.in = 6 * 4, .out = 3}, g) {}
  void members(Members& m) override {
    m("conv1", conv1);
    m("norm1", norm1);
    m("block", block);
    m("fc", fc);
  }
};

const char* owner(const std::string& parameter) {
  if (parameter.starts_with("conv1")) return "09.4";
  if (parameter.starts_with("norm1")) return "09.8";
  return parameter.starts_with("block") ? "09.9" : "03.2";
}

}  // namespace

void trace_cnn(Trace& trace, const NetworkOptions& options) {
  trace.section("cnn");
  bool complete = false;
  Generator random(3);
  std::optional<Cnn> model;
  trace.attempt("05.2", "cnn", [&] {
    Cnn& net = model.emplace(random);
    set_fixed_parameters(net);
    Watched w(trace, options);
    const Tensor x = w.see("input", {"", "09.4"}, Tensor(fixed("cnn input", {3, 2, 8, 9}), true));
    const Tensor conv1 = w.see("conv1", {"09.4", "09.8"}, net.conv1(x));
    const Tensor norm1 = w.see("norm1", {"09.8", "02.1"}, net.norm1(conv1));
    const Tensor active = w.see("relu", {"02.1", "09.6"}, relu(norm1));
    const Tensor pooled = w.see("max_pool", {"09.6", "09.9"}, max_pool2d(active, {.kernel = 2}));
    const Tensor block = w.see("block", {"09.9", "09.7"}, net.block(pooled));
    const Tensor averaged = w.see("avg_pool", {"09.7", "09.9"}, adaptive_avg_pool2d(block, 2));
    const Tensor flat = w.see("flatten", {"09.9", "03.2"}, flatten(averaged, 1));
    const Tensor logits = w.see("logits", {"03.2", "04.5"}, net.fc(flat));
    const Tensor loss = w.see("loss", {"04.5", "05.2"}, cross_entropy(logits, Indices({3}, {2, 0, 1})));
    loss.backward();
    w.gradients(net, owner);
    complete = true;
  });
  if (!complete) return;
  trace_step(trace, *model, "06.5", [](const Tensors& parameters) {
    return std::make_unique<AdamW>(parameters, AdamWOptions{.lr = 0.01, .eps = damped});
  });
}

}  // namespace rushlight::compare
