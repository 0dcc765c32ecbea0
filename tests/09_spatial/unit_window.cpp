#include "plain.hpp"

namespace rushlight::test {
namespace {

Pair sizes(std::int64_t h, std::int64_t w, const Window& window) { return output_size("conv2d", {2, 3, h, w}, window); }

TEST(Unit_09_1, OutputSizesFromTheBook) {
  EXPECT_EQ(sizes(28, 28, {.kernel = 5}), Pair(24, 24));
  EXPECT_EQ(sizes(28, 28, {.kernel = 3, .padding = 1}), Pair(28, 28));
  EXPECT_EQ(sizes(224, 224, {.kernel = 7, .stride = 2, .padding = 3}), Pair(112, 112));
  EXPECT_EQ(sizes(7, 8, {.kernel = 2, .stride = 2}), Pair(3, 4));
  EXPECT_EQ(sizes(9, 9, {.kernel = 3, .dilation = 4}), Pair(1, 1));
}

TEST(Unit_09_1, EachAxisHasItsOwnNumbers) {
  EXPECT_EQ(sizes(10, 12, {.kernel = {3, 4}, .stride = {2, 3}, .padding = {1, 0}, .dilation = {1, 2}}), Pair(5, 2));
  EXPECT_EQ(sizes(12, 10, {.kernel = {4, 3}, .stride = {3, 2}, .padding = {0, 1}, .dilation = {2, 1}}), Pair(2, 5));
}

TEST(Unit_09_1, AgreesWithCountingEveryPlace) {
  for (std::int64_t size = 1; size <= 9; ++size)
    for (std::int64_t kernel = 1; kernel <= 4; ++kernel)
      for (std::int64_t stride = 1; stride <= 3; ++stride)
        for (std::int64_t padding = 0; padding <= 2; ++padding)
          for (std::int64_t dilation = 1; dilation <= 3; ++dilation) {
            std::int64_t places = 0;  // the last tap must not pass the last padded pixel
            while (places * stride + (kernel - 1) * dilation < size + 2 * padding) ++places;
            const Window window{{kernel, 1}, {stride, 1}, {padding, 0}, {dilation, 1}};
            if (places == 0) {
              EXPECT_THROW(sizes(size, 1, window), ShapeError);
            } else {
              EXPECT_EQ(sizes(size, 1, window), Pair(places, 1))
                  << "size " << size << " kernel " << kernel << " stride " << stride << " padding " << padding
                  << " dilation " << dilation;
            }
          }
}

TEST(Unit_09_1, AnEmptyOutputSaysWhichSizeWouldWork) {
  EXPECT_THROWS_WITH(sizes(4, 9, {.kernel = 5}), ShapeError, "conv2d", "height", "4", "at least 5");
  EXPECT_THROWS_WITH(sizes(9, 4, {.kernel = 5}), ShapeError, "conv2d", "width", "4", "at least 5");
  EXPECT_THROWS_WITH(sizes(2, 9, {.kernel = 3, .padding = 1, .dilation = 3}), ShapeError, "height is 2", "at least 5");
  EXPECT_EQ(sizes(5, 5, {.kernel = 3, .padding = 1, .dilation = 3}), Pair(1, 1));
  EXPECT_THROWS_WITH(output_size("max_pool2d", {1, 1, 0, 4}, {.kernel = 2, .padding = 1}), ShapeError, "max_pool2d",
                     "height is 0", "at least 1");
}

// C++ divides towards 0: -1 / 2 is 0, and 0 + 1 would be one place too many.
TEST(Unit_09_1, JustTooSmallIsStillTooSmall) {
  for (std::int64_t stride = 1; stride <= 5; ++stride) {
    EXPECT_THROW(sizes(2, 3, {.kernel = 3, .stride = stride}), ShapeError) << "stride " << stride;
    EXPECT_EQ(sizes(3, 3, {.kernel = 3, .stride = stride}), Pair(1, 1));
  }
}

TEST(Unit_09_1, NumbersOutOfRangeAreNamed) {
  EXPECT_EQ(sizes(3, 3, {}), Pair(3, 3));
  EXPECT_THROWS_WITH(sizes(3, 3, {.kernel = {3, 0}}), ValueError, "kernel is 3x0");
  EXPECT_THROWS_WITH(sizes(3, 3, {.stride = {0, 1}}), ValueError, "stride is 0x1");
  EXPECT_THROWS_WITH(sizes(3, 3, {.padding = -1}), ValueError, "padding is -1x-1");
  EXPECT_THROWS_WITH(sizes(3, 3, {.dilation = 0}), ValueError, "dilation is 0x0");
  EXPECT_THROWS_WITH(sizes(3, 3, {.padding = INT64_MAX}), ValueError, "padding");
  EXPECT_THROWS_WITH(output_size("avg_pool2d", {3, 4, 4}, {}), ShapeError, "avg_pool2d", "(3, 4, 4)", "(N, C, H, W)");
}

TEST(Unit_09_1, OutputsInsideAgreesWithLookingAtEach) {
  for (std::int64_t start = -7; start <= 7; ++start)
    for (std::int64_t stride = 1; stride <= 4; ++stride)
      for (std::int64_t size = 1; size <= 6; ++size)
        for (std::int64_t outputs = 0; outputs <= 5; ++outputs) {
          const auto run = outputs_inside(start, stride, size, outputs);
          EXPECT_GE(run.first, 0);
          EXPECT_LE(run.first, run.last);
          EXPECT_LE(run.last, outputs);
          for (std::int64_t o = 0; o < outputs; ++o) {
            const std::int64_t pixel = o * stride + start;
            const bool inside = 0 <= pixel && pixel < size;
            EXPECT_EQ(run.first <= o && o < run.last, inside)
                << "start " << start << " stride " << stride << " size " << size << " output " << o;
          }
        }
  const auto beyond = outputs_inside(-3, INT64_MAX, 6, 1);  // the one output looks at pixel -3
  EXPECT_EQ(beyond.first, beyond.last) << beyond.first << " to " << beyond.last;
}

// A number of a window may be 2^30: a span is then near 2^60, and no sum of them fits 32 bits.
TEST(Unit_09_1, LargeNumbersAreReckonedExactly) {
  constexpr std::int64_t most = std::int64_t{1} << 30;
  struct Axis {
    std::int64_t size, kernel, stride, padding, dilation, places;  // 0 places: it does not fit
  };
  const std::vector<Axis> axes{
      {3, 3, 1, 0, most, 0},
      {2 * most, 3, 1, 0, most, 0},
      {2 * most + 1, 3, 1, 0, most, 1},
      {2 * most + 2, 3, 1, 0, most, 2},
      {1, 3, 1, most, most, 1},
      {5, most, 1, 0, most, 0},
      {most * (most - 1), most, 1, 0, most, 0},
      {most * (most - 1) + 1, most, 1, 0, most, 1},
      {5, 5, 1, 0, most, 0},  // the span is 1 in 32 bits
      {1, 1, 1, most, 1, 2 * most + 1},
      {1 << 10, most, 1, most / 2, 1, (1 << 10) + 1},
      {most << 10, 1, most, 0, 1, 1 << 10},
      {1, 1, most, most, 1, 3},
  };
  for (const Axis& a : axes) {
    const auto shown = fmt::format("size {} kernel {} stride {} padding {} dilation {}", a.size, a.kernel, a.stride,
                                   a.padding, a.dilation);
    const Window down{{a.kernel, 1}, {a.stride, 1}, {a.padding, 0}, {a.dilation, 1}};
    const Window across{{1, a.kernel}, {1, a.stride}, {0, a.padding}, {1, a.dilation}};
    if (a.places > 0) {
      EXPECT_EQ(sizes(a.size, 2, down), Pair(a.places, 2)) << shown;
      EXPECT_EQ(sizes(2, a.size, across), Pair(2, a.places)) << shown;
    } else {
      const std::string needed = std::to_string(a.dilation * (a.kernel - 1) + 1 - 2 * a.padding);
      EXPECT_THROWS_WITH(sizes(a.size, 2, down), ShapeError, "height", needed);
      EXPECT_THROWS_WITH(sizes(2, a.size, across), ShapeError, "width", needed);
    }
  }
}

TEST(Unit_09_1, RunsOfLargeNumbersAreReckonedExactly) {
  constexpr std::int64_t most = std::int64_t{1} << 30;
  const auto run = [](std::int64_t start, std::int64_t stride, std::int64_t size, std::int64_t outputs) {
    const auto found = outputs_inside(start, stride, size, outputs);
    return std::pair(found.first, found.last);
  };
  EXPECT_EQ(run(-most * most, most, most << 10, 4 * most), std::pair(most, most + (1 << 10)));
  EXPECT_EQ(run(-most * most - 1, most, most << 10, 4 * most), std::pair(most + 1, most + (1 << 10) + 1));
  EXPECT_EQ(run(-4 * most, 1, 8 * most, 16 * most), std::pair(4 * most, 12 * most));
  for (const std::int64_t far : {most * most, -most * most}) {
    const auto [first, last] = run(far, 1, 4, 4);
    EXPECT_EQ(first, last) << "start " << far;
  }
}

}  // namespace
}  // namespace rushlight::test
