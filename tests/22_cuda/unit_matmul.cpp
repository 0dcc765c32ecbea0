#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;
using Kernel = void (*)(Global<Real>, Reals, Reals, const Product&);

Array expected_product(const Array& a, const Array& b, const Product& p) {
  return tabulated({p.batch, p.m, p.n}, [&](std::int64_t i) {
    const std::int64_t z = i / (p.m * p.n), row = i / p.n % p.m, column = i % p.n;
    double sum = 0;
    for (std::int64_t k = 0; k < p.k; ++k) {
      const double left = number(a, z * p.stride_a + (p.transpose_a ? k * p.m + row : row * p.k + k));
      sum += left * number(b, z * p.stride_b + (p.transpose_b ? column * p.k + k : k * p.n + column));
    }
    return sum;
  });
}

void expect_product(Kernel kernel, Product p, bool one_b = false) {
  p.stride_a = p.m * p.k;
  p.stride_b = one_b ? 0 : p.k * p.n;
  const Array a = uniform({p.batch * p.m * p.k}, 1, 0.5, 1.5), b = uniform({p.batch * p.k * p.n}, 2, 0.5, 1.5);
  const auto run = [&](const Arrays& in) {
    Array c = on_gpu({p.batch, p.m, p.n});
    kernel(view_to_write(c), view(in[0]), view(in[1]), p);
    return c;
  };
  EXPECT_TRUE(agrees(run, {a, b}, expected_product(a, b, p), {1e-5, 1e-6}))
      << p.m << " x " << p.k << " x " << p.n << ", transposed " << p.transpose_a << p.transpose_b;
}

TEST(Unit_22_3, TheNaiveKernelMultiplies) {
  const CudaHere device;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      expect_product(matmul_naive, {.batch = 2, .m = 17, .n = 5, .k = 9, .transpose_a = ta, .transpose_b = tb});
    }
  }
}

TEST(Unit_22_3, TheTiledKernelMultiplies) {
  const CudaHere device;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      expect_product(matmul_tiled, {.m = 16, .n = 32, .k = 48, .transpose_a = ta, .transpose_b = tb});
      expect_product(matmul_tiled, {.batch = 2, .m = 17, .n = 33, .k = 19, .transpose_a = ta, .transpose_b = tb});
      expect_product(matmul_tiled, {.batch = 3, .m = 1, .n = 2, .k = 3, .transpose_a = ta, .transpose_b = tb}, true);
    }
  }
}

TEST(Unit_22_3, TheRegisterKernelMultiplies) {
  const CudaHere device;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      expect_product(matmul_registers, {.m = 64, .n = 128, .k = 32, .transpose_a = ta, .transpose_b = tb});
      expect_product(matmul_registers, {.batch = 2, .m = 70, .n = 83, .k = 19, .transpose_a = ta, .transpose_b = tb});
      expect_product(matmul_registers, {.batch = 3, .m = 1, .n = 2, .k = 3, .transpose_a = ta, .transpose_b = tb},
                     true);
    }
  }
}

// One product in three, of matrices that lie apart.
TEST(Unit_22_3, StridesSayWhereTheNextMatrixBegins) {
  const CudaHere device;
  const Product p{.batch = 3, .m = 2, .n = 3, .k = 4, .stride_a = 10, .stride_b = 17};
  const Array a = uniform({30}, 1, 0.5, 1.5), b = uniform({51}, 2, 0.5, 1.5);
  for (const Kernel kernel : {matmul_naive, matmul_tiled, matmul_registers}) {
    const auto run = [&](const Arrays& in) {
      Array c = on_gpu({3, 2, 3});
      kernel(view_to_write(c), view(in[0]), view(in[1]), p);
      return c;
    };
    EXPECT_TRUE(agrees(run, {a, b}, expected_product(a, b, p), {1e-5, 1e-6}));
  }
}

// What hangs over the edge of the last tile is 0 on both sides, and not what was there before.
TEST(Unit_22_3, AnInfinityIsMultipliedOnce) {
  const CudaHere device;
  const Product p{.m = 1, .n = 1, .k = 17};
  for (const Kernel kernel : {matmul_naive, matmul_tiled}) {
    const auto run = [&](const Arrays& in) {
      Array c = on_gpu({1, 1, 1});
      kernel(view_to_write(c), view(in[0]), view(in[1]), p);
      return c;
    };
    const Array plain = ones({17}), endless = tabulated({17}, [](std::int64_t i) { return i == 5 ? infinity : 1; });
    EXPECT_TRUE(agrees(run, {endless, plain}, Array({1, 1, 1}, {inf}), exactly));
    EXPECT_TRUE(agrees(run, {plain, endless}, Array({1, 1, 1}, {inf}), exactly));
  }
}

// 0 times an infinity is NaN, as IEEE 754 and every other device say.
TEST(Unit_22_3, NoFactorIsLeftOut) {
  const CudaHere device;
  const Product p{.m = 2, .n = 3, .k = 19};
  for (const double odd : {infinity, -infinity, not_a_number}) {
    const Array of_a = tabulated({38}, [&](std::int64_t i) { return i == 5 || i == 18 ? 0 : i == 19 + 7 ? odd : 1; });
    const Array of_b = tabulated({57}, [&](std::int64_t i) { return i == 5 * 3 + 1 ? odd : i == 7 * 3 + 2 ? 0 : 1; });
    for (const Kernel kernel : {matmul_naive, matmul_tiled, matmul_registers}) {
      const auto run = [&](const Arrays& in) {
        Array c = on_gpu({1, 2, 3});
        kernel(view_to_write(c), view(in[0]), view(in[1]), p);
        return c;
      };
      EXPECT_TRUE(agrees(run, {of_a, of_b}, expected_product(of_a, of_b, p))) << odd;
    }
  }
}

TEST(Unit_22_3, AProductOverNothingIsZeros) {
  const CudaHere device;
  for (const Kernel kernel : {matmul_naive, matmul_tiled, matmul_registers}) {
    Array c = on_gpu({2, 3});
    kernel(view_to_write(c), Reals(), Reals(), {.m = 2, .n = 3, .k = 0});
    EXPECT_TRUE(near(c.cpu(), zeros({2, 3}), exactly));
  }
}

struct Asked {
  std::int64_t device_reads = 0, shared_reads = 0;
};

// By a product of 64 x 64 matrices, in numbers.
Asked asked_by(Kernel kernel) {
  const Array a = uniform({64, 64}, 1, 1, 2).to(gpu), b = uniform({64, 64}, 2, 1, 2).to(gpu);
  Array c = on_gpu({64, 64});
  const emulator::Count count;
  kernel(view_to_write(c), view(a), view(b), {.m = 64, .n = 64, .k = 64});
  return {count.bytes_wanted() / 4 - 64 * 64, count.shared_reads};
}

// Each number of a tile is fetched once for 16 threads.
TEST(Unit_22_3, TilesReadASixteenth) {
  const CudaHere device;
  EXPECT_EQ(asked_by(matmul_naive).device_reads, 16 * asked_by(matmul_tiled).device_reads);
}

// And in the larger tile for 64 numbers of c, of which a thread has 16.
TEST(Unit_22_3, RegistersReadAQuarterOfTheTiles) {
  const CudaHere device;
  const Asked tiled = asked_by(matmul_tiled), registers = asked_by(matmul_registers);
  EXPECT_EQ(tiled.device_reads, 4 * registers.device_reads);
  EXPECT_GT(registers.shared_reads, 0);
  EXPECT_LE(registers.shared_reads, tiled.shared_reads / 4) << "half a read for each of the 64³ products";
}

}  // namespace
}  // namespace rushlight::test
