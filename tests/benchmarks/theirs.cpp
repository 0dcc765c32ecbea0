// theirs.cpp: the networks of networks.hpp, written with libtorch as its users write them, where it has a choice in
// the way that is fastest in libtorch: one product for queries, keys and values together, functional calls, gradients
// dropped instead of zeroed.
#include "theirs.hpp"

#include <stdexcept>

#include "networks.hpp"

using namespace benchmarks;
namespace F = torch::nn::functional;

namespace {

class Theirs : public Network {
 public:
  std::vector<Named> gradients() override {
    std::vector<Named> list;
    for (const auto& [name, value] : parameters_) {
      const torch::Tensor grad = value.grad().contiguous();
      list.push_back({name, std::vector<float>(grad.data_ptr<float>(), grad.data_ptr<float>() + grad.numel())});
    }
    return list;
  }

 protected:
  torch::Tensor parameter(const std::string& name, const std::vector<std::int64_t>& shape) {
    torch::Tensor value = tensor(initial(name, shape), shape).set_requires_grad(true);
    parameters_.emplace_back(name, value);
    return value;
  }

  std::vector<torch::Tensor> tensors() const {
    std::vector<torch::Tensor> list;
    for (const auto& [name, value] : parameters_) list.push_back(value);
    return list;
  }

  std::vector<std::string> accelerate(const std::vector<std::string>&) override {
    throw std::runtime_error("libtorch has one set of kernels");
  }

  // What Python's zero_grad(set_to_none=True) does, and faster than the zeroes of C++'s zero_grad() in libtorch 1.13.
  void forget_gradients() {
    for (auto& [name, value] : parameters_) value.mutable_grad().reset();
  }

  double learn(const torch::Tensor& loss) {
    loss.backward();
    optimizer_->step();
    return loss.item<float>();
  }

  std::vector<std::pair<std::string, torch::Tensor>> parameters_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
};

struct Layer {
  torch::Tensor weight, bias;
};

class TheirMlp : public Theirs {
 public:
  explicit TheirMlp(const MlpSizes& net)
      : x_(tensor(uniform("x", net.batch * net.inputs, 1), {net.batch, net.inputs})),
        labels_(labels("labels", {net.batch}, net.layers.back())) {
    std::int64_t in = net.inputs;
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      const std::string name = std::to_string(2 * i);  // a relu stands between two layers
      layers_.push_back({parameter(name + ".weight", {net.layers[i], in}), parameter(name + ".bias", {net.layers[i]})});
      in = net.layers[i];
    }
    if (net.adam) {
      optimizer_ = std::make_unique<torch::optim::Adam>(tensors(), torch::optim::AdamOptions(adam_lr));
    } else {
      optimizer_ = std::make_unique<torch::optim::SGD>(tensors(), torch::optim::SGDOptions(sgd_lr));
    }
  }

  double step() override {
    forget_gradients();
    torch::Tensor h = x_;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (i > 0) h = torch::relu(h);
      h = F::linear(h, layers_[i].weight, layers_[i].bias);
    }
    return learn(F::cross_entropy(h, labels_));
  }

 private:
  torch::Tensor x_, labels_;
  std::vector<Layer> layers_;
};

class TheirCnn : public Theirs {
 public:
  explicit TheirCnn(const CnnSizes& net)
      : x_(tensor(uniform("x", net.batch * net.channels[0] * net.side * net.side, 1),
                  {net.batch, net.channels[0], net.side, net.side})),
        labels_(labels("labels", {net.batch}, net.classes)) {
    std::int64_t side = net.side, index = 0;
    for (std::size_t i = 1; i < net.channels.size(); ++i, side /= 2, index += 3) {
      const std::string name = std::to_string(index);
      convolutions_.push_back({parameter(name + ".weight", {net.channels[i], net.channels[i - 1], 3, 3}),
                               parameter(name + ".bias", {net.channels[i]})});
    }
    const std::string name = std::to_string(index + 1);  // after flatten
    head_ = {parameter(name + ".weight", {net.classes, net.channels.back() * side * side}),
             parameter(name + ".bias", {net.classes})};
    optimizer_ = std::make_unique<torch::optim::SGD>(tensors(), torch::optim::SGDOptions(sgd_lr).momentum(momentum));
  }

  double step() override {
    forget_gradients();
    torch::Tensor h = x_;
    for (const Layer& layer : convolutions_) {
      h = torch::max_pool2d(torch::relu(torch::conv2d(h, layer.weight, layer.bias, 1, 1)), 2);
    }
    return learn(F::cross_entropy(F::linear(h.flatten(1), head_.weight, head_.bias), labels_));
  }

 private:
  torch::Tensor x_, labels_;
  std::vector<Layer> convolutions_;
  Layer head_;
};

class TheirGpt : public Theirs {
 public:
  explicit TheirGpt(const GptSizes& net)
      : net_(net),
        ids_(labels("ids", {net.batch, net.tokens}, net.vocabulary)),
        labels_(labels("labels", {net.batch * net.tokens}, net.vocabulary)),
        positions_(torch::arange(net.tokens)),
        future_(torch::ones({net.tokens, net.tokens}, torch::kBool).triu(1)) {
    const std::int64_t width = net.width;
    embed_ = parameter("embed.weight", {net.vocabulary, width});
    pos_embed_ = parameter("pos_embed.weight", {net.tokens, width});
    for (std::int64_t i = 0; i < net.layers; ++i) blocks_.push_back(block("blocks." + std::to_string(i) + "."));
    ln_final_ = layer("ln_final", {width});
    unembed_ = parameter("unembed.weight", {net.vocabulary, width});
    optimizer_ = std::make_unique<torch::optim::AdamW>(tensors(),
                                                       torch::optim::AdamWOptions(adamw_lr).weight_decay(adamw_decay));
  }

  double step() override {
    forget_gradients();
    torch::Tensor x = F::embedding(ids_, embed_) + F::embedding(positions_, pos_embed_);
    for (const Block& block : blocks_) {
      x = x + attention(block, norm(x, block.ln1));
      const torch::Tensor hidden = torch::gelu(F::linear(norm(x, block.ln2), block.fc1.weight, block.fc1.bias), "tanh");
      x = x + F::linear(hidden, block.fc2.weight, block.fc2.bias);
    }
    const torch::Tensor logits = F::linear(norm(x, ln_final_), unembed_);
    const torch::Tensor loss = F::cross_entropy(logits.reshape({-1, net_.vocabulary}), labels_);
    loss.backward();
    torch::nn::utils::clip_grad_norm_(tensors(), clip_norm);
    optimizer_->step();
    return loss.item<float>();
  }

  // Queries, keys and values apart, as we name them.
  std::vector<Named> gradients() override {
    std::vector<Named> list;
    for (const Named& each : Theirs::gradients()) {
      const std::size_t at = each.name.find("qkv.");
      if (at == std::string::npos) {
        list.push_back(each);
        continue;
      }
      const std::size_t third = each.values.size() / 3;
      for (std::size_t i = 0; i < 3; ++i) {
        std::string name = each.name;
        name.replace(at, 3, std::string(1, "qkv"[i]));
        const auto begin = each.values.begin() + static_cast<std::ptrdiff_t>(i * third);
        list.push_back({name, {begin, begin + static_cast<std::ptrdiff_t>(third)}});
      }
    }
    return list;
  }

 private:
  struct Block {
    Layer ln1, qkv, out, ln2, fc1, fc2;
  };

  Layer layer(const std::string& name, const std::vector<std::int64_t>& shape) {
    return {parameter(name + ".weight", shape), parameter(name + ".bias", {shape[0]})};
  }

  Layer joined(const std::string& name) {  // three weights one below the other, each with its own initial values
    std::vector<torch::Tensor> weights, biases;
    for (const char part : {'q', 'k', 'v'}) {
      const std::string each = name + part;
      weights.push_back(tensor(initial(each + ".weight", {net_.width, net_.width}), {net_.width, net_.width}));
      biases.push_back(tensor(initial(each + ".bias", {net_.width}), {net_.width}));
    }
    Layer result{torch::cat(weights).set_requires_grad(true), torch::cat(biases).set_requires_grad(true)};
    parameters_.emplace_back(name + "qkv.weight", result.weight);
    parameters_.emplace_back(name + "qkv.bias", result.bias);
    return result;
  }

  Block block(const std::string& name) {
    const std::int64_t width = net_.width;
    Block result;
    result.ln1 = layer(name + "ln1", {width});
    result.qkv = joined(name + "attn.");
    result.out = layer(name + "attn.out", {width, width});
    result.ln2 = layer(name + "ln2", {width});
    result.fc1 = layer(name + "mlp.fc1", {4 * width, width});
    result.fc2 = layer(name + "mlp.fc2", {width, 4 * width});
    return result;
  }

  torch::Tensor norm(const torch::Tensor& x, const Layer& ln) const {
    return torch::layer_norm(x, {net_.width}, ln.weight, ln.bias);
  }

  torch::Tensor attention(const Block& block, const torch::Tensor& x) const {
    const std::int64_t head = net_.width / net_.heads;
    const torch::Tensor qkv = F::linear(x, block.qkv.weight, block.qkv.bias)
                                  .view({net_.batch, net_.tokens, 3, net_.heads, head})
                                  .permute({2, 0, 3, 1, 4});
    const torch::Tensor scores =
        torch::matmul(qkv[0] * (1 / std::sqrt(static_cast<double>(head))), qkv[1].transpose(-2, -1));
    const torch::Tensor pattern = torch::softmax(scores.masked_fill(future_, -INFINITY), -1);
    const torch::Tensor z =
        torch::matmul(pattern, qkv[2]).transpose(1, 2).reshape({net_.batch, net_.tokens, net_.width});
    return F::linear(z, block.out.weight, block.out.bias);
  }

  GptSizes net_;
  torch::Tensor ids_, labels_, positions_, future_, embed_, pos_embed_, unembed_;
  std::vector<Block> blocks_;
  Layer ln_final_;
};

std::unique_ptr<Network> make(const std::string& name, int threads) {
  torch::set_num_threads(threads);
  if (name == "a") return std::make_unique<TheirMlp>(mlp_a);
  if (name == "b") return std::make_unique<TheirMlp>(mlp_b);
  if (name == "c") return std::make_unique<TheirCnn>(cnn_c);
  if (name == "d") return std::make_unique<TheirGpt>(gpt_d);
  if (name == "e") return std::make_unique<TheirGpt>(gpt_e);
  if (const auto decoding = find_decoding(name)) return make_decoding(*decoding);
  if (const Op* op = find_op(name)) return make_op(*op);
  throw std::runtime_error("there is no network and no op " + name);
}

}  // namespace

int main(int argc, char** argv) { return serve(argc, argv, make); }
