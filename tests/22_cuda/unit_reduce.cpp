#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

double value_of_row(cuda::Reduction op, const Array& x, std::int64_t begin, std::int64_t width) {
  double value = op == cuda::Reduction::sum ? 0 : -INFINITY;
  for (std::int64_t i = begin; i < begin + width; ++i) {
    value = op == cuda::Reduction::sum ? value + number(x, i) : std::max(value, number(x, i));
  }
  return value;
}

TEST(Unit_22_2, ReducesRowsOfEveryWidth) {
  const CudaHere device;
  for (const cuda::Reduction op : {cuda::Reduction::sum, cuda::Reduction::max}) {
    for (const std::int64_t width : {1, 5, 31, 32, 33, 255, 256, 257, 700}) {
      const Array x = uniform({3, width}, 1, -2, -1);  // a 0 that was not wanted is the largest
      const auto run = [=](const Arrays& in) {
        Array out = on_gpu({3});
        cuda::reduce_rows(op, view_to_write(out), view(in[0]), 3, width);
        return out;
      };
      const Array expected = tabulated({3}, [&](std::int64_t r) { return value_of_row(op, x, r * width, width); });
      EXPECT_TRUE(agrees(run, {x}, expected, {1e-5, 1e-6})) << width;
    }
  }
}

TEST(Unit_22_2, AnEmptyRowGivesTheIdentity) {
  const CudaHere device;
  Array sum = on_gpu({2}), most = on_gpu({2});
  cuda::reduce_rows(cuda::Reduction::sum, view_to_write(sum), Reals(), 2, 0);
  cuda::reduce_rows(cuda::Reduction::max, view_to_write(most), Reals(), 2, 0);
  EXPECT_TRUE(near(sum.cpu(), {2}, {0, 0}));
  EXPECT_TRUE(near(most.cpu(), {2}, {-INFINITY, -INFINITY}));
}

TEST(Unit_22_2, TheLargestMayLieFarBelowZero) {
  const CudaHere device;
  const Array there = filled({2, 40}, Real(-3e38));
  Array rows = on_gpu({2}), all = on_gpu({1}), between = on_gpu({3});
  cuda::reduce_rows(cuda::Reduction::max, view_to_write(rows), view(there), 2, 40);
  cuda::reduce_all(cuda::Reduction::max, view_to_write(all), view(there), view_to_write(between));
  EXPECT_TRUE(near(rows.cpu(), {2}, {-3e38, -3e38}));
  EXPECT_TRUE(near(all.cpu(), {1}, {-3e38}));
}

TEST(Unit_22_2, NaNWinsWhereverItIs) {
  const CudaHere device;
  for (const std::int64_t at : {0, 31, 32, 299}) {
    Array x = uniform({300}, 1, 1, 2);
    x.mutable_data()[at] = NAN;
    const Array there = x.to(gpu);
    Array out = on_gpu({1});
    cuda::reduce_rows(cuda::Reduction::max, view_to_write(out), view(there), 1, 300);
    EXPECT_TRUE(std::isnan(out.item())) << at;
  }
}

TEST(Unit_22_2, ReducesAllInTwoLaunches) {
  const CudaHere device;
  for (const cuda::Reduction op : {cuda::Reduction::sum, cuda::Reduction::max}) {
    for (const std::int64_t partials : {1, 3, 300}) {
      const Array x = uniform({20011}, 4, op == cuda::Reduction::sum ? 0.5 : -2, op == cuda::Reduction::sum ? 1 : -1);
      const auto run = [=](const Arrays& in) {
        Array out = on_gpu({1}), between = on_gpu({partials});
        const emulator::Count count;
        cuda::reduce_all(op, view_to_write(out), view(in[0]), view_to_write(between));
        EXPECT_EQ(count.launches, 2);
        return out;
      };
      EXPECT_TRUE(agrees(run, {x}, tabulated({1}, [&](auto) { return value_of_row(op, x, 0, 20011); }), {1e-5, 1e-6}))
          << partials;
    }
  }
}

TEST(Unit_22_2, NothingAtAllGivesTheIdentity) {
  const CudaHere device;
  for (const auto& [op, wanted] :
       {std::pair(cuda::Reduction::sum, 0.0), std::pair(cuda::Reduction::max, double{-INFINITY})}) {
    Array out = on_gpu({1}), between = on_gpu({3});
    cuda::reduce_all(op, view_to_write(out), Reals(), view_to_write(between));
    EXPECT_EQ(number(out.cpu(), 0), wanted);
  }
}

TEST(Unit_22_2, ReadsNeighboursAndAvoidsBankConflicts) {
  const CudaHere device;
  const Array x = uniform({2, 512}, 1, 1, 2).to(gpu);
  Array out = on_gpu({2});
  const emulator::Count count;
  cuda::reduce_rows(cuda::Reduction::sum, view_to_write(out), view(x), 2, 512);
  EXPECT_EQ(count.most_sectors(), static_cast<int>(sizeof(Real)));
  if (!double_precision) EXPECT_LE(count.most_turns(), 1);
}

}  // namespace
}  // namespace rushlight::test
