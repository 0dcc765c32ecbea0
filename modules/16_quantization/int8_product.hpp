// int8_product.hpp: whole numbers multiplied as whole numbers, and the scales applied once, at the end.
// Letters: M rows of the input, N rows of the weight (outputs), K numbers in a row.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "16_quantization/numbers.hpp"

namespace rushlight {

// c = a·bᵀ in 32 bits, which hold the sum of K products of two int8 as long as K <= longest_int8_row.
struct Int8Product {
  const std::int8_t* a = nullptr;        // (M, K), row-major, as all here
  const std::int8_t* b = nullptr;        // (N, K)
  const std::int32_t* b_sums = nullptr;  // (N): the sum of each row of b; some kernels need it
  std::int32_t* c = nullptr;             // (M, N), written
  std::int64_t m = 0, n = 0, k = 0;
};
constexpr std::int64_t longest_int8_row = 131071;  // · 128 · 128 < 2³¹

// --- 16.4 (int8_product.cpp) -------------------------------------------------------------------------------------------

void int8_product_loop(const Int8Product& p);  // c[m, n] = Σ_k a[m, k]·b[n, k]

// (N, K) -> (N): the sum of every row.
std::vector<std::int32_t> row_sums(const QuantizedTensor& weight);

// x (M, K), weight (N, K) quantised symmetric per channel (axis 0), its row sums, bias (N) or undefined -> y (M, N).
// Rows of x are quantised by `input`, affine (static), or each by its own range, affine (dynamic). With row m's scale s and
// zero point z, output n's scale t:
//   y[m, n] = s·t·(Σ_k qx[m, k]·qw[n, k] - z·Σ_k qw[n, k]) + bias[n]
// s·t is one product of floats. Throws ShapeError where the shapes do not fit, ValueError when K is above longest_int8_row,
// the weight is quantised in another way, or a number of x is not finite (with `input`, an infinity saturates).
Array int8_linear(const Array& x, const QuantizedTensor& weight, const std::vector<std::int32_t>& weight_sums,
                  const Array& bias, const std::optional<QParams>& input = {});

// --- given (int8_kernels.cpp) ------------------------------------------------------------------------------------------

using Int8Kernel = void (*)(const Int8Product&);
struct NamedInt8Kernel {
  const char* name;
  Int8Kernel run;
};
// Those that this processor has the instructions for, the fastest first: "avx512-vnni", "avx2", "loop" (yours). All give
// the same bits, since sums of whole numbers do not depend on their order.
std::vector<NamedInt8Kernel> int8_kernels();
void int8_product(const Int8Product& p);  // the first of them

// How many products of two whole numbers int8_product() has computed so far in this process: whoever says int8 can be asked.
std::int64_t int8_multiplications();

// What int8_linear asks of its arguments (checks.cpp).
void check_int8_linear(const Array& x, const QuantizedTensor& weight, const std::vector<std::int32_t>& weight_sums,
                       const Array& bias);

}  // namespace rushlight
