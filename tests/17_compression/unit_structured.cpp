// Layers that become smaller compute what the large one computes without those parts.
#include "02_activations/activations.hpp"
#include "thinned.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_17_4, NormsOfOutputs) {
  EXPECT_TRUE(near(output_norms(Array({2, 2}, {3, -4, 0, 0})), Shape{2}, {5, 0}));
  EXPECT_TRUE(near(output_norms(Array({2, 1, 2, 1}, {1, 2, 2, -4})), Shape{2}, {std::sqrt(5.0), std::sqrt(20.0)}));
  EXPECT_THROWS_WITH(output_norms(Array::scalar(1)), ShapeError, "output_norms");
}

TEST(Unit_17_4, TheStrongestInOrder) {
  EXPECT_EQ(listed(strongest(Array({5}, {1, 9, 3, 7, 5}), 3)), (std::vector<std::int32_t>{1, 3, 4}));
  EXPECT_EQ(listed(strongest(Array({4}, {2, 2, 2, 2}), 2)), (std::vector<std::int32_t>{0, 1})) << "the first of equals";
  EXPECT_EQ(listed(strongest(Array({3}, {1, 2, 2}), 1)), (std::vector<std::int32_t>{1}));
  EXPECT_THROWS_WITH(strongest(zeros({3}), 4), ValueError, "strongest", "4 of 3");
  EXPECT_THROWS_WITH(strongest(zeros({3}), 0), ValueError, "0 of 3");
  EXPECT_THROWS_WITH(strongest(zeros({3, 1}), 1), ShapeError, "(3, 1)");
}

TEST(Unit_17_4, AnyAxisCanBeThinned) {
  const Array x = arange(24).with_shape({2, 3, 4});
  const Indices places({2}, {2, 0});
  EXPECT_TRUE(near(kept_along(x, 1, places), Shape{2, 2, 4}, {8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15},
                   exactly));
  EXPECT_TRUE(near(kept_along(x, 0, Indices({1}, {1})), slice(x, 0, {.start = 1}), exactly));
  EXPECT_TRUE(near(kept_along(arange(6).with_shape({2, 3}), 1, places), Shape{2, 2}, {2, 0, 5, 3}, exactly));
  EXPECT_TRUE(near(kept_along(x, 2, places), Shape{2, 3, 2}, {2, 0, 6, 4, 10, 8, 14, 12, 18, 16, 22, 20}, exactly));
  EXPECT_THROW(kept_along(x, 1, Indices({1}, {3})), IndexError);
}

TEST(Unit_17_4, ALayerWithAStandInIsRefusedAndStays) {
  Generator g(1);
  const auto stand_in = [&] { return std::make_shared<Linear>(LinearOptions{.in = 4, .out = 4}, g); };
  for (const bool the_first : {true, false}) {
    Linear first({.in = 4, .out = 4}, g), second({.in = 4, .out = 4}, g);
    (the_first ? first : second).replace_with(stand_in());
    EXPECT_THROWS_WITH(prune_neurons(first, second, 2), ValueError, "prune_neurons", "stand-in");
    EXPECT_EQ(first.weight.shape(), (Shape{4, 4}));
    Conv2d one({.in = 1, .out = 4, .kernel = 1}, g), two({.in = 4, .out = 4, .kernel = 1}, g);
    (the_first ? one : two).replace_with(stand_in());
    EXPECT_THROWS_WITH(prune_channels(one, two, 2), ValueError, "prune_channels", "stand-in");
    Conv2d last({.in = 1, .out = 4, .kernel = 1}, g);
    Linear reads({.in = 4, .out = 4}, g);
    if (the_first) last.replace_with(stand_in());
    if (!the_first) reads.replace_with(stand_in());
    EXPECT_THROWS_WITH(prune_channels(last, reads, 2), ValueError, "prune_channels", "stand-in");
  }
  BatchNorm2d norm({.features = 4});
  norm.replace_with(stand_in());
  EXPECT_THROWS_WITH(keep_channels(norm, {.features = 4}, Indices({1}, {0})), ValueError, "keep_channels", "stand-in");
  for (Linear MultiHeadAttention::*part :
       {&MultiHeadAttention::q, &MultiHeadAttention::k, &MultiHeadAttention::v, &MultiHeadAttention::out}) {
    MultiHeadAttention attention({.width = 4, .heads = 2}, g);
    (attention.*part).replace_with(stand_in());
    EXPECT_THROWS_WITH(prune_heads(attention, 1), ValueError, "prune_heads", "stand-in");
  }
}

TEST(Unit_17_4, NeuronsGo) {
  Generator g(1);
  Linear first({.in = 4, .out = 5}, g), second({.in = 5, .out = 3}, g);
  shrink_rows(first.weight, {1, 3});
  const Tensor x(randn({6, 4}, 2));
  Linear whole({.in = 5, .out = 3}, g);
  whole.weight.set_value(second.weight.value().clone());
  whole.bias.set_value(second.bias.value().clone());
  zero_columns(whole.weight, {1, 3});
  const Array expected = whole(tanh(first(x))).value();
  EXPECT_EQ(listed(prune_neurons(first, second, 3)), (std::vector<std::int32_t>{0, 2, 4}));
  EXPECT_EQ(first.weight.shape(), (Shape{3, 4}));
  EXPECT_EQ(first.bias.shape(), Shape{3});
  EXPECT_EQ(second.weight.shape(), (Shape{3, 3}));
  EXPECT_EQ(second.bias.shape(), Shape{3});
  EXPECT_TRUE(near(second(tanh(first(x))).value(), expected, close));
  EXPECT_EQ(first.parameter_count() + second.parameter_count(), 15 + 12) << "the layers are smaller, not masked";
  for (const Tensor& parameter : {first.weight, first.bias, second.weight}) {
    EXPECT_TRUE(parameter.is_leaf() && parameter.requires_grad());
  }
}

TEST(Unit_17_4, OnlyTheFirstLayerSaysWhichNeuronsStay) {
  Generator g(1);
  Linear first({.in = 1, .out = 2}, g), second({.in = 2, .out = 1}, g);
  first.weight.set_value(Array({2, 1}, {2, 1}));
  second.weight.set_value(Array({1, 2}, {1, 100}));
  EXPECT_EQ(listed(prune_neurons(first, second, 1)), (std::vector<std::int32_t>{0}));
}

TEST(Unit_17_4, ALayerWithoutBias) {
  Generator g(2);
  Linear first({.in = 2, .out = 4, .bias = false}, g), second({.in = 4, .out = 1}, g);
  prune_neurons(first, second, 1);
  EXPECT_EQ(first.weight.shape(), (Shape{1, 2}));
  EXPECT_FALSE(first.bias.defined());
}

TEST(Unit_17_4, ErrorsLeaveTheLayersAsTheyWere) {
  Generator g(3);
  Linear first({.in = 4, .out = 5}, g), second({.in = 5, .out = 3}, g), stranger({.in = 4, .out = 3}, g);
  EXPECT_THROWS_WITH(prune_neurons(first, stranger, 2), ShapeError, "prune_neurons", "(3, 4)", "(5, 4)");
  EXPECT_THROWS_WITH(prune_neurons(first, second, 0), ValueError, "prune_neurons", "0 of 5");
  EXPECT_THROWS_WITH(prune_neurons(first, second, 6), ValueError, "6 of 5");
  EXPECT_EQ(first.weight.shape(), (Shape{5, 4}));
  EXPECT_EQ(second.weight.shape(), (Shape{3, 5}));
}

TEST(Unit_17_4, ChannelsGo) {
  Generator g(4);
  Conv2d first({.in = 2, .out = 4, .kernel = 3, .padding = 1}, g), second({.in = 4, .out = 3, .kernel = 2}, g);
  shrink_rows(first.weight, {0, 2});
  const Tensor x(randn({2, 2, 5, 5}, 5));
  // The same with the channels at zero between the two.
  Array gate = ones({1, 4, 1, 1});
  gate.mutable_data()[0] = gate.mutable_data()[2] = 0;
  const Array expected = second(relu(first(x)) * Tensor(gate)).value();
  EXPECT_EQ(listed(prune_channels(first, second, 2)), (std::vector<std::int32_t>{1, 3}));
  EXPECT_EQ(first.weight.shape(), (Shape{2, 2, 3, 3}));
  EXPECT_EQ(second.weight.shape(), (Shape{3, 2, 2, 2}));
  EXPECT_TRUE(near(second(relu(first(x))).value(), expected, close));
}

TEST(Unit_17_4, ChannelsGoBehindAFlatten) {
  Generator g(6);
  Conv2d first({.in = 1, .out = 3, .kernel = 2}, g);
  Linear second({.in = 3 * 4, .out = 2}, g);
  Flatten flatten;
  shrink_rows(first.weight, {1});
  const Tensor x(randn({5, 1, 3, 3}, 7));
  Array gate = ones({1, 3, 1, 1});
  gate.mutable_data()[1] = 0;
  const Array expected = second(flatten(relu(first(x)) * Tensor(gate))).value();
  EXPECT_EQ(listed(prune_channels(first, second, 2)), (std::vector<std::int32_t>{0, 2}));
  EXPECT_EQ(second.weight.shape(), (Shape{2, 8}));
  EXPECT_TRUE(near(second(flatten(relu(first(x)))).value(), expected, close));
  Conv2d other({.in = 1, .out = 2, .kernel = 2}, g);  // a picture of nine pixels, larger than the kernel
  Linear reads({.in = 2 * 9, .out = 1}, g);
  shrink_rows(other.weight, {0});
  const Array of_channel_1 = slice(reads.weight.value(), 1, {.start = 9}).clone();
  prune_channels(other, reads, 1);
  EXPECT_TRUE(near(reads.weight.value(), of_channel_1, exactly));
}

TEST(Unit_17_4, ErrorsLeaveTheConvolutionAsItWas) {
  Generator g(7);
  Conv2d first({.in = 2, .out = 4, .kernel = 3}, g), second({.in = 4, .out = 3, .kernel = 2}, g);
  Conv2d other({.in = 3, .out = 3, .kernel = 2}, g);
  Linear reads({.in = 4 * 9, .out = 2}, g), stranger({.in = 7, .out = 2}, g);
  EXPECT_THROWS_WITH(prune_channels(first, other, 1), ShapeError, "prune_channels", "(3, 3, 2, 2)");
  EXPECT_THROWS_WITH(prune_channels(first, stranger, 1), ShapeError, "prune_channels", "(2, 7)");
  for (const std::int64_t bad : {0, 5}) {
    EXPECT_THROWS_WITH(prune_channels(first, second, bad), ValueError, "prune_channels");
    EXPECT_THROWS_WITH(prune_channels(first, reads, bad), ValueError, "prune_channels");
  }
  EXPECT_EQ(first.weight.shape(), (Shape{4, 2, 3, 3}));
  EXPECT_EQ(first.bias.shape(), Shape{4});
}

TEST(Unit_17_4, AConvolutionWithGroupsIsRefused) {
  Generator g(8);
  Conv2d plain({.in = 2, .out = 4, .kernel = 1}, g), parted({.in = 2, .out = 4, .kernel = 1, .groups = 2}, g);
  Conv2d reads({.in = 4, .out = 4, .kernel = 1}, g), reads_parts({.in = 8, .out = 4, .kernel = 1, .groups = 2}, g);
  Linear flat({.in = 4, .out = 2}, g);
  EXPECT_THROWS_WITH(prune_channels(parted, reads, 2), ValueError, "prune_channels", "2 groups");
  EXPECT_THROWS_WITH(prune_channels(parted, flat, 2), ValueError, "prune_channels", "2 groups");
  // (4, 4, 1, 1), the weight that would fit: but this layer reads eight channels.
  EXPECT_THROWS_WITH(prune_channels(plain, reads_parts, 2), ValueError, "prune_channels", "2 groups");
  EXPECT_EQ(parted.weight.shape(), (Shape{4, 1, 1, 1}));
  EXPECT_EQ(plain.weight.shape(), (Shape{4, 2, 1, 1}));
}

TEST(Unit_17_4, ABatchNormKeepsItsChannels) {
  BatchNorm2d norm({.features = 4, .eps = 1e-3, .momentum = 0.3});
  norm.weight.set_value(uniform({4}, 1, 0.5, 2));
  norm.bias.set_value(uniform({4}, 2, -1, 1));
  for (std::uint64_t seed = 3; seed < 6; ++seed) norm(Tensor(randn({3, 4, 2, 2}, seed) * Real(2) + Real(1)));
  norm.eval();
  const Indices stay({2}, {1, 3});
  BatchNorm2d smaller = keep_channels(norm, {.features = 4, .eps = 1e-3, .momentum = 0.3}, stay);
  const Array x = randn({2, 4, 3, 3}, 8);
  EXPECT_FALSE(smaller.training());
  EXPECT_TRUE(
      near(smaller(Tensor(kept_along(x, 1, stay))).value(), kept_along(norm(Tensor(x)).value(), 1, stay), close));
  norm.num_batches_tracked.mutable_value().mutable_data()[0] = 8;
  EXPECT_EQ(smaller.num_batches_tracked.item(), 3) << "a copy";
  norm.num_batches_tracked.mutable_value().mutable_data()[0] = 3;
  EXPECT_EQ(smaller.parameter_count(), 4);
  smaller.train();
  const Array mean = norm.running_mean.value().clone();
  smaller(Tensor(randn({3, 2, 2, 2}, 9)));
  EXPECT_EQ(norm.num_batches_tracked.item(), 3) << "each counts for itself";
  EXPECT_TRUE(same_bits(norm.running_mean.value(), mean));
}

}  // namespace
}  // namespace rushlight::test
