// int8_product.cpp: a product of whole numbers, and what turns it into floats.
// Letters: M rows of the input, N outputs, K numbers in a row.
#include "16_quantization/int8_product.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 16.4 int8_product_loop  a (M, K), b (N, K) -> c[m, n] = Σ_k a[m, k]·b[n, k]
// Hint: int8 times int8 is computed as int; add up in an std::int32_t.
void int8_product_loop(const Int8Product& p) {
  todo("16.4");
}

// 16.4 row_sums  weight (N, K) -> (N): the sum of every row
// Hint: of the whole numbers, not of the floats that they stand for.
std::vector<std::int32_t> row_sums(const QuantizedTensor& weight) {
  todo("16.4");
}

// 16.4 int8_linear  x (M, K), weight (N, K), sums (N), bias (N) or undefined -> y (M, N)
//   y[m, n] = s·t·(Σ_k qx[m, k]·qw[n, k] - z·Σ_k qw[n, k]) + bias[n];  s, z of row m, t of output n
// check_int8_linear first. With `input` all rows have its s and z; without, each its own: quantize() of 16.1 per channel
// along axis 0, affine. The whole numbers go through int8_product, which runs the fastest kernel there is, and counts.
// Hint: Σ (qx - z)·qw, multiplied out. The sum and z times the sum can each need 32 bits, their difference more.
Array int8_linear(const Array& x, const QuantizedTensor& weight, const std::vector<std::int32_t>& weight_sums,
                  const Array& bias, const std::optional<QParams>& input) {
  todo("16.4");
}

}  // namespace rushlight
