// ops.hpp: single ops, in the sizes that network d has them in (a convolution in c's), forward and backward. Both
// programs serve them under the op's name, as they serve networks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace benchmarks {

using Sizes = std::vector<std::int64_t>;

struct Op {
  std::string name;
  std::vector<Sizes> inputs;  // each gets a gradient
  Sizes output;               // () for a loss
};

inline const std::vector<Op> single_ops = {
    {"add", {{1024, 512}, {512}}, {1024, 512}},  // broadcast, as a bias is
    {"gelu", {{1024, 512}}, {1024, 512}},        // the variant with tanh
    {"softmax", {{16, 4, 64, 64}}, {16, 4, 64, 64}},
    {"layer_norm", {{1024, 128}, {128}, {128}}, {1024, 128}},
    {"cross_entropy", {{1024, 65}}, {}},
    {"permute", {{16, 64, 4, 32}}, {16, 4, 64, 32}},  // 0 2 1 3, made contiguous
    {"bmm", {{16, 4, 64, 32}, {16, 4, 32, 64}}, {16, 4, 64, 64}},
    {"attention", {{16, 4, 64, 32}, {16, 4, 64, 32}, {16, 4, 64, 32}}, {16, 4, 64, 32}},  // causal
    {"conv2d", {{32, 8, 14, 14}, {16, 8, 3, 3}, {16}}, {32, 16, 14, 14}},                 // padding 1
    {"embedding", {{65, 128}}, {16, 64, 128}},
    {"adamw", {{1024, 1024}}, {}},  // one step of a million parameters
};

inline const Op* find_op(const std::string& name) {
  for (const Op& op : single_ops) {
    if (op.name == name) return &op;
  }
  return nullptr;
}

}  // namespace benchmarks
