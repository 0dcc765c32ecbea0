// ours_ops.cpp: single ops.
#include <functional>
#include <map>

#include "02_activations/activations.hpp"
#include "03_layers/layer_norm.hpp"
#include "06_optimizers/adam.hpp"
#include "09_spatial/conv.hpp"
#include "11_embeddings/embeddings.hpp"
#include "12_attention/attention.hpp"
#include "ours.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

Shape shape_of(const Sizes& sizes) { return Shape(std::span(sizes.data(), sizes.size())); }

using Inputs = std::vector<Tensor>;
const std::map<std::string, std::function<Tensor(const Inputs&, const Indices&)>> forward = {
    {"add", [](const Inputs& in, const Indices&) { return in[0] + in[1]; }},
    {"gelu", [](const Inputs& in, const Indices&) { return gelu(in[0], GeluApproximation::tanh); }},
    {"softmax", [](const Inputs& in, const Indices&) { return softmax(in[0]); }},
    {"layer_norm", [](const Inputs& in, const Indices&) { return layer_norm(in[0], in[1].shape(), in[1], in[2]); }},
    {"cross_entropy", [](const Inputs& in, const Indices& ids) { return cross_entropy(in[0], ids); }},
    {"permute",
     [](const Inputs& in, const Indices&) {
       return permute(in[0], {0, 2, 1, 3});
     }},
    {"bmm", [](const Inputs& in, const Indices&) { return matmul(in[0], in[1]); }},
    {"attention", [](const Inputs& in,
                     const Indices&) { return scaled_dot_product_attention(in[0], in[1], in[2], {.causal = true}); }},
    {"conv2d", [](const Inputs& in, const Indices&) { return conv2d(in[0], in[1], in[2], {.padding = 1}); }},
    {"embedding", [](const Inputs& in, const Indices& ids) { return embedding(in[0], ids); }},
};

class OurOp : public Network {
 public:
  explicit OurOp(const Op& op) : op_(op) {
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
      inputs_.emplace_back(array("in" + std::to_string(i), shape_of(op.inputs[i])), true);
    }
    if (op.name == "adamw") {
      inputs_[0].set_grad(array("grad", inputs_[0].shape()));
      adamw_ = std::make_unique<AdamW>(inputs_, AdamWOptions{.lr = adamw_lr, .weight_decay = adamw_decay});
      return;
    }
    grad_ = array("grad", shape_of(op.output));
    if (op.name == "cross_entropy") ids_ = indices("ids", {op.inputs[0][0]}, op.inputs[0][1]);
    if (op.name == "embedding") ids_ = indices("ids", {op.output[0], op.output[1]}, op.inputs[0][0]);
  }

  double step() override {
    if (adamw_) {
      adamw_->step();
      return 0;
    }
    for (Tensor& input : inputs_) input.zero_grad();
    const Tensor y = forward.at(op_.name)(inputs_, ids_);
    y.backward(grad_);
    return y.value().data()[0];
  }

  std::vector<Named> gradients() override {
    std::vector<Named> list;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto values = adamw_ ? inputs_[i].value().data() : inputs_[i].grad().data();
      list.push_back({"in" + std::to_string(i), {values.begin(), values.end()}});
    }
    return list;
  }

  std::vector<std::string> accelerate(const std::vector<std::string>& ops) override { return use_kernels(ops); }

 private:
  const Op& op_;
  Inputs inputs_;
  Array grad_;
  Indices ids_;
  std::unique_ptr<AdamW> adamw_;
};

}  // namespace

std::unique_ptr<Network> make_op(const Op& op) { return std::make_unique<OurOp>(op); }

}  // namespace benchmarks
