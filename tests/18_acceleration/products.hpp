// products.hpp: a product called as gemm() is: in every way in which A, B and C may be stored, and nothing beside C.
#pragma once

#include "01_tensor/primitives.hpp"
#include "plain.hpp"

namespace rushlight::test {

// A matrix somewhere in memory: `rows` rows of `columns` numbers, `leading` apart.
struct Stored {
  Stored(std::int64_t rows, std::int64_t columns, std::int64_t extra, std::uint64_t seed)
      : rows(rows), columns(columns), leading(columns + extra), memory(whole_numbers({rows, leading}, seed)) {}

  Real at(std::int64_t i, std::int64_t j) const { return memory.data()[i * leading + j]; }
  const Real* data() const { return memory.data().data(); }

  std::int64_t rows, columns, leading;
  Array memory;
};

// As plain_matmul wants it: rows follow each other, nothing is transposed.
inline Array packed(const Stored& x, bool transpose) {
  Array y(transpose ? Shape{x.columns, x.rows} : Shape{x.rows, x.columns});
  Real* to = y.mutable_data().data();
  for (std::int64_t i = 0; i < y.dim(0); ++i) {
    for (std::int64_t j = 0; j < y.dim(1); ++j) *to++ = transpose ? x.at(j, i) : x.at(i, j);
  }
  return y;
}

struct Case {
  std::int64_t m, n, k;
  std::int64_t extra = 0;  // how much longer than a row the way to the next row is
};

struct Way {
  bool transpose_a, transpose_b, accumulate;
};

using GemmFunction = void (*)(const Gemm& sizes, const Real* a, const Real* b, Real* c);

// Whole numbers, so that nothing is rounded. What lies between the rows of C has to stay.
inline void expect_product(GemmFunction product, const Case& sizes, const Way& way,
                           std::initializer_list<int> numbers_of_threads = {1}) {
  const auto [m, n, k, extra] = sizes;
  const auto [transpose_a, transpose_b, accumulate] = way;
  const Stored a(transpose_a ? k : m, transpose_a ? m : k, extra, 1);
  const Stored b(transpose_b ? n : k, transpose_b ? k : n, 2 * extra, 2);
  const Stored c(m, n, 3 * extra, 3);
  Array expected = c.memory.clone();
  const Doubles sums = plain_matmul(packed(a, transpose_a), packed(b, transpose_b));
  Real* to = expected.mutable_data().data();
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      Real& number = to[i * c.leading + j];
      number = static_cast<Real>(sums[i * n + j]) + (accumulate ? number : 0);
    }
  }
  Gemm call{m, n, k, transpose_a, transpose_b, accumulate};
  if (extra != 0) call.lda = a.leading, call.ldb = b.leading, call.ldc = c.leading;
  for (const int threads : numbers_of_threads) {
    const Threads some(threads);
    Array actual = c.memory.clone();
    product(call, a.data(), b.data(), actual.mutable_data().data());
    EXPECT_TRUE(near(actual, expected, exactly))
        << m << " x " << k << " times " << k << " x " << n << ", transpose_a " << transpose_a << ", transpose_b "
        << transpose_b << ", accumulate " << accumulate << ", " << threads << " threads; rows are " << n << " of "
        << c.leading;
  }
}

// Every way of storing A and B, with a C that is set or added to in turns.
inline void expect_products(GemmFunction product, const Case& sizes,
                            std::initializer_list<int> numbers_of_threads = {1}) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) expect_product(product, sizes, {a, b, a == b}, numbers_of_threads);
  }
}

}  // namespace rushlight::test
