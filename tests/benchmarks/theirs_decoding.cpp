// theirs_decoding.cpp: the next token of a GPT with libtorch, with a cache of its own and without. Keys and values lie in
// one tensor for each layer, as long as the text may become, and attention reads the part that is filled through a view.
#include <cmath>

#include "decoding.hpp"
#include "theirs.hpp"

namespace benchmarks {
namespace {

namespace F = torch::nn::functional;

struct Affine {
  torch::Tensor weight, bias;
};

Affine affine(const std::string& name, const std::vector<std::int64_t>& shape) {
  return {tensor(initial(name + ".weight", shape), shape), tensor(initial(name + ".bias", {shape[0]}), {shape[0]})};
}

// Queries, keys and values in one product.
Affine joined(const std::string& name, std::int64_t width) {
  std::vector<torch::Tensor> weights, biases;
  for (const char part : {'q', 'k', 'v'}) {
    const Affine each = affine(name + part, {width, width});
    weights.push_back(each.weight);
    biases.push_back(each.bias);
  }
  return {torch::cat(weights), torch::cat(biases)};
}

class TheirDecoding : public Network {
 public:
  explicit TheirDecoding(const Decoding& decoding)
      : decoding_(decoding), ids_(labels("ids", {1, decoding.past + 1}, decoding_vocabulary)) {
    const c10::InferenceMode inference;
    const std::int64_t width = decoding_width, tokens = decoding.past + 1;
    embed_ = tensor(initial("embed.weight", {decoding_vocabulary, width}), {decoding_vocabulary, width});
    pos_embed_ = tensor(initial("pos_embed.weight", {tokens, width}), {tokens, width});
    unembed_ = tensor(initial("unembed.weight", {decoding_vocabulary, width}), {decoding_vocabulary, width});
    ln_final_ = affine("ln_final", {width});
    for (std::int64_t i = 0; i < decoding_layers; ++i) {
      const std::string name = "blocks." + std::to_string(i) + ".";
      blocks_.push_back({affine(name + "ln1", {width}), joined(name + "attn.", width),
                         affine(name + "attn.out", {width, width}), affine(name + "ln2", {width}),
                         affine(name + "mlp.fc1", {4 * width, width}), affine(name + "mlp.fc2", {width, 4 * width}),
                         torch::zeros({2, decoding_heads, tokens, width / decoding_heads})});
    }
  }

  double step() override {
    const c10::InferenceMode inference;
    if (decoding_.cached && !filled_) run(0, decoding_.past);
    filled_ = true;
    const torch::Tensor x = decoding_.cached ? run(decoding_.past, 1) : run(0, decoding_.past + 1);
    logits_ = F::linear(norm(x.narrow(0, x.size(0) - 1, 1), ln_final_), unembed_).reshape({-1});
    return logits_[0].item<float>();
  }

  std::vector<Named> gradients() override {
    const float* values = logits_.data_ptr<float>();
    return {{"logits", {values, values + logits_.numel()}}};
  }

  std::vector<std::string> accelerate(const std::vector<std::string>&) override { return {}; }

 private:
  struct Block {
    Affine ln1, qkv, out, ln2, fc1, fc2;
    torch::Tensor past;  // (2, H, tokens, K): keys and values
  };

  static torch::Tensor norm(const torch::Tensor& x, const Affine& ln) {
    return torch::layer_norm(x, {decoding_width}, ln.weight, ln.bias);
  }

  // `count` tokens from column `start` on, which see the columns before: (count, width).
  torch::Tensor run(std::int64_t start, std::int64_t count) {
    torch::Tensor x = F::embedding(ids_[0].narrow(0, start, count), embed_) + pos_embed_.narrow(0, start, count);
    const torch::Tensor future =
        count == 1 ? torch::Tensor() : torch::ones({count, start + count}, torch::kBool).triu(start + 1);
    for (Block& block : blocks_) {
      x = x + attention(block, norm(x, block.ln1), start, future);
      const torch::Tensor hidden = torch::gelu(F::linear(norm(x, block.ln2), block.fc1.weight, block.fc1.bias), "tanh");
      x = x + F::linear(hidden, block.fc2.weight, block.fc2.bias);
    }
    return x;
  }

  static torch::Tensor attention(Block& block, const torch::Tensor& x, std::int64_t start,
                                 const torch::Tensor& future) {
    const std::int64_t count = x.size(0), head = decoding_width / decoding_heads;
    const torch::Tensor qkv = F::linear(x, block.qkv.weight, block.qkv.bias)
                                  .view({count, 3, decoding_heads, head})
                                  .permute({1, 2, 0, 3});  // (3, H, count, K)
    block.past.narrow(2, start, count).copy_(qkv.narrow(0, 1, 2));
    const torch::Tensor seen = block.past.narrow(2, 0, start + count);
    torch::Tensor scores =
        torch::matmul(qkv[0] * (1 / std::sqrt(static_cast<double>(head))), seen[0].transpose(-2, -1));
    if (future.defined()) scores = scores.masked_fill(future, -INFINITY);
    const torch::Tensor z = torch::matmul(torch::softmax(scores, -1), seen[1]).transpose(0, 1);
    return F::linear(z.reshape({count, decoding_width}), block.out.weight, block.out.bias);
  }

  Decoding decoding_;
  torch::Tensor ids_, embed_, pos_embed_, unembed_, logits_;
  Affine ln_final_;
  std::vector<Block> blocks_;
  bool filled_ = false;
};

}  // namespace

std::unique_ptr<Network> make_decoding(const Decoding& decoding) { return std::make_unique<TheirDecoding>(decoding); }

}  // namespace benchmarks
