#include <algorithm>
#include <ctime>
#include <functional>
#include <limits>
#include <set>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

std::vector<std::string> ops(const Order& order) {
  std::vector<std::string> names;
  for (const auto& node : order) names.emplace_back(node->op);
  return names;
}

TEST(Unit_05_1, NullHasNoOrder) { EXPECT_TRUE(topological_order(nullptr).empty()); }

TEST(Unit_05_1, ALeafComesAlone) {
  const Tensor x = leaf(2);
  const Order order = topological_order(x.node());
  ASSERT_EQ(order.size(), 1U);
  EXPECT_EQ(order[0], x.node());
}

TEST(Unit_05_1, AChainComesBackwards) {
  const Tensor x = leaf(2);
  EXPECT_EQ(ops(topological_order(sqrt(neg(exp(x))).node())), (std::vector<std::string>{"sqrt", "neg", "exp", "leaf"}));
}

TEST(Unit_05_1, BothInputsOfAnOpCome) {
  const Tensor a = leaf(2), b = leaf(3);
  const Tensor y = a * b;
  const Order order = topological_order(y.node());
  EXPECT_EQ(order.size(), 3U);
  EXPECT_TRUE(is_topological(order, y.node()));
}

TEST(Unit_05_1, ConstantsAreLeftOut) {
  const Tensor x = leaf(2);
  EXPECT_EQ(topological_order((x * Tensor(3) + Tensor(1)).node()).size(), 3U);  // add, mul, x
}

TEST(Unit_05_1, AnInputUsedTwiceComesOnce) {
  const Tensor x = leaf(2);
  EXPECT_EQ(ops(topological_order((x * x).node())), (std::vector<std::string>{"mul", "leaf"}));
}

TEST(Unit_05_1, ADiamondWaitsForBothSides) {
  const Tensor x = leaf(2);
  const Tensor y = exp(x);
  const Tensor root = neg(y) * sqrt(y);
  const Order order = topological_order(root.node());
  EXPECT_EQ(order.size(), 5U);
  EXPECT_TRUE(is_topological(order, root.node()));
}

// Breadth first meets x at once, over the short way, and calls it too early.
TEST(Unit_05_1, AShortCutDoesNotOvertakeTheLongWay) {
  const Tensor x = leaf(2);
  const Tensor h = exp(x);
  for (const Tensor& root : {h + neg(neg(neg(h))), neg(neg(neg(h))) + h}) {
    const Order order = topological_order(root.node());
    EXPECT_EQ(order.size(), 6U);
    EXPECT_TRUE(is_topological(order, root.node()));
  }
}

// Depth first without post-order calls h before the side that was built later.
TEST(Unit_05_1, ALateUseOfAnEarlyNode) {
  const Tensor x = leaf(2);
  const Tensor early = exp(x);
  Tensor h = early;
  for (int i = 0; i < 5; ++i) h = neg(h) + early;
  EXPECT_TRUE(is_topological(topological_order(h.node()), h.node()));
  EXPECT_EQ(topological_order(h.node()).size(), 12U);
}

TEST(Unit_05_1, OnlyWhatTheRootDependsOn) {
  const Tensor x = leaf(2);
  const Tensor h = exp(x);
  const Tensor other = neg(h);
  const Tensor root = sqrt(h);
  EXPECT_EQ(topological_order(root.node()).size(), 3U);
  EXPECT_EQ(topological_order(other.node()).size(), 3U);
}

// A small one first: whoever walks paths instead of nodes fails there, and does not fill the memory at the large one.
TEST(Unit_05_1, SixtyDiamondsHave181Nodes) {  // and 2^60 paths
  for (const std::size_t depth : {4U, 60U}) {
    const Tensor x = leaf(1);
    Tensor y = x;
    for (std::size_t i = 0; i < depth; ++i) y = diamond(y, Real(0.25), Real(0.75));
    const Order order = topological_order(y.node());
    ASSERT_EQ(order.size(), 3 * depth + 1);
    ASSERT_TRUE(is_topological(order, y.node()));
  }
}

// As in a transformer whose every layer reads all the earlier ones.
TEST(Unit_05_1, EveryLayerReadsAllEarlierOnes) {
  for (const std::size_t depth : {4U, 200U}) {
    Tensors layers{leaf(1)};
    for (std::size_t i = 0; i < depth; ++i) layers.push_back(join(layers));
    const Order order = topological_order(layers.back().node());
    ASSERT_EQ(order.size(), depth + 1);
    ASSERT_TRUE(is_topological(order, layers.back().node()));
  }
}

TEST(Unit_05_1, TenThousandLeaves) {
  Tensors leaves;
  for (int i = 0; i < 10000; ++i) leaves.push_back(leaf(1));
  const Tensor root = join(leaves);
  const Order order = topological_order(root.node());
  EXPECT_EQ(order.size(), 10001U);
  EXPECT_TRUE(is_topological(order, root.node()));
}

TEST(Unit_05_1, DepthIsNotRecursion) {
  Tensor y = leaf(1);
  const int depth = 120000;
  for (int i = 0; i < depth; ++i) y = join({y});
  const Order order = topological_order(y.node());
  ASSERT_EQ(order.size(), depth + 1U);
  EXPECT_EQ(order.front(), y.node());
  EXPECT_TRUE(order.back()->is_leaf());
}

TEST(Unit_05_1, RandomGraphs) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Generator generator(seed);
    Tensors nodes{leaf(1), leaf(2), Tensor(3)};
    for (int i = 0; i < 40; ++i) {
      Tensors inputs;
      for (std::int64_t count = 1 + generator.below(3); count > 0; --count) {
        inputs.push_back(nodes[generator.below(static_cast<std::int64_t>(nodes.size()))]);
      }
      nodes.push_back(join(inputs));
    }
    nodes.push_back(join({nodes.back(), nodes[0]}));
    const auto root = nodes.back().node();
    EXPECT_TRUE(is_topological(topological_order(root), root)) << "seed " << seed;
  }
}

TEST(Unit_05_1, TheGraphIsLeftAsItWas) {
  const Tensor x = leaf(2);
  const Tensor y = x * exp(x);
  ASSERT_EQ(y.node()->inputs.size(), 2u);
  const auto inputs = [&] { return std::pair(y.node()->inputs[0].node, y.node()->inputs[1].node); };
  const auto before = inputs();
  const Order first = topological_order(y.node());
  EXPECT_EQ(y.node()->inputs.size(), 2u);
  EXPECT_EQ(inputs(), before);
  EXPECT_EQ(topological_order(y.node()), first);
  EXPECT_FALSE(y.node()->released);
}

TEST(Unit_05_1, AUsedGraphHasItsOrderStill) {  // used up as a whole, or from the middle down
  const Tensor x = leaf(2);
  const Tensor h = exp(x);
  const Tensor y = neg(h) * x;
  for (const Tensor& used : {h, y}) {
    for (const auto& node : topological_order(used.node())) release(*node);
    EXPECT_EQ(topological_order(y.node()).size(), 4U);
    EXPECT_TRUE(is_topological(topological_order(y.node()), y.node()));
  }
}

// The least processor time of three runs.
double seconds_of(const std::function<void()>& run) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i) {
    const std::clock_t start = std::clock();
    run();
    least = std::min(least, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return least;
}

constexpr int many = 40000;

Tensor chain_of_many() {
  Tensor y = leaf(1);
  for (int i = 0; i < many; ++i) y = join({y});
  return y;
}

Tensors leaves_of_many() {
  Tensors leaves;
  for (int i = 0; i < many; ++i) leaves.push_back(leaf(1));
  return leaves;
}

// One op that reads all of them, the oldest first or the youngest.
Tensor broom_of_many(bool youngest_first) {
  Tensors leaves = leaves_of_many();
  if (youngest_first) std::reverse(leaves.begin(), leaves.end());
  return join(leaves);
}

Tensor comb_of_many() {  // a chain whose every op reads an old leaf as well
  const Tensors leaves = leaves_of_many();
  Tensor y = leaf(1);
  for (const Tensor& tooth : leaves) y = join({y, tooth});
  return y;
}

// Against a walk over the same nodes that notes each in a set: a few times as much is a constant factor, a hundred times
// as much is a search through all of the nodes for each of them.
TEST(Unit_05_1, TheTimeGrowsAsTheGraphDoes) {
  for (const Tensor& y : {chain_of_many(), broom_of_many(false), broom_of_many(true), comb_of_many()}) {
    const Order order = topological_order(y.node());
    const double walk = seconds_of([&] {
      std::set<const Node*> seen;
      for (const auto& node : order) seen.insert(node.get());
    });
    EXPECT_LT(seconds_of([&] { topological_order(y.node()); }), 15 * walk) << order.size() << " nodes";
  }
}

}  // namespace
}  // namespace rushlight::test
