// ours.cpp: the perceptrons and the convolutional network, and main().
#include <stdexcept>

#include "03_layers/layers.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "09_spatial/spatial.hpp"
#include "ours.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

double learn(const Tensor& loss, Optimizer& optimizer) {
  loss.backward();
  optimizer.step();
  return loss.item();
}

class OurMlp : public Ours {
 public:
  explicit OurMlp(const MlpSizes& net)
      : x_(array("x", {net.batch, net.inputs})), labels_(indices("labels", {net.batch}, net.layers.back())) {
    Generator random(0);
    std::int64_t in = net.inputs;
    for (const std::int64_t out : net.layers) {
      if (in != net.inputs || network_.size() > 0) network_.add(Relu());
      network_.add(Linear({.in = in, .out = out}, random));
      in = out;
    }
    set_initial(network_);
    if (net.adam) {
      optimizer_ = std::make_unique<Adam>(network_.parameters(), AdamOptions{.lr = adam_lr});
    } else {
      optimizer_ = std::make_unique<SGD>(network_.parameters(), SGDOptions{.lr = sgd_lr});
    }
  }

  double step() override {
    optimizer_->zero_grad();
    return learn(cross_entropy(network_(x_), labels_), *optimizer_);
  }

 private:
  Module& module() override { return network_; }

  Tensor x_;
  Indices labels_;
  Sequential network_;
  std::unique_ptr<Optimizer> optimizer_;
};

class OurCnn : public Ours {
 public:
  explicit OurCnn(const CnnSizes& net)
      : x_(array("x", {net.batch, net.channels[0], net.side, net.side})),
        labels_(indices("labels", {net.batch}, net.classes)) {
    Generator random(0);
    std::int64_t side = net.side;
    for (std::size_t i = 1; i < net.channels.size(); ++i, side /= 2) {
      network_.add(Conv2d({.in = net.channels[i - 1], .out = net.channels[i], .kernel = 3, .padding = 1}, random));
      network_.add(Relu());
      network_.add(MaxPool2d());
    }
    network_.add(Flatten());
    network_.add(Linear({.in = net.channels.back() * side * side, .out = net.classes}, random));
    set_initial(network_);
    optimizer_ = std::make_unique<SGD>(network_.parameters(), SGDOptions{.lr = sgd_lr, .momentum = momentum});
  }

  double step() override {
    optimizer_->zero_grad();
    return learn(cross_entropy(network_(x_), labels_), *optimizer_);
  }

 private:
  Module& module() override { return network_; }

  Tensor x_;
  Indices labels_;
  Sequential network_;
  std::unique_ptr<Optimizer> optimizer_;
};

std::unique_ptr<Network> make(const std::string& name, int) {  // threads: OPENBLAS_NUM_THREADS says it
  if (name == "a") return std::make_unique<OurMlp>(mlp_a);
  if (name == "b") return std::make_unique<OurMlp>(mlp_b);
  if (name == "c") return std::make_unique<OurCnn>(cnn_c);
  if (name == "d") return make_gpt(gpt_d);
  if (name == "e") return make_gpt(gpt_e);
  if (const auto decoding = find_decoding(name)) return make_decoding(*decoding);
  if (const Op* op = find_op(name)) return make_op(*op);
  throw std::runtime_error("there is no network and no op " + name);
}

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) { return benchmarks::serve(argc, argv, benchmarks::make); }
