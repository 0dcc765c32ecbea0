#include "03_layers/init.hpp"

#include <cmath>

#include "03_layers/linear.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// What U(low, high) must give for this seed, from the generator's own numbers.
std::vector<double> uniforms(std::int64_t count, Generator& g, double low, double high) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(low + (high - low) * g.uniform());
  return values;
}

std::vector<double> normals(std::int64_t count, Generator& g, double mean, double deviation) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(mean + deviation * g.normal());
  return values;
}

constexpr Tolerance drawn = double_precision ? Tolerance{1e-12, 1e-14} : Tolerance{1e-5, 1e-7};

TEST(Unit_03_3, Constants) {
  Tensor parameter(randn({2, 3}, 1), true);
  const auto node = parameter.node();
  constant_(parameter, 2.5);
  EXPECT_TRUE(near(parameter.value(), {2, 3}, {2.5, 2.5, 2.5, 2.5, 2.5, 2.5}, exactly));
  zeros_(parameter);
  EXPECT_TRUE(near(parameter.value(), {2, 3}, {0, 0, 0, 0, 0, 0}, exactly));
  ones_(parameter);
  EXPECT_TRUE(near(parameter.value(), {2, 3}, {1, 1, 1, 1, 1, 1}, exactly));
  EXPECT_EQ(parameter.node(), node) << "initialising must keep the tensor's place in the graph";
}

TEST(Unit_03_3, UniformAndNormalDrawInOrder) {
  Tensor parameter(zeros({3, 2}), true);
  const Tensor handle = parameter;  // an optimizer's, or that of a layer which shares the weight
  Generator a(9), b(9);
  uniform_(parameter, a, -2, 3);
  EXPECT_TRUE(near(parameter.value(), {3, 2}, uniforms(6, b, -2, 3), drawn));
  normal_(parameter, a, 1, 0.5);
  EXPECT_TRUE(near(parameter.value(), {3, 2}, normals(6, b, 1, 0.5), drawn));
  EXPECT_EQ(a.state(), b.state()) << "no more and no fewer numbers than elements";
  EXPECT_TRUE(same_bits(handle.value(), parameter.value())) << "it is one tensor still";
}

TEST(Unit_03_3, ResultsOfOpsCannotBeInitialised) {
  Tensor leaf(ones({2, 2}), true);
  Tensor result = leaf * leaf;
  EXPECT_THROWS_WITH(zeros_(result), GraphError, "leaf");
}

TEST(Unit_03_3, Fans) {
  const Fans matrix = fans_of({5, 3});
  EXPECT_EQ(matrix.in, 3);
  EXPECT_EQ(matrix.out, 5);
  const Fans kernel = fans_of({8, 4, 3, 2});
  EXPECT_EQ(kernel.in, 24);
  EXPECT_EQ(kernel.out, 48);
  for (const auto& [shape, size] : {std::pair(Shape{5, 3, 4}, 4), std::pair(Shape{5, 3, 2, 3, 4}, 24)}) {
    EXPECT_EQ(fans_of(shape).in, 3 * size) << shape.str();
    EXPECT_EQ(fans_of(shape).out, 5 * size) << shape.str();
  }
  EXPECT_THROWS_WITH(fans_of({5}), ShapeError, "fans_of", "(5,)");
  EXPECT_THROWS_WITH(fans_of({}), ShapeError, "fans_of");
}

TEST(Unit_03_3, XavierUniform) {
  Tensor weight(zeros({4, 2}), true);
  Generator a(3), b(3);
  xavier_uniform_(weight, a);  // √(6 / (2 + 4)) = 1
  EXPECT_TRUE(near(weight.value(), {4, 2}, uniforms(8, b, -1, 1), drawn));
  xavier_uniform_(weight, a, 3);
  EXPECT_TRUE(near(weight.value(), {4, 2}, uniforms(8, b, -3, 3), drawn));
}

TEST(Unit_03_3, XavierNormal) {
  Tensor weight(zeros({5, 3}), true);
  Generator a(3), b(3);
  xavier_normal_(weight, a, 2);  // 2 · √(2 / (3 + 5)) = 1
  EXPECT_TRUE(near(weight.value(), {5, 3}, normals(15, b, 0, 1), drawn));
}

TEST(Unit_03_3, KaimingUniform) {
  Tensor weight(zeros({2, 6}), true);
  Generator a(3), b(3);
  kaiming_uniform_(weight, a);  // √3 · √2 / √6 = 1
  EXPECT_TRUE(near(weight.value(), {2, 6}, uniforms(12, b, -1, 1), drawn));
  kaiming_uniform_(weight, a, {.fan_out = true});  // √3 · √2 / √2 = √3
  EXPECT_TRUE(near(weight.value(), {2, 6}, uniforms(12, b, -std::sqrt(3.0), std::sqrt(3.0)), drawn));
  kaiming_uniform_(weight, a, {.a = std::sqrt(5.0)});  // 1 / √6
  EXPECT_TRUE(near(weight.value(), {2, 6}, uniforms(12, b, -1 / std::sqrt(6.0), 1 / std::sqrt(6.0)), drawn));
}

TEST(Unit_03_3, KaimingNormal) {
  Tensor weight(zeros({3, 8}), true);
  Generator a(3), b(3);
  kaiming_normal_(weight, a);  // √2 / √8 = 1/2
  EXPECT_TRUE(near(weight.value(), {3, 8}, normals(24, b, 0, 0.5), drawn));
  kaiming_normal_(weight, a, {.a = 1, .fan_out = true});  // √1 / √3
  EXPECT_TRUE(near(weight.value(), {3, 8}, normals(24, b, 0, 1 / std::sqrt(3.0)), drawn));
}

TEST(Unit_03_3, KaimingKeepsTheSizeOfActivations) {
  Generator g(21);
  Tensor x(rushlight::randn({64, 256}, g));
  for (int depth = 0; depth < 8; ++depth) {
    Tensor weight(Array({256, 256}), true);
    kaiming_normal_(weight, g);
    x = maximum(linear(x, weight), Tensor(Array::scalar(0)));
  }
  double square = 0;
  for (const Real value : x.value().data()) square += double{value} * value;
  const double mean_square = square / static_cast<double>(x.size());
  EXPECT_GT(mean_square, 0.4) << "activations shrink from layer to layer";
  EXPECT_LT(mean_square, 2.5) << "activations grow from layer to layer";
}

TEST(Unit_03_3, WhatThrowsDrawsNothing) {
  Tensor vector(ones({4}), true), result = vector * vector;
  Generator g(3), untouched(3);
  EXPECT_THROW(xavier_uniform_(vector, g), ShapeError);
  EXPECT_THROW(xavier_normal_(vector, g), ShapeError);
  EXPECT_THROW(kaiming_uniform_(vector, g), ShapeError);
  EXPECT_THROW(kaiming_normal_(vector, g), ShapeError);
  EXPECT_THROW(Linear({.in = 3, .out = 0}, g), ValueError);
  EXPECT_EQ(g.state(), untouched.state());
  EXPECT_TRUE(near(vector.value(), ones({4}), exactly));
}

TEST(Unit_03_3, LinearStartsAsPyTorchDoes) {
  Generator a(7), b(7);
  Linear layer({.in = 16, .out = 3}, a);
  EXPECT_TRUE(near(layer.weight.value(), {3, 16}, uniforms(48, b, -0.25, 0.25), drawn)) << "U(-1/√in, 1/√in)";
  EXPECT_TRUE(near(layer.bias.value(), {3}, uniforms(3, b, -0.25, 0.25), drawn)) << "the bias too, after the weight";
  EXPECT_EQ(a.state(), b.state());
}

}  // namespace
}  // namespace rushlight::test
