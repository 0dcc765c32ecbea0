// residual_mlp.hpp: the network of the experiment. A residual stream h_0 ... h_L of one width; block l reads it and
// adds its own branch:  h_0 = embed(x),  h_{l+1} = h_l + f_l(h_l),  logits = out_head(out_ln(h_L)). Letters: N
// examples, D width, C classes, L blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "03_layers/layer_norm.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/module.hpp"

namespace rushlight::dfa {

struct MlpOptions {
  std::int64_t in = 3072;  // 3 x 32 x 32 pixels
  std::int64_t width = 256;
  std::int64_t hidden = 0;  // inside a block; 0: as wide as the stream
  std::int64_t classes = 10;
  std::int64_t blocks = 4;

  bool operator==(const MlpOptions&) const = default;
};

// The branch alone, (N, D) -> (N, D):  f(h) = fc2(gelu(fc1(ln(h)))). Whoever calls it adds h.
class Branch : public Module {
 public:
  Branch(std::int64_t width, std::int64_t hidden, Generator& generator);
  Tensor forward(const Tensor& h) override;
  void members(Members& m) override;

  LayerNorm ln;
  Linear fc1, fc2;
};

// What a forward pass leaves behind for those who want to look inside.
struct Trace {
  Tensor logits;    // (N, C)
  Tensors hiddens;  // L + 1 times (N, D)
};

class ResidualMlp : public Module {
 public:
  // Draws embed, then the blocks in order, then the head. Throws ValueError when a size is below 1.
  ResidualMlp(const MlpOptions& options, Generator& generator);

  Tensor forward(const Tensor& x) override { return trace(x).logits; }  // (N, in) -> (N, C)
  Trace trace(const Tensor& x);
  Tensor read_out(const Tensor& h) { return out_head(out_ln(h)); }  // (N, D) -> (N, C)
  void members(Members& m) override;

  const MlpOptions& options() const { return options_; }

  Linear embed;
  std::vector<Branch> blocks;
  LayerNorm out_ln;
  Linear out_head;

 private:
  MlpOptions options_;
};

}  // namespace rushlight::dfa
