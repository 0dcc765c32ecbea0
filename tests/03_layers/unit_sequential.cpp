#include "03_layers/sequential.hpp"

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// x -> x · factor + shift, with the factor as a parameter: order matters, and no other task is needed.
struct Affine : Module {
  Affine(Real factor, Real shift_by) : factor(Array::scalar(factor), true), shift(shift_by) {}
  Tensor factor;
  Real shift;
  Tensor forward(const Tensor& x) override { return x * factor + shift; }
  void members(Members& m) override { m("factor", factor); }
};

TEST(Unit_03_7, LayersRunInOrder) {
  Sequential net{Affine(2, 1), Affine(10, 0), Affine(1, 5)};
  EXPECT_TRUE(near(net(Array({2}, {1, 2})).value(), {2}, {35, 55}, exactly));
}

TEST(Unit_03_7, AStandInAnswersForItsLayer) {
  Sequential net{Affine(2, 1), Affine(10, 0)};
  net[0].replace_with(std::make_shared<Affine>(3, 0));
  EXPECT_TRUE(near(net(Array({2}, {1, 2})).value(), {2}, {30, 60}, exactly));
}

TEST(Unit_03_7, EmptyIsTheIdentity) {
  Sequential net;
  EXPECT_EQ(net.size(), 0);
  const Tensor x(ones({2}), true);
  EXPECT_EQ(net(x).node(), x.node());
}

TEST(Unit_03_7, NamesAreNumbers) {
  Sequential net{Affine(2, 1), Sequential{Affine(3, 0), Affine(4, 0)}};
  const NamedTensors named = net.named_parameters();
  ASSERT_EQ(named.size(), 3u);
  EXPECT_EQ(named[0].first, "0.factor");
  EXPECT_EQ(named[1].first, "1.0.factor");
  EXPECT_EQ(named[2].first, "1.1.factor");
  EXPECT_EQ(net.named_modules().size(), 5u);
}

TEST(Unit_03_7, MoreThanTenLayersStayInOrder) {
  Sequential net;
  for (int i = 0; i < 12; ++i) net.add(Affine(static_cast<Real>(i), 0));
  const NamedTensors named = net.named_parameters();
  ASSERT_EQ(named.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(named[i].first, std::to_string(i) + ".factor");
    EXPECT_EQ(named[i].second.item(), i);
  }
}

TEST(Unit_03_7, AddChains) {
  Sequential net;
  net.add(Affine(2, 0)).add(Affine(3, 1));
  EXPECT_EQ(net.size(), 2);
  EXPECT_TRUE(near(net(Array({1}, {5})).value(), {1}, {31}, exactly));
}

TEST(Unit_03_7, IndexReachesALayer) {
  Sequential net{Affine(2, 0), Affine(3, 0)};
  EXPECT_EQ(dynamic_cast<Affine&>(net[0]).factor.item(), 2);
  EXPECT_EQ(dynamic_cast<Affine&>(net[-1]).factor.item(), 3);
  EXPECT_THROWS_WITH(net[2], IndexError, "index 2", "2 layers");
  EXPECT_THROWS_WITH(net[-3], IndexError, "index -3");
  EXPECT_THROWS_WITH(net[std::int64_t{1} << 32], IndexError, "index 4294967296");
}

TEST(Unit_03_7, NullIsRefused) {
  Sequential net;
  EXPECT_THROWS_WITH(net.append(nullptr), ValueError, "layer 0", "null");
  EXPECT_EQ(net.size(), 0);
}

TEST(Unit_03_7, OwnsItsLayers) {
  Sequential outer;
  {
    Sequential inner{Affine(2, 0)};
    outer.append(std::make_unique<Sequential>(std::move(inner)));
  }
  EXPECT_TRUE(near(outer(Array({1}, {4})).value(), {1}, {8}, exactly));
}

TEST(Unit_03_7, TrainAndEvalReachTheLayers) {
  Sequential net{Affine(2, 0), Sequential{Affine(3, 0)}};
  net.eval();
  EXPECT_FALSE(net[0].training());
  EXPECT_FALSE(dynamic_cast<Sequential&>(net[1])[0].training());
}

}  // namespace
}  // namespace rushlight::test
