// 18.2: a product reads A and B and writes C, and not one number before or behind them.
#include <sys/mman.h>
#include <unistd.h>

#include "products.hpp"

namespace rushlight::test {
namespace {

// Numbers between two pages that nobody may touch: at the end of what lies between, or at its beginning.
class Fenced {
 public:
  Fenced(const Array& values, bool at_the_end) : bytes_(values.size() * sizeof(Real)) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t inside = (bytes_ + page - 1) / page * page;
    whole_ = inside + 2 * page;
    memory_ = static_cast<char*>(mmap(nullptr, whole_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory_ == MAP_FAILED || (inside > 0 && mprotect(memory_ + page, inside, PROT_READ | PROT_WRITE) != 0)) {
      throw std::runtime_error("no memory to fence");
    }
    numbers_ = reinterpret_cast<Real*>(memory_ + page + (at_the_end ? inside - bytes_ : 0));
    std::copy(values.data().begin(), values.data().end(), numbers_);
  }
  ~Fenced() { munmap(memory_, whole_); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;

  Real* data() { return numbers_; }

 private:
  std::size_t bytes_, whole_ = 0;
  char* memory_ = nullptr;
  Real* numbers_ = nullptr;
};

// Whole numbers, so that nothing is rounded.
void expect_fenced_product(std::int64_t m, std::int64_t n, std::int64_t k, const Way& way, bool at_the_end) {
  const Stored a(way.transpose_a ? k : m, way.transpose_a ? m : k, 0, 1);
  const Stored b(way.transpose_b ? n : k, way.transpose_b ? k : n, 0, 2);
  const Array c = whole_numbers({m, n}, 3);
  Fenced left(a.memory, at_the_end), right(b.memory, at_the_end), out(c, at_the_end);
  tiled_gemm({m, n, k, way.transpose_a, way.transpose_b, way.accumulate}, left.data(), right.data(), out.data());
  const Doubles sums = plain_matmul(packed(a, way.transpose_a), packed(b, way.transpose_b));
  for (std::int64_t i = 0; i < m * n; ++i) {
    ASSERT_EQ(out.data()[i], sums[i] + (way.accumulate ? c.data()[i] : 0))
        << m << " x " << k << " x " << n << ", " << i;
  }
}

TEST(Unit_18_2, NothingIsReadOrStoredBesideTheMatrices) {
  const std::int64_t wide = tile_columns();
  for (const bool at_the_end : {true, false}) {
    for (const bool a : {false, true}) {
      for (const bool b : {false, true}) {
        for (std::int64_t columns = 1; columns <= 2 * wide + 1; ++columns) {
          expect_fenced_product(7, columns, 5, {a, b, a == b}, at_the_end);
        }
        for (std::int64_t rows = 1; rows <= tile_rows + 1; ++rows) {
          expect_fenced_product(rows, wide + 3, 1, {a, b, a != b}, at_the_end);
        }
        expect_fenced_product(97, 16 * wide + 1, 259, {a, b, a == b}, at_the_end);
      }
    }
  }
}

}  // namespace
}  // namespace rushlight::test
