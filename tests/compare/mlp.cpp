#include <optional>

#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "compare/network.hpp"

namespace rushlight::compare {
namespace {

struct Mlp : Module {
  Linear fc1, fc2, fc3;
  BatchNorm1d norm1;
  Dropout dropout;
  LayerNorm norm2;
  explicit Mlp(Generator& g)
      : fc1({.in = 6, .out = 8}, g),
        fc2({.in = 8, .out = 8}, g),
        fc3({.in = 8, .out = 4}, g),
        norm1({.features = 8}),
        dropout({.p = 0.25}, g),
        norm2({.shape = {8}}) {}
  void members(Members& m) override {
    m("fc1", fc1);
    m("norm1", norm1);
    m("dropout", dropout);
    m("fc2", fc2);
    m("norm2", norm2);
    m("fc3", fc3);
  }
};

const char* owner(const std::string& parameter) {
  if (parameter.starts_with("norm1")) return "03.6";
  return parameter.starts_with("norm2") ? "03.5" : "03.2";
}

}  // namespace

void trace_mlp(Trace& trace, const NetworkOptions& options) {
  trace.section("mlp");
  bool complete = false;
  Generator random(3);
  std::optional<Mlp> model;
  trace.attempt("05.2", "mlp", [&] {
    Mlp& net = model.emplace(random);
    set_fixed_parameters(net);
    Watched w(trace, options);
    const Tensor x = w.see("input", {"", "03.2"}, Tensor(fixed("mlp input", {5, 6}), true));
    const Tensor fc1 = w.see("fc1", {"03.2", "02.1"}, net.fc1(x));
    const Tensor relu1 = w.see("relu", {"02.1", "03.6"}, relu(fc1));
    const Tensor norm1 = w.see("norm1", {"03.6", "03.4"}, net.norm1(relu1));
    const Tensor dropped = w.see("dropout", {"03.4", "03.2"}, net.dropout(norm1));
    const Tensor fc2 = w.see("fc2", {"03.2", "02.3"}, net.fc2(dropped));
    const Tensor active = w.see("gelu", {"02.3", "03.5"}, gelu(fc2));
    const Tensor norm2 = w.see("norm2", {"03.5", "03.2"}, net.norm2(active));
    const Tensor logits = w.see("logits", {"03.2", "04.5"}, net.fc3(norm2));
    const Tensor loss = w.see("loss", {"04.5", "05.2"}, cross_entropy(logits, Indices({5}, {0, 3, 1, 1, 2})));
    loss.backward();
    w.gradients(net, owner);
    complete = true;
  });
  if (!complete) return;
  trace_step(trace, *model, "06.4", [](const Tensors& parameters) {
    return std::make_unique<Adam>(parameters, AdamOptions{.lr = 0.01, .eps = damped});
  });
}

}  // namespace rushlight::compare
