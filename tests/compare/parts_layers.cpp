#include "02_activations/activations.hpp"
#include "03_layers/init.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

using In = const Tensors&;

std::string names_of(Module& model) {
  std::string text;
  for (const auto& [name, tensor] : model.named_parameters()) text += name + " " + tensor.shape().str() + "\n";
  for (const auto& [name, tensor] : model.named_buffers()) text += "buffer " + name + " " + tensor.shape().str() + "\n";
  return text;
}

Sequential small_net(Generator& random) {
  return Sequential{Linear({.in = 3, .out = 4}, random), Relu(), BatchNorm1d({.features = 4}),
                    Linear({.in = 4, .out = 2}, random)};
}

Array initialised(const std::function<void(Tensor&, Generator&)>& init) {
  Generator random(7);
  Tensor weight(zeros({3, 5}), true);
  init(weight, random);
  return weight.value();
}

void modules(Trace& t) {
  t.text("03.1", "names of a network", [] {
    Generator random(1);
    Sequential net = small_net(random);
    return names_of(net);
  });
  t.part("03.1", "train and eval", [] {
    Generator random(1);
    Sequential net = small_net(random);
    net.eval();
    return numbers(std::vector<double>{net.training() ? 1. : 0., net[2].training() ? 1. : 0.});
  });
  t.part("03.3", "Linear as it begins", [] {
    Generator random(7);
    const Linear layer({.in = 3, .out = 5}, random);
    return layer.weight.value();
  });
  t.part("03.3", "Linear's bias as it begins", [] {
    Generator random(7);
    const Linear layer({.in = 3, .out = 5}, random);
    return layer.bias.value();
  });
  t.part("03.3", "xavier_uniform_", [] { return initialised([](Tensor& w, Generator& g) { xavier_uniform_(w, g); }); });
  t.part("03.3", "kaiming_uniform_",
         [] { return initialised([](Tensor& w, Generator& g) { kaiming_uniform_(w, g); }); });
  t.part("03.3", "kaiming_normal_", [] { return initialised([](Tensor& w, Generator& g) { kaiming_normal_(w, g); }); });
  t.text("03.8", "names of a state", [] {
    Generator random(1);
    Sequential net = small_net(random);
    std::string text;
    for (const auto& [name, array] : net.state_dict()) text += name + " " + array.shape().str() + "\n";
    return text;
  });
  t.part("03.8", "a state, loaded", [] {
    Generator random(1), other(2);
    Sequential net = small_net(random), copy = small_net(other);
    copy.load_state_dict(net.state_dict());
    return copy.parameters()[0].value();
  });
}

void layers(Trace& t) {
  const Array x = fixed("rows", {4, 3}), weight = fixed("weight", {5, 3}), bias = fixed("bias", {5});
  t.rule("03.2", "linear", [](In in) { return linear(in[0], in[1], in[2]); }, {x, weight, bias});
  t.rule("03.2", "linear on three axes", [](In in) { return linear(in[0], in[1]); },
         {fixed("deep", {2, 2, 3}), weight});
  t.part("03.4", "dropout_mask", [] {
    Generator random(5);
    return dropout_mask({4, 3}, 0.25, random);
  });
  t.rule("03.4", "Dropout in training",
         [](In in) {
           Generator seeds(3);
           Dropout dropout({.p = 0.5}, seeds);
           return dropout(in[0]);
         },
         {x});
  t.rule("03.4", "Dropout in evaluation",
         [](In in) {
           Generator seeds(3);
           Dropout dropout({.p = 0.5}, seeds);
           dropout.eval();
           return dropout(in[0]) * Tensor(1);
         },
         {x});
  t.rule("03.5", "layer_norm", [](In in) { return layer_norm(in[0], {3}, in[1], in[2]); },
         {x, fixed_positive("gain", {3}), fixed("shift", {3})});
  for (const bool training : {true, false}) {
    const std::string name = training ? "BatchNorm1d in training" : "BatchNorm1d in evaluation";
    t.rule("03.6", name,
           [&](In in) {
             BatchNorm1d norm({.features = 3, .eps = 1e-3});
             norm.weight.set_value(fixed_positive("gain", {3}));
             norm.train(training);
             return norm(in[0]);
           },
           {x});
  }
  t.part("03.6", "running_mean", [&] {
    BatchNorm1d norm({.features = 3, .momentum = 0.25});
    norm(Tensor(x));
    return norm.running_mean.value();
  });
  t.part("03.6", "running_var", [&] {
    BatchNorm1d norm({.features = 3, .momentum = 0.25});
    norm(Tensor(x));
    return norm.running_var.value();
  });
  t.rule("03.7", "Sequential",
         [](In in) {
           Sequential net{Tanh(), Sigmoid(), Flatten()};
           return net(in[0]);
         },
         {x});
}

}  // namespace

void activation_parts(Trace& t) {
  t.section("02 activations");
  const Array x = fixed("activated", {3, 4});
  t.rule("02.1", "relu", [](In in) { return relu(in[0]); }, {x});
  t.rule("02.1", "leaky_relu", [](In in) { return leaky_relu(in[0], static_cast<Real>(0.125)); }, {x});
  t.rule("02.2", "sigmoid", [](In in) { return sigmoid(in[0]); }, {x});
  t.part("02.2", "sigmoid far out", [] { return sigmoid(Tensor(Array({4}, {-100, 100, -30, 30}))).value(); });
  t.rule("02.2", "tanh", [](In in) { return tanh(in[0]); }, {x});
  t.rule("02.3", "gelu", [](In in) { return gelu(in[0]); }, {x});
  t.rule("02.3", "gelu by tanh", [](In in) { return gelu(in[0], GeluApproximation::tanh); }, {x});
  t.rule("02.4", "silu", [](In in) { return silu(in[0]); }, {x});
  t.rule("02.5", "softmax", [](In in) { return softmax(in[0]); }, {x});
  t.rule("02.5", "softmax over the first axis", [](In in) { return softmax(in[0], 0); }, {x});
  t.part("02.5", "softmax of large numbers", [] { return softmax(Tensor(Array({3}, {1000, 999, -1000}))).value(); });
  t.rule("02.6", "log_softmax", [](In in) { return log_softmax(in[0]); }, {x});
  t.part("02.6", "log_softmax of large numbers", [] {
    return log_softmax(Tensor(Array({3}, {1000, 999, -1000}))).value();
  });
}

void layer_parts(Trace& t) {
  t.section("03 layers");
  modules(t);
  layers(t);
}

void loss_parts(Trace& t) {
  t.section("04 losses");
  const Array x = fixed("guess", {3, 4}), y = fixed("target", {3, 4}), p({4}, {0.25, 0.5, 0.75, 0.125});
  const Array bits({4}, {0, 1, 1, 0});
  const Indices labels({4}, {2, 0, -100, 1});
  const Array logits = fixed("logits", {4, 3});
  t.rule("04.1", "mse_loss", [](In in) { return mse_loss(in[0], in[1]); }, {x, y});
  t.rule("04.1", "huber_loss", [](In in) { return huber_loss(in[0], in[1], {.delta = 0.5}); }, {x, y});
  t.rule("04.1", "mse_loss, summed", [](In in) { return mse_loss(in[0], in[1], Reduction::sum); }, {x, y});
  t.rule("04.2", "logsumexp", [](In in) { return logsumexp(in[0], 0); }, {x});
  t.part("04.2", "logsumexp of large numbers", [] { return logsumexp(Tensor(Array({2}, {1000, 999}))).value(); });
  t.rule("04.3", "bce_loss", [&](In in) { return bce_loss(in[0], Tensor(bits)); }, {p});
  t.rule("04.3", "bce_with_logits_loss",
         [&](In in) { return bce_with_logits_loss(in[0], Tensor(bits), {.pos_weight = Array::scalar(2)}); },
         {fixed("odds", {4})});
  t.rule("04.4", "nll_loss", [&](In in) { return nll_loss(in[0], labels); }, {logits});
  t.rule("04.4", "nll_loss, each", [&](In in) { return nll_loss(in[0], labels, {.reduction = Reduction::none}); },
         {logits});
  t.rule("04.5", "cross_entropy", [&](In in) { return cross_entropy(in[0], labels); }, {logits});
  t.rule("04.5", "cross_entropy, smoothed",
         [&](In in) { return cross_entropy(in[0], labels, {.label_smoothing = 0.25}); }, {logits});
}

}  // namespace rushlight::compare
