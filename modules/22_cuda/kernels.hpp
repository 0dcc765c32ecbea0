// kernels.hpp: what you write in this module. Each function starts kernels and returns; none of them allocates memory or
// copies between host and device. Arrays are row-major and without gaps, sizes are counted in elements. The files
// table_*.cpp and install.cpp (given) put them into the places where the rest of the framework looks for them.
#pragma once

#include "22_cuda/device_code.hpp"
#include "22_cuda/functors.hpp"

namespace rushlight::cuda {

using Reals = Global<const Real>;
using Ids = Global<const std::int32_t>;
using Bytes = Global<const std::uint8_t>;

// A shape and the strides of up to three operands in it, passed to kernels by value: no copy to the device. A stride of 0
// repeats.
struct Layout {
  int rank = 0;
  std::int64_t sizes[Shape::max_rank] = {};
  std::int64_t strides[3][Shape::max_rank] = {};
};

// Where operand `k` has its number for element i of the result.
__host__ __device__ inline std::int64_t place(const Layout& layout, int k, std::int64_t i) {
  std::int64_t at = 0;
  for (int axis = layout.rank - 1; axis >= 0; --axis) {
    at += i % layout.sizes[axis] * layout.strides[k][axis];
    i /= layout.sizes[axis];
  }
  return at;
}

// --- 22.1 elementwise (elementwise.cpp) ----------------------------------------------------------------------------

// out[i] = op(x[i]). `parameter` is pow's exponent and divide's divisor.
void map(Unary op, Global<Real> out, Reals x, Real parameter = 0);
// out[i] = op(a, b) with a and b read at the places that operands 0 and 1 of the layout have for i.
void zip(Binary op, Global<Real> out, Reals a, Reals b, const Layout& layout);
void compare(Comparison op, Global<std::uint8_t> out, Reals a, Reals b, const Layout& layout);  // 1 or 0
// out[i] = condition ? a : b; operands 0, 1 and 2.
void select(Global<Real> out, Bytes condition, Reals a, Reals b, const Layout& layout);

// --- 22.2 reductions (reduce.cpp) ----------------------------------------------------------------------------------

// x (rows, width) -> out (rows), one block a row. The same bits in every run. A width of 0 gives 0 and -inf.
void reduce_rows(Reduction op, Global<Real> out, Reals x, std::int64_t rows, std::int64_t width);
// All of x -> out (1), in two launches: every block of the first leaves one number in `partials`, whose size says how many
// blocks there are; the second reduces those.
void reduce_all(Reduction op, Global<Real> out, Reals x, Global<Real> partials);

// --- 22.3 matrix product (matmul.cpp) ------------------------------------------------------------------------------

// c (batch, m, n) = a (m, k) · b (k, n) for each of the batch. a and b go on by their stride from one product to the next;
// 0 repeats the matrix. With a flag, that operand is stored the other way round: (k, m), (n, k).
struct Product {
  std::int64_t batch = 1, m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  std::int64_t stride_a = 0, stride_b = 0;
};
// Each thread reads 2k numbers of device memory.
void matmul_naive(Global<Real> c, Reals a, Reals b, const Product& product);
// A sixteenth of that: tiles are shared.
void matmul_tiled(Global<Real> c, Reals a, Reals b, const Product& product);
// A sixty-fourth of it, and of the tiled kernel's reads of shared memory a quarter: each thread has 4 x 4 results in
// registers.
void matmul_registers(Global<Real> c, Reals a, Reals b, const Product& product);

// --- 22.4 rows: softmax and layer norm (rows.cpp) ------------------------------------------------------------------

// x, y (rows, width), width at least 1; one warp a row. A row of nothing but -inf becomes NaN, as module 02's does.
void softmax_rows(Global<Real> y, Reals x, std::int64_t rows, std::int64_t width);
void softmax_rows_backward(Global<Real> dx, Reals dy, Reals y, std::int64_t rows, std::int64_t width);
// weight and bias have `width` elements, or are both empty. mean, rstd (rows): what the backward pass needs.
void layer_norm_rows(Global<Real> y, Global<Real> mean, Global<Real> rstd, Reals x, Reals weight, Reals bias,
                     std::int64_t rows, std::int64_t width, Real eps);
void layer_norm_rows_backward(Global<Real> dx, Reals dy, Reals x, Reals weight, Reals mean, Reals rstd,
                              std::int64_t rows, std::int64_t width);

// --- 22.5 moving axes (movement.cpp) -------------------------------------------------------------------------------

// x (batch, rows, columns) -> y (batch, columns, rows), by tiles in shared memory. No access needs more than 5 sectors
// where it wants 32 neighbours, and no access to shared memory more than one turn.
void transpose_tiled(Global<Real> y, Reals x, std::int64_t batch, std::int64_t rows, std::int64_t columns);
// out[i] = x[start + place(layout, 0, i)]: a permute, a slice, a broadcast.
void read_strided(Global<Real> out, Reals x, const Layout& layout, std::int64_t start);
// out[start + place(layout, 0, i)] = x[i]: the way back, where no place repeats.
void write_strided(Global<Real> out, Reals x, const Layout& layout, std::int64_t start);

// --- 22.6 by index (indexing.cpp) ----------------------------------------------------------------------------------

// Rows of `width`: out row r = table row ids[r]. Ids are not checked: the host does not look at them.
void take_rows(Global<Real> out, Reals table, Ids ids, std::int64_t width);
// The adjoint: table row ids[r] += x row r. With atomics, in whatever order threads come.
void add_rows_atomic(Global<Real> table, Reals x, Ids ids, std::int64_t width);
// The same without atomics: rows are added in the order of ids, and the bits are the same in every run.
void add_rows_ordered(Global<Real> table, Reals x, Ids ids, std::int64_t width);
// x (outer, size, inner), index and out (outer, lines, inner): out[o][l][i] = x[o][index[o][l][i]][i].
void gather_lines(Global<Real> out, Reals x, Ids index, std::int64_t size, std::int64_t lines, std::int64_t inner);
// The adjoint, into x (outer, size, inner): each element of x adds up its own lines, in their order, on top of what it
// holds.
void scatter_lines(Global<Real> x, Reals grad, Ids index, std::int64_t size, std::int64_t lines, std::int64_t inner);

// --- 22.7 Adam's step (adam.cpp) -----------------------------------------------------------------------------------

struct AdamNumbers {
  Real beta1, rest1, beta2, rest2;  // rest = 1 - beta, rounded once
  Real step_size, root_of_correction2, eps, decay, keep;
};
// As adam_loop of module 06 says, in one pass that reads four arrays and writes three:
//   g = grad + decay·θ;  m = β₁m + rest₁·g;  v = β₂v + rest₂·g·g;  θ = keep·θ - step_size·m/(√v/root + ε)
// Without decay g is grad itself: 0·∞ would be NaN. Products from left to right.
void adam_step(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, AdamNumbers numbers);

// Several parameters. They travel by value, and older GPUs take 4 KiB of that in a launch: hence not more than 60.
struct AdamPart {
  Global<Real> value;
  Reals grad;
  Global<Real> m, v;
};
struct AdamParts {
  static constexpr int most = 60;
  int count = 0;  // at least one
  AdamPart each[most];
};
// The same step of all of them, of whatever sizes, in one launch. `of_step` is empty or has three numbers in device memory,
// which then take the places of step_size, root_of_correction2 and keep: these change from step to step, and what a captured
// graph has by value it has for good.
void adam_steps(const AdamParts& parts, const AdamNumbers& numbers, Reals of_step);

// --- 22.8 fused attention (attention.cpp) --------------------------------------------------------------------------

// q (B, H, T, K), k (B, G, S, K), v (B, G, S, V), H a multiple of G: head h looks at group h / (H / G).
struct AttentionSizes {
  std::int64_t batch = 0, heads = 0, groups = 0, queries = 0, keys = 0, depth = 0, values = 0;
  bool causal = false;  // query t of T sees keys up to t + S - T
  Real scale = 1;
  Layout mask = {};  // of (B, H, T, S), operand 0; not used when the mask is empty
};
constexpr std::int64_t attention_most_depth = 128;  // of K and V: a lane of a warp keeps four numbers

// out (B, H, T, V) and per query log Σ exp(score), (B, H, T); the (T, S) scores are never stored. A query that sees nothing
// gets 0, and -inf for its logarithm. A key whose score is -inf is not seen, as in masked_softmax of module 12, and no
// gradient goes either way.
void attention_rows(Global<Real> out, Global<Real> log_sum, Reals q, Reals k, Reals v, Bytes mask,
                    const AttentionSizes& sizes);
// grad = dL/dout, inner (B, H, T) = Σ grad·out. One warp a query, then one warp a key: no atomics.
void attention_backward_q(Global<Real> dq, Reals grad, Reals inner, Reals q, Reals k, Reals v, Reals log_sum,
                          Bytes mask, const AttentionSizes& sizes);
void attention_backward_kv(Global<Real> dk, Global<Real> dv, Reals grad, Reals inner, Reals q, Reals k, Reals v,
                           Reals log_sum, Bytes mask, const AttentionSizes& sizes);

}  // namespace rushlight::cuda
