#include "plain.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_09_9, FlattenMakesRows) {
  const Tensor x = eighths({2, 3, 2, 2}, 1);
  EXPECT_EQ(flatten(x, 1).shape(), Shape({2, 12}));
  EXPECT_EQ(flatten(x).shape(), Shape({24}));
  EXPECT_EQ(flatten(x, 1, 2).shape(), Shape({2, 6, 2}));
  EXPECT_EQ(flatten(x, -2).shape(), Shape({2, 3, 4}));
  EXPECT_EQ(flatten(x, 2, 2).shape(), x.shape());
  for (const int axis : {0, 5, -3}) EXPECT_EQ(flatten(Tensor(Real{3}), axis, -axis).shape(), Shape({1}));
  EXPECT_EQ(flatten(Array({0, 3, 2, 2}), 1).shape(), Shape({0, 12}));
  EXPECT_EQ(flatten(Array({2, 0, 3}), 1).shape(), Shape({2, 0}));
  EXPECT_EQ(flatten(Array({2, 3, 0})).shape(), Shape({0}));
  EXPECT_TRUE(near(flatten(x, 1).value(), {2, 12}, to_doubles(x.value()), exactly));
  EXPECT_TRUE(flatten(x, 1).value().shares_buffer_with(x.value()));
}

TEST(Unit_09_9, FlattenSaysWhatIsWrong) {
  const Tensor x = eighths({2, 3, 4}, 1);
  EXPECT_THROWS_WITH(flatten(x, 2, 1), ShapeError, "(2, 3, 4)");
  EXPECT_THROWS_WITH(flatten(x, -1, -2), ShapeError, "(2, 3, 4)");
  EXPECT_THROWS_WITH(flatten(x, 2, -2), ShapeError, "(2, 3, 4)");
  EXPECT_THROWS_WITH(flatten(x, -1, 0), ShapeError, "(2, 3, 4)");
  EXPECT_THROWS_WITH(flatten(x, 3), IndexError, "3");
  EXPECT_THROWS_WITH(flatten(x, 0, -4), IndexError, "-4");
}

// In evaluation a fresh batch norm only divides by √(1 + eps), so the block can be written down with plain loops.
Doubles plain_conv(const Array& x, const Array& weight, const ConvOptions& options, Shape& y_shape) {
  const std::vector<ConvTerm> terms = conv_terms({"", x.shape(), weight.shape(), options, false}, y_shape);
  Doubles y(static_cast<std::size_t>(y_shape.numel()), 0.0);
  for (const ConvTerm& t : terms) y[t.y] += static_cast<double>(weight.data()[t.weight]) * x.data()[t.x];
  for (double& value : y) value /= std::sqrt(1 + 1e-5);
  return y;
}

Array plain_relu(const Shape& shape, const Doubles& values) {
  Array y(shape);
  std::transform(values.begin(), values.end(), y.mutable_data().begin(),
                 [](double v) { return static_cast<Real>(v > 0 ? v : 0); });
  return y;
}

Array plain_block(const Array& x, ResidualBlock& block, Pair stride) {
  Shape shape;
  const Doubles inner = plain_conv(x, block.conv1.weight.value(), {.stride = stride, .padding = 1}, shape);
  const Array hidden = plain_relu(shape, inner);
  Doubles sum = plain_conv(hidden, block.conv2.weight.value(), {.padding = 1}, shape);
  Doubles shortcut = to_doubles(x);
  for (const auto& [name, tensor] : block.named_parameters()) {
    Shape same_shape;
    if (name == "downsample.0.weight") shortcut = plain_conv(x, tensor.value(), {.stride = stride}, same_shape);
  }
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += shortcut.at(i);
  return plain_relu(shape, sum);
}

TEST(Unit_09_9, AddsItsInputToWhatItLearned) {
  Generator g(7);
  ResidualBlock block({.in = 3, .out = 3}, g);
  block.eval();
  const Array x = randn({2, 3, 4, 5}, 45);
  EXPECT_TRUE(near(block(x).value(), plain_block(x, block, 1), close));
}

TEST(Unit_09_9, ProjectsItsInputWhenTheShapeChanges) {
  Generator g(8);
  ResidualBlock halving({.in = 2, .out = 4, .stride = 2}, g), widening({.in = 2, .out = 3}, g),
      shrinking({.in = 2, .out = 2, .stride = {1, 2}}, g);
  halving.eval(), widening.eval(), shrinking.eval();
  const Array x = randn({2, 2, 5, 6}, 46);
  EXPECT_TRUE(near(halving(x).value(), plain_block(x, halving, 2), close));
  EXPECT_EQ(halving(x).shape(), Shape({2, 4, 3, 3}));
  EXPECT_TRUE(near(widening(x).value(), plain_block(x, widening, 1), close));
  EXPECT_TRUE(near(shrinking(x).value(), plain_block(x, shrinking, {1, 2}), close));
}

TEST(Unit_09_9, HasTheNamesOfTorchvision) {
  Generator g(9);
  ResidualBlock same_shape({.in = 2, .out = 2}, g), other_shape({.in = 2, .out = 3, .stride = 2}, g);
  const auto names = [](const NamedTensors& named) {
    std::string all;
    for (const auto& [name, tensor] : named) all += name + " ";
    return all;
  };
  EXPECT_EQ(names(same_shape.named_parameters()), "conv1.weight bn1.weight bn1.bias conv2.weight bn2.weight bn2.bias ");
  EXPECT_EQ(names(other_shape.named_parameters()),
            "conv1.weight bn1.weight bn1.bias conv2.weight bn2.weight bn2.bias "
            "downsample.0.weight downsample.1.weight downsample.1.bias ");
  EXPECT_EQ(other_shape.named_buffers().size(), 9u);
  EXPECT_EQ(other_shape.parameter_count(), 54 + 6 + 81 + 6 + 6 + 6);
}

// conv1, conv2, downsample: as three layers would that are made one after the other.
TEST(Unit_09_9, DrawsItsConvolutionsInOrder) {
  for (const ResidualBlockOptions& options :
       {ResidualBlockOptions{.in = 2, .out = 2}, {.in = 2, .out = 3}, {.in = 3, .out = 3, .stride = 2}}) {
    Generator g(13), same(13);
    ResidualBlock block(options, g);
    std::vector<Conv2d> layers;
    layers.emplace_back(Conv2dOptions{.in = options.in, .out = options.out, .kernel = 3, .bias = false}, same);
    layers.emplace_back(Conv2dOptions{.in = options.out, .out = options.out, .kernel = 3, .bias = false}, same);
    if (block.named_parameters().size() > 6) {
      layers.emplace_back(Conv2dOptions{.in = options.in, .out = options.out, .bias = false}, same);
    }
    std::size_t layer = 0;
    for (const auto& [name, tensor] : block.named_parameters()) {
      if (tensor.rank() == 4) EXPECT_TRUE(same_bits(tensor.value(), layers.at(layer++).weight.value())) << name;
    }
    EXPECT_EQ(layer, layers.size());
    EXPECT_EQ(g.state(), same.state());
  }
}

TEST(Unit_09_9, WithNothingLearnedItIsARelu) {
  Generator g(10);
  ResidualBlock block({.in = 2, .out = 2}, g);
  block.conv2.weight.set_value(Array::full({2, 2, 3, 3}, 0));
  const Array x = randn({2, 2, 3, 3}, 47);
  EXPECT_TRUE(near(block(x).value(), plain_relu(x.shape(), to_doubles(x)), exactly));
}

// Answers the same, whatever it is asked.
struct Answer : Module {
  Tensor answer;
  explicit Answer(const Array& value) : answer(value) {}
  Tensor forward(const Tensor&) override { return answer; }
  void members(Members&) override {}
};

// What replaces a layer is asked in its place: a block calls its layers with ().
TEST(Unit_09_9, AStandInAnswersForItsLayer) {
  Generator g(12);
  const Array x = randn({1, 2, 3, 3}, 49), seven = Array::full({1, 2, 3, 3}, 7);
  for (int layer = 0; layer < 4; ++layer) {
    ResidualBlock block({.in = 2, .out = 2}, g);
    Module* const layers[]{&block.conv1, &block.bn1, &block.conv2, &block.bn2};
    const auto expected = [&](const Array& of_layer) {  // the rest of the block, behind the one that answers
      Tensor y = of_layer;
      if (layer < 1) y = block.bn1(y);
      if (layer < 2) y = block.conv2(relu(y));
      if (layer < 3) y = block.bn2(y);
      return relu(y + Tensor(x)).value();
    };
    block.eval();
    layers[layer]->replace_with(std::make_shared<Answer>(seven));
    EXPECT_TRUE(near(block(x).value(), x.shape(), to_doubles(expected(seven)), close)) << "layer " << layer;
  }
  ResidualBlock wider({.in = 2, .out = 3}, g);
  wider.bn2.replace_with(std::make_shared<Answer>(zeros({1, 3, 3, 3})));
  wider.downsample.replace_with(std::make_shared<Answer>(Array::full({1, 3, 3, 3}, 5)));
  EXPECT_TRUE(near(wider(x).value(), Array::full({1, 3, 3, 3}, 5), exactly));
}

TEST(Unit_09_9, TrainingReachesEveryNorm) {
  Generator g(11);
  ResidualBlock block({.in = 2, .out = 3}, g);
  block(randn({2, 2, 3, 3}, 48));
  for (const auto& [name, buffer] : block.named_buffers()) {
    if (name.ends_with("num_batches_tracked")) EXPECT_EQ(buffer.item(), 1) << name;
  }
  EXPECT_THROW(ResidualBlock({.in = 0, .out = 2}, g), ValueError);
}

}  // namespace
}  // namespace rushlight::test
