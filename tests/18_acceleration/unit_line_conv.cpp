// Convolution along padded lines, against the definition. Inputs are multiples of 1/8, so that every sum is exact:
// results must be equal. Images are worked on four at a time.
#include "plain.hpp"

namespace rushlight::test {
namespace {

struct ConvCase {
  std::string name;
  Shape x, weight;
  ConvOptions options = {};
  bool bias = true;
};

void PrintTo(const ConvCase& c, std::ostream* out) { *out << c.name; }
std::string case_name(const testing::TestParamInfo<ConvCase>& info) { return info.param.name; }

std::vector<ConvCase> conv_grid() {
  return {
      {"Plain", {2, 3, 5, 6}, {4, 3, 3, 3}},
      {"WithoutBias", {3, 2, 4, 4}, {3, 2, 2, 2}, {}, false},
      {"OnePixelKernel", {2, 3, 4, 5}, {4, 3, 1, 1}},
      {"OnePixelKernelPadded", {3, 2, 3, 3}, {2, 2, 1, 1}, {.padding = 1}},
      {"OnePixelKernelInGroups", {2, 4, 3, 3}, {6, 2, 1, 1}, {.groups = 2}},
      {"TwoByFive", {2, 2, 6, 9}, {3, 2, 2, 5}},
      {"TwoByFivePadded", {3, 2, 4, 5}, {3, 2, 2, 5}, {.padding = {1, 2}}},
      {"TallKernel", {1, 2, 6, 4}, {3, 2, 4, 1}, {.padding = {2, 0}}},
      {"SamePadding", {5, 2, 4, 5}, {3, 2, 3, 3}, {.padding = 1}},
      {"WidePadding", {3, 1, 3, 3}, {2, 1, 2, 2}, {.padding = 3}},
      {"Dilated", {1, 2, 6, 7}, {2, 2, 2, 3}, {.dilation = {3, 2}}},
      {"DilatedPadded", {3, 2, 5, 5}, {2, 2, 3, 3}, {.padding = 2, .dilation = 2}},
      {"Groups", {5, 4, 4, 4}, {6, 2, 3, 3}, {.padding = 1, .groups = 2}},
      {"Depthwise", {2, 3, 5, 4}, {6, 1, 2, 2}, {.groups = 3}},
      {"EveryAxisItsOwn", {6, 4, 9, 8}, {4, 2, 2, 3}, {.padding = {1, 2}, .dilation = {3, 1}, .groups = 2}},
      {"KernelAsLargeAsImage", {3, 2, 3, 4}, {5, 2, 3, 4}},
      {"OneColumnOfOutputs", {3, 2, 5, 3}, {2, 2, 2, 3}},
      {"OnePixel", {1, 1, 1, 1}, {1, 1, 1, 1}},
      {"NoImage", {0, 2, 4, 4}, {3, 2, 3, 3}, {.padding = 1}},
      {"FourImages", {4, 1, 3, 4}, {2, 1, 2, 2}, {.padding = 1}},
      {"ThreePieces", {9, 2, 3, 4}, {2, 2, 2, 2}, {.padding = 1}},
      {"StrideTwo", {3, 2, 6, 7}, {3, 2, 3, 3}, {.stride = 2, .padding = 1}},
      {"StrideOfOneAxis", {2, 2, 6, 7}, {3, 2, 2, 2}, {.stride = {1, 2}}},
      {"StrideOfTheOther", {2, 2, 6, 7}, {3, 2, 2, 2}, {.stride = {2, 1}}},
  };
}

Array eighths(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  Array a(shape);
  for (Real& value : a.mutable_data()) value = static_cast<Real>(generator.below(25) - 12) / 8;
  return a;
}

struct ConvExample {
  Array x, weight, bias, grad;
  Shape y_shape;
  Doubles y, dx, dweight;
};

// The size of the output by counting.
std::int64_t places(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                    std::int64_t dilation) {
  std::int64_t count = 0;
  while (count * stride - padding + (kernel - 1) * dilation <= size - 1 + padding) ++count;
  return count;
}

// Every product of the sum that a convolution is, added where it belongs.
ConvExample conv_example(const ConvCase& c) {
  const auto& [stride, padding, dilation, groups] = c.options;
  const std::int64_t H = c.x[2], W = c.x[3], O = c.weight[0], depth = c.weight[1];
  ConvExample e{eighths(c.x, 11), eighths(c.weight, 12), Array(), Array(), {}, {}, {}, {}};
  if (c.bias) e.bias = eighths({O}, 13);
  e.y_shape = {c.x[0], O, places(H, c.weight[2], stride.h, padding.h, dilation.h),
               places(W, c.weight[3], stride.w, padding.w, dilation.w)};
  e.grad = eighths(e.y_shape, 14);
  e.dx.assign(e.x.data().size(), 0);
  e.dweight.assign(e.weight.data().size(), 0);
  for (std::int64_t at = 0; at < e.y_shape.numel(); ++at) {
    const std::int64_t j = at % e.y_shape[3], i = at / e.y_shape[3] % e.y_shape[2];
    const std::int64_t o = at / (e.y_shape[2] * e.y_shape[3]) % O,
                       n = at / (e.y_shape[1] * e.y_shape[2] * e.y_shape[3]);
    double y = c.bias ? e.bias.data()[o] : 0;
    for (std::int64_t tap = 0; tap < depth * c.weight[2] * c.weight[3]; ++tap) {
      const std::int64_t b = tap % c.weight[3], a = tap / c.weight[3] % c.weight[2];
      const std::int64_t channel = o / (O / groups) * depth + tap / (c.weight[2] * c.weight[3]);
      const std::int64_t row = i * stride.h + a * dilation.h - padding.h;
      const std::int64_t column = j * stride.w + b * dilation.w - padding.w;
      if (row < 0 || row >= H || column < 0 || column >= W) continue;
      const std::int64_t pixel = ((n * c.x[1] + channel) * H + row) * W + column;
      const std::int64_t weight = o * depth * c.weight[2] * c.weight[3] + tap;
      y += static_cast<double>(e.weight.data()[weight]) * e.x.data()[pixel];
      e.dx[pixel] += static_cast<double>(e.weight.data()[weight]) * e.grad.data()[at];
      e.dweight[weight] += static_cast<double>(e.x.data()[pixel]) * e.grad.data()[at];
    }
    e.y.push_back(y);
  }
  return e;
}

// Dirty memory of every size that a thread may work in: the padded image, its columns, the lines.
void dirty_scratch(const ConvCase& c) {
  const auto& [stride, padding, dilation, groups] = c.options;
  const std::int64_t height = c.x[2] + 2 * padding.h, width = c.x[3] + 2 * padding.w;
  const std::int64_t line =
      (height - dilation.h * (c.weight[2] - 1) - 1) * width + width - dilation.w * (c.weight[3] - 1);
  dirty({c.x[1], height, width});
  dirty({c.x[1] * c.weight[2] * c.weight[3], line});
  dirty({c.weight[0], line});
  dirty(c.x);
  dirty(c.weight);
}

class Unit_18_9 : public testing::TestWithParam<ConvCase> {};
INSTANTIATE_TEST_SUITE_P(Grid, Unit_18_9, testing::ValuesIn(conv_grid()), case_name);

TEST_P(Unit_18_9, Forward) {
  const ConvExample e = conv_example(GetParam());
  dirty_scratch(GetParam());
  EXPECT_TRUE(near(line_conv2d_forward(e.x, e.weight, e.bias, GetParam().options), e.y_shape, e.y, exactly));
}

TEST_P(Unit_18_9, BackwardToTheImage) {
  const ConvExample e = conv_example(GetParam());
  dirty_scratch(GetParam());
  const Shape& x = GetParam().x;
  EXPECT_TRUE(near(line_conv2d_backward_x(e.grad, e.weight, x, GetParam().options), x, e.dx, exactly));
}

TEST_P(Unit_18_9, BackwardToTheWeight) {
  const ConvExample e = conv_example(GetParam());
  dirty_scratch(GetParam());
  const Shape& weight = GetParam().weight;
  EXPECT_TRUE(near(line_conv2d_backward_weight(e.grad, e.x, weight, GetParam().options), weight, e.dweight, exactly));
}

}  // namespace
}  // namespace rushlight::test
