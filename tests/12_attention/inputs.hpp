// inputs.hpp: random queries, keys and values, and what attention makes of them.
#pragma once

#include "oracle.hpp"

namespace rushlight::test {

inline Array attend(const Array& q, const Array& k, const Array& v, const AttentionOptions& options = {}) {
  return scaled_dot_product_attention(q, k, v, options).value();
}

struct Sizes {
  std::int64_t batch, heads, groups, queries, keys, width, values;
};

class Inputs {
 public:
  Inputs(const Sizes& n, std::uint64_t seed)
      : q(randn({n.batch, n.heads, n.queries, n.width}, seed)),
        k(randn({n.batch, n.groups, n.keys, n.width}, seed + 1)),
        v(randn({n.batch, n.groups, n.keys, n.values}, seed + 2)) {}
  Array q, k, v;
};

}  // namespace rushlight::test
