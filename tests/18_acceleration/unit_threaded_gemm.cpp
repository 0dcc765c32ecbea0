// The product in pieces: every band of C, every way in which A, B and C may be stored, and nothing beside C.
#include "01_tensor/primitives.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

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
Array packed(const Stored& x, bool transpose) {
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

// Whole numbers, so that nothing is rounded. What lies between the rows of C has to stay.
void expect_product(const Case& sizes, const Way& way, std::initializer_list<int> numbers_of_threads) {
  const auto [m, n, k, extra] = sizes;
  const auto [transpose_a, transpose_b, accumulate] = way;
  const Stored a(transpose_a ? k : m, transpose_a ? m : k, extra, 1);
  const Stored b(transpose_b ? n : k, transpose_b ? k : n, 2 * extra, 2);
  const Stored c(m, n, 3 * extra, 3);
  Array expected = c.memory.clone();
  const Doubles product = plain_matmul(packed(a, transpose_a), packed(b, transpose_b));
  Real* to = expected.mutable_data().data();
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      Real& number = to[i * c.leading + j];
      number = static_cast<Real>(product[i * n + j]) + (accumulate ? number : 0);
    }
  }
  Gemm call{m, n, k, transpose_a, transpose_b, accumulate};
  if (extra != 0) call.lda = a.leading, call.ldb = b.leading, call.ldc = c.leading;
  for (const int threads : numbers_of_threads) {
    const Threads some(threads);
    Array actual = c.memory.clone();
    threaded_gemm(call, a.data(), b.data(), actual.mutable_data().data());
    EXPECT_TRUE(near(actual, expected, exactly))
        << "transpose_a " << transpose_a << ", transpose_b " << transpose_b << ", accumulate " << accumulate << ", k "
        << k << ", " << threads << " threads; rows are " << n << " of " << c.leading;
  }
}

// Every way of storing A and B, with a C that is set or added to in turns.
void expect_products(const Case& sizes, std::initializer_list<int> numbers_of_threads) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) expect_product(sizes, {a, b, a == b}, numbers_of_threads);
  }
}

TEST(Unit_18_3, TheProductInBandsOfRows) {
  expect_products({130, 70, 40}, {1, 2, 3, 5});
  expect_product({129, 129, 17}, {.transpose_a = true}, {2, 3});
}

TEST(Unit_18_3, TheProductInBandsOfColumns) {
  expect_products({70, 131, 40}, {1, 2, 3, 5});
  expect_product({3, 1001, 97}, {.transpose_b = true}, {2, 3});
}

TEST(Unit_18_3, TheProductInsideLargerMatrices) {
  expect_products({130, 70, 40, 5}, {1, 2, 3});
  expect_products({70, 131, 40, 5}, {1, 2, 3});
}

TEST(Unit_18_3, SmallAndNarrowProducts) {
  for (const Case& sizes :
       {Case{1, 1, 1}, Case{7, 5, 3, 1}, Case{1, 3500, 76}, Case{3500, 1, 76}, Case{10, 12, 2200}}) {
    expect_product(sizes, {.transpose_a = true, .transpose_b = true}, {2});
  }
}

TEST(Unit_18_3, TheProductGivesOpenBlasItsThreadsBack) {
  const Threads three(3);
  expect_product({160, 160, 16}, {}, {3});
  EXPECT_EQ(blas_threads(), 3);
}

TEST(Unit_18_3, MatmulUsesIt) {
  const Threads two(2);
  const Accelerated one({"gemm"});
  const Array a = whole_numbers({90, 70}, 1), b = whole_numbers({70, 80}, 2);
  const Doubles expected = plain_matmul(a, b);
  dirty({90, 80});
  const Array y = matmul(a, b);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), y.data().begin(), y.data().end()));
}

// A loop of the framework's may be divided already: then the products inside it are not, and have the same bits.
TEST(Unit_18_3, AProductInsideAPieceIsNotDivided) {
  expect_same_bits_for_any_threads([] {
    const Array a = randn({80, 70}, 1), b = randn({70, 90}, 2);
    Arrays products{Array({80, 90}), Array({80, 90}), Array({80, 90})};
    std::array<Real*, 3> to{};
    for (std::size_t i = 0; i < 3; ++i) to[i] = products[i].mutable_data().data();
    parallel_for(3, 1, [&](std::int64_t first, std::int64_t) {
      threaded_gemm({.m = 80, .n = 90, .k = 70}, a.data().data(), b.data().data(), to[static_cast<std::size_t>(first)]);
    });
    return products;
  });
}

}  // namespace
}  // namespace rushlight::test
