// int8_product.cpp: a product of whole numbers, and what turns it into floats.
// Letters: M rows of the input, N outputs, K numbers in a row.
#include "16_quantization/int8_product.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 16.4 int8_product_loop  a (M, K), b (N, K) -> c[m, n] = Σ_k a[m, k]·b[n, k]
// Hint: int8 times int8 is computed as int; add up in an std::int32_t.
void int8_product_loop(const Int8Product& p) {
  for (std::int64_t m = 0; m < p.m; ++m) {
    for (std::int64_t n = 0; n < p.n; ++n) {
      const std::int8_t *a = p.a + m * p.k, *b = p.b + n * p.k;
      std::int32_t total = 0;
      for (std::int64_t k = 0; k < p.k; ++k) total += a[k] * b[k];
      p.c[m * p.n + n] = total;
    }
  }
}

// 16.4 row_sums  weight (N, K) -> (N): the sum of every row
// Hint: of the whole numbers, not of the floats that they stand for.
std::vector<std::int32_t> row_sums(const QuantizedTensor& weight) {
  const std::int64_t rows = weight.shape[0], columns = weight.shape[1];
  std::vector<std::int32_t> sums(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    sums[static_cast<std::size_t>(i / columns)] += weight.values[static_cast<std::size_t>(i)];
  }
  return sums;
}

// 16.4 int8_linear  x (M, K), weight (N, K), sums (N), bias (N) or undefined -> y (M, N)
//   y[m, n] = s·t·(Σ_k qx[m, k]·qw[n, k] - z·Σ_k qw[n, k]) + bias[n];  s, z of row m, t of output n
// check_int8_linear first. With `input` all rows have its s and z; without, each its own: quantize() of 16.1 per channel
// along axis 0, affine. The whole numbers go through int8_product, which runs the fastest kernel there is, and counts.
// Hint: Σ (qx - z)·qw, multiplied out. The sum and z times the sum can each need 32 bits, their difference more.
Array int8_linear(const Array& x, const QuantizedTensor& weight, const std::vector<std::int32_t>& weight_sums,
                  const Array& bias, const std::optional<QParams>& input) {
  check_int8_linear(x, weight, weight_sums, bias);
  const std::int64_t rows = x.dim(0), outputs = weight.shape[0], inner = x.dim(1);
  const QuantizedTensor q =
      input ? quantize(x, *input) : quantize(x, {.scheme = Scheme::affine, .granularity = Granularity::per_channel});
  std::vector<std::int32_t> products(static_cast<std::size_t>(rows * outputs));
  int8_product({.a = q.values.data(),
                .b = weight.values.data(),
                .b_sums = weight_sums.data(),
                .c = products.data(),
                .m = rows,
                .n = outputs,
                .k = inner});
  Array y({rows, outputs});
  Real* to = y.mutable_data().data();
  const Array shift = bias.defined() ? bias.cpu() : zeros({outputs});
  const Real* add = shift.data().data();
  for (std::int64_t m = 0; m < rows; ++m) {
    const QParams& own = input ? *input : q.params[static_cast<std::size_t>(m)];
    for (std::int64_t n = 0; n < outputs; ++n) {
      const std::int64_t whole = std::int64_t{products[static_cast<std::size_t>(m * outputs + n)]} -
                                 std::int64_t{own.zero_point} * weight_sums[static_cast<std::size_t>(n)];
      const float scale = own.scale * weight.params[static_cast<std::size_t>(n)].scale;
      to[m * outputs + n] = static_cast<Real>(scale * static_cast<float>(whole)) + add[n];
    }
  }
  return y;
}

}  // namespace rushlight
