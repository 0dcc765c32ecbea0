// arithmetic_ops.hpp: the ops of two operands by name, and numbers for them.
#pragma once

#include "01_tensor/oracles.hpp"

namespace rushlight::test {

using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;
using UnaryOf = std::function<Tensor(const Tensor&)>;

inline const Array a4({4}, {6, -1, 0.5, 8});
inline const Array b4({4}, {3, 4, -2, 0.25});
inline const Array seed4({4}, {1, 2, 3, 4});

inline const auto add_of = [](const Tensor& a, const Tensor& b) { return add(a, b); };
inline const auto sub_of = [](const Tensor& a, const Tensor& b) { return sub(a, b); };
inline const auto mul_of = [](const Tensor& a, const Tensor& b) { return mul(a, b); };
inline const auto div_of = [](const Tensor& a, const Tensor& b) { return div(a, b); };
inline const auto maximum_of = [](const Tensor& a, const Tensor& b) { return maximum(a, b); };
inline const auto minimum_of = [](const Tensor& a, const Tensor& b) { return minimum(a, b); };

}  // namespace rushlight::test
