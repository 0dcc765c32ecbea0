#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

TEST(Unit_22_5, TransposesEveryShape) {
  const CudaHere device;
  for (const Shape& shape :
       {Shape{1, 32, 32}, Shape{2, 33, 40}, Shape{3, 5, 70}, Shape{1, 100, 1}, Shape{2, 8, 32}, Shape{20, 3, 2}}) {
    const std::int64_t rows = shape[1], columns = shape[2];
    const Array x = tabulated(shape, [](std::int64_t i) { return i + 1; });
    const auto run = [&](const Arrays& in) {
      Array y = on_gpu({shape[0], columns, rows});
      transpose_tiled(view_to_write(y), view(in[0]), shape[0], rows, columns);
      return y;
    };
    const Array expected = tabulated({shape[0], columns, rows}, [&](std::int64_t i) {
      return i / (rows * columns) * rows * columns + i % rows * columns + i / rows % columns + 1;
    });
    EXPECT_TRUE(agrees(run, {x}, expected, exactly)) << shape.str();
  }
}

TEST(Unit_22_5, ATransposeTouchesNeighboursAndFreeBanks) {
  const CudaHere device;
  const Array x = uniform({64, 64}, 1, 1, 2).to(gpu);
  Array y = on_gpu({64, 64});
  const emulator::Count count;
  transpose_tiled(view_to_write(y), view(x), 1, 64, 64);
  EXPECT_EQ(count.most_sectors(), static_cast<int>(sizeof(Real))) << "32 for an access whose lanes lie a row apart";
  if (!double_precision) EXPECT_EQ(count.most_turns(), 1) << "lanes wait for each other at a bank of shared memory";
  EXPECT_GT(count.most_turns(), 0) << "nothing went through shared memory";
}

TEST(Unit_22_5, ReadsByStrides) {
  const CudaHere device;
  const Array x = tabulated({2, 3, 4}, [](std::int64_t i) { return i + 1; });
  const auto run = [](const Arrays& in) {  // x[1:, ::2, :] with its axes turned to (4, 2, 1)
    Array out = on_gpu({4, 2, 1});
    const Layout layout{.rank = 3, .sizes = {4, 2, 1}, .strides = {{1, 8, 12}}};
    read_strided(view_to_write(out), view(in[0]), layout, 12);
    return out;
  };
  EXPECT_TRUE(agrees(run, {x}, Array({4, 2, 1}, {13, 21, 14, 22, 15, 23, 16, 24}), exactly));
}

TEST(Unit_22_5, WritesByStrides) {
  const CudaHere device;
  const Array x = tabulated({3, 2}, [](std::int64_t i) { return i + 1; }).to(gpu);
  Array out = filled({3, 5}, 0);
  const Layout layout{.rank = 2, .sizes = {3, 2}, .strides = {{5, 2}}};  // columns 1 and 3
  write_strided(view_to_write(out), view(x), layout, 1);
  EXPECT_TRUE(near(out.cpu(), {3, 5}, {0, 1, 0, 2, 0, 0, 3, 0, 4, 0, 0, 5, 0, 6, 0}, exactly));
}

TEST(Unit_22_5, StridesReachBeyondTheGrid) {
  const CudaHere device;
  const std::int64_t count = 1024 * block_threads + 5;
  const Array x = tabulated({count}, [](std::int64_t i) { return i % 100 + 1; });
  const Layout backward{.rank = 1, .sizes = {count}, .strides = {{-1}}};
  const auto reversed = tabulated({count}, [&](std::int64_t i) { return (count - 1 - i) % 100 + 1; });
  EXPECT_TRUE(agrees(
      [&](const Arrays& in) {
        Array out = on_gpu({count});
        read_strided(view_to_write(out), view(in[0]), backward, count - 1);
        return out;
      },
      {x}, reversed, exactly));
  EXPECT_TRUE(agrees(
      [&](const Arrays& in) {
        Array out = on_gpu({count});
        write_strided(view_to_write(out), view(in[0]), backward, count - 1);
        return out;
      },
      {x}, reversed, exactly));
}

}  // namespace
}  // namespace rushlight::test
