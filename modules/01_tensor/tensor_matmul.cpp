// tensor_matmul.cpp: the product that knows its derivative.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.8 matmul  (..., M, K) x (..., K, N) -> (..., M, N), flags and rank 1 as for Arrays
// C = A·B:  ∂L/∂A = G·Bᵀ,  ∂L/∂B = Aᵀ·G,  where G = ∂L/∂C.
// Hint: flags read a transpose for free. In the rule, give a vector (and G) its second axis with with_shape; the engine
// sums (..., 1, K) down to (K) for you, but a (..., K, 1) must lose its last axis first.
Tensor matmul(const Tensor& a, const Tensor& b, MatmulFlags flags) {
  todo("01.8");
}

}  // namespace rushlight
