// theirs_ops.cpp: single ops with libtorch.
#include <functional>
#include <map>

#include "theirs.hpp"

namespace benchmarks {
namespace {

namespace F = torch::nn::functional;

// libtorch 1.13 has no fused attention for this call on a CPU: it is composed, in as few ops as it can be.
torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v) {
  static const torch::Tensor future = torch::ones({q.size(2), k.size(2)}, torch::kBool).triu(1);
  const torch::Tensor scores = torch::matmul(q / std::sqrt(static_cast<double>(q.size(3))), k.transpose(2, 3));
  return torch::matmul(torch::softmax(scores.masked_fill(future, -INFINITY), -1), v);
}

using Inputs = std::vector<torch::Tensor>;
const std::map<std::string, std::function<torch::Tensor(const Inputs&, const torch::Tensor&)>> forward = {
    {"add", [](const Inputs& in, const torch::Tensor&) { return in[0] + in[1]; }},
    {"gelu", [](const Inputs& in, const torch::Tensor&) { return torch::gelu(in[0], "tanh"); }},
    {"softmax", [](const Inputs& in, const torch::Tensor&) { return torch::softmax(in[0], -1); }},
    {"layer_norm",
     [](const Inputs& in, const torch::Tensor&) { return torch::layer_norm(in[0], in[1].sizes(), in[1], in[2]); }},
    {"cross_entropy", [](const Inputs& in, const torch::Tensor& ids) { return F::cross_entropy(in[0], ids); }},
    {"permute",
     [](const Inputs& in, const torch::Tensor&) {
       return in[0].permute({0, 2, 1, 3}).contiguous();
     }},
    {"bmm", [](const Inputs& in, const torch::Tensor&) { return torch::matmul(in[0], in[1]); }},
    {"attention", [](const Inputs& in, const torch::Tensor&) { return causal_attention(in[0], in[1], in[2]); }},
    {"conv2d", [](const Inputs& in, const torch::Tensor&) { return torch::conv2d(in[0], in[1], in[2], 1, 1); }},
    {"embedding", [](const Inputs& in, const torch::Tensor& ids) { return F::embedding(ids, in[0]); }},
};

class TheirOp : public Network {
 public:
  explicit TheirOp(const Op& op) : op_(op) {
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
      inputs_.push_back(filled("in" + std::to_string(i), op.inputs[i]).set_requires_grad(true));
    }
    if (op.name == "adamw") {
      inputs_[0].mutable_grad() = filled("grad", op.inputs[0]);
      adamw_ = std::make_unique<torch::optim::AdamW>(inputs_,
                                                     torch::optim::AdamWOptions(adamw_lr).weight_decay(adamw_decay));
      return;
    }
    grad_ = filled("grad", op.output);
    if (op.name == "cross_entropy") ids_ = labels("ids", {op.inputs[0][0]}, op.inputs[0][1]);
    if (op.name == "embedding") ids_ = labels("ids", {op.output[0], op.output[1]}, op.inputs[0][0]);
  }

  double step() override {
    if (adamw_) {
      adamw_->step();
      return 0;
    }
    for (torch::Tensor& input : inputs_) input.mutable_grad().reset();
    const torch::Tensor y = forward.at(op_.name)(inputs_, ids_);
    y.backward(grad_);
    return y.data_ptr<float>()[0];
  }

  std::vector<Named> gradients() override {
    std::vector<Named> list;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const torch::Tensor values = (adamw_ ? inputs_[i].detach() : inputs_[i].grad()).contiguous();
      list.push_back({"in" + std::to_string(i),
                      std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel())});
    }
    return list;
  }

  std::vector<std::string> accelerate(const std::vector<std::string>&) override {
    throw std::runtime_error("libtorch has one set of kernels");
  }

 private:
  static torch::Tensor filled(const std::string& name, const Sizes& sizes) {
    std::int64_t count = 1;
    for (const std::int64_t size : sizes) count *= size;
    return tensor(uniform(name, count, 1), sizes);
  }

  const Op& op_;
  Inputs inputs_;
  torch::Tensor grad_, ids_;
  std::unique_ptr<torch::optim::AdamW> adamw_;
};

}  // namespace

std::unique_ptr<Network> make_op(const Op& op) { return std::make_unique<TheirOp>(op); }

}  // namespace benchmarks
