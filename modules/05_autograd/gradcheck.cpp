// gradcheck.cpp: derivatives against the definition of a derivative.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 05.5 central_differences  f, inputs, i, step -> dL/d(inputs[i]), the shape of inputs[i];  L = Σ_k c_k · f(inputs)_k
//   ∂L/∂x_j ≈ (L(x + h·e_j) - L(x - h·e_j)) / (2h),   c_k = 0.21 + 0.13 · (k mod 11)
// Sum L in double. x + h is rounded: divide by the distance between the two places that were really visited.
// f must record nothing, and the caller's inputs must not change.
// Hint: clone inputs[i], change one entry of the clone, call f, put the entry back. NoGrad turns recording off.
Array central_differences(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs, std::size_t i,
                          double step) {
  todo("05.5");
}

// 05.5 gradcheck  f, inputs -> whether backward(f(leaves), c) agrees with central_differences everywhere, and where not
// relative difference = |a - n| / max(|a|, |n|, 1), infinite where that is not finite; passed = worst <= tolerance.
// An undefined gradient counts as zeros. Two more ways to fail, each with a message: f's output has no graph; f gives
// two different values for the same inputs. What f throws comes through; the inputs and the grad mode stay as they were.
// Hint: make leaves with Tensor(array, true). Write the comparison so that NaN fails: !(x <= tolerance).
GradcheckReport gradcheck(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs,
                          GradcheckOptions options) {
  todo("05.5");
}

}  // namespace rushlight
