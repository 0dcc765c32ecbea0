// What module 01 gives ready-made: storage, the random source, printing, nodes and record(), the record of blanks.
#include <cmath>
#include <limits>
#include <thread>

#include "01_tensor/todo.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// ---- random numbers

// The algorithm as its authors publish it, computed apart from this code: splitmix64(0) seeds, xoshiro256** draws.
TEST(Given_01, GeneratorGivesThePublishedNumbers) {
  const Generator::State seeded = {0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC};
  EXPECT_EQ(Generator(0).state(), seeded) << "the first four outputs of splitmix64 from 0";
  Generator generator;
  generator.set_state({1, 2, 3, 4});
  for (const std::uint64_t expected : {11520ULL, 0ULL, 1509978240ULL, 1215971899390074240ULL}) {
    EXPECT_EQ(generator.next(), expected);
  }
}

TEST(Given_01, GeneratorMoments) {
  Generator generator(1);
  constexpr int count = 200000;
  double uniform_sum = 0, normal_sum = 0, normal_squares = 0, normal_fourths = 0;
  for (int i = 0; i < count; ++i) {
    const double u = generator.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    uniform_sum += u;
    const double z = generator.normal();
    ASSERT_TRUE(std::isfinite(z));
    normal_sum += z;
    normal_squares += z * z;
    normal_fourths += z * z * z * z;
  }
  EXPECT_NEAR(uniform_sum / count, 0.5, 0.003);
  EXPECT_NEAR(normal_sum / count, 0, 0.01);
  EXPECT_NEAR(normal_squares / count, 1, 0.02);
  EXPECT_NEAR(normal_fourths / count, 3, 0.15);
}

TEST(Given_01, BelowIsUnbiasedAndChecksItsLimit) {
  Generator generator(2);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[generator.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
  EXPECT_EQ(generator.below(1), 0);
  // 3 · 2^61: without rejection, the lowest third would come up half as often again.
  int low = 0;
  for (int i = 0; i < 10000; ++i) low += generator.below(std::int64_t{3} << 61) < (std::int64_t{1} << 61);
  EXPECT_NEAR(low, 3333, 200);
  EXPECT_THROWS_WITH(generator.below(0), ValueError, "below", "0");
  EXPECT_THROWS_WITH(generator.below(-3), ValueError, "below", "-3");
}

TEST(Given_01, GeneratorStateIsSavedAndRestored) {
  Generator generator(3);
  generator.normal();
  const Generator::State state = generator.state();
  const Array first = rushlight::randn({10}, generator);
  generator.set_state(state);
  EXPECT_TRUE(same_bits(rushlight::randn({10}, generator), first));
  EXPECT_THROWS_WITH(generator.set_state({}), ValueError, "set_state");
}

TEST(Given_01, RandomArraysAndPermutations) {
  Generator generator(4);
  const Array x = rushlight::rand({1000}, generator, -2, 3);
  for (const Real value : x.data()) ASSERT_TRUE(value >= -2 && value <= 3);
  std::vector<std::int64_t> order = permutation(100, generator);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
  EXPECT_TRUE(permutation(0, generator).empty());
  EXPECT_THROWS_WITH(permutation(-1, generator), ValueError, "permutation", "-1");
}

// ---- storage

TEST(Given_01, ArraysShareUntilCloned) {
  Array a({3}, {1, 2, 3});
  const Array b = a;
  Array c = a.clone();
  a.mutable_data()[0] = 9;
  EXPECT_EQ(b.data()[0], 9);
  EXPECT_EQ(c.data()[0], 1);
  EXPECT_TRUE(a.with_shape({3, 1}).shares_buffer_with(a));
  EXPECT_FALSE(c.shares_buffer_with(a));
  EXPECT_EQ(a.version(), 1u) << "one opening for writing";
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data().data()) % 64, 0u);
}

TEST(Given_01, StorageErrors) {
  EXPECT_THROWS_WITH(Array({2, 2}, {1, 2, 3}), ShapeError, "(2, 2)", "4", "3");
  EXPECT_THROWS_WITH(Array(Shape{2, -1}), ShapeError, "(2, -1)", "negative");
  EXPECT_THROWS_WITH(Indices(Shape{-1}), ShapeError, "Indices", "negative");
  EXPECT_THROWS_WITH(Mask(Shape{-1}), ShapeError, "Mask", "negative");
  EXPECT_THROWS_WITH(arange(-1), ShapeError, "negative");
  EXPECT_THROWS_WITH(ones({2, 3}).with_shape({4}), ShapeError, "with_shape", "(2, 3)", "(4,)");
  EXPECT_THROWS_WITH(ones({2}).item(), ShapeError, "item", "(2,)");
  EXPECT_THROWS_WITH(ones({2}).dim(1), IndexError, "dim", "axis 1", "(2,)");
  EXPECT_THROWS_WITH(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError, "8");
  const std::int64_t many = std::int64_t{1} << 40;
  EXPECT_THROWS_WITH(Shape({many, many}).numel(), ShapeError, "more elements");
  EXPECT_THROWS_WITH(Array().data(), ValueError, "empty");
  EXPECT_THROWS_WITH(Array().item(), ShapeError, "item");
  EXPECT_THROWS_WITH(Tensor().value(), ValueError, "empty");
  EXPECT_THROWS_WITH(Tensor().requires_grad_(), ValueError, "empty");
  EXPECT_THROWS_WITH(Tensor().mutable_value(), ValueError, "empty");
}

TEST(Given_01, Printing) {
  EXPECT_EQ(to_string(Array({2, 3}, {1, 2.5, -3, 4, 5, 6})), "Array(2, 3) [[1, 2.5, -3], [4, 5, 6]]");
  EXPECT_EQ(to_string(Array::scalar(7)), "Array() 7");
  EXPECT_EQ(to_string(Array()), "Array()");
  EXPECT_EQ(to_string(Array(Shape{0})), "Array(0,) []");
  EXPECT_EQ(to_string(Array(Shape{2, 0})), "Array(2, 0) [[], []]");
  EXPECT_EQ(to_string(arange(12)), "Array(12,) [0, 1, 2, 3, ..., 8, 9, 10, 11]");
  EXPECT_EQ(to_string(arange(9)), "Array(9,) [0, 1, 2, 3, 4, 5, 6, 7, 8]");
  EXPECT_EQ(to_string(Tensor(ones({1}), true)), "Tensor(1,) [1] requires_grad");
  EXPECT_EQ(to_string(Array({2}, {std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::quiet_NaN()})),
            "Array(2,) [inf, nan]");
}

// ---- nodes and record()

Rule pass_on() {
  return [](const Backward& bw) -> Arrays { return {bw.grad}; };
}

TEST(Given_01, RecordMakesANodeOnlyWhereAGradientIsWanted) {
  const Tensor leaf(ones({2}), true), constant(ones({2}));
  EXPECT_TRUE(record("probe", ones({2}), {leaf}, Save::all, pass_on()).requires_grad());
  EXPECT_FALSE(record("probe", ones({2}), {constant}, Save::all, pass_on()).requires_grad());
  set_grad_enabled(false);
  const Tensor off = record("probe", ones({2}), {leaf}, Save::all, pass_on());
  set_grad_enabled(true);
  EXPECT_FALSE(off.requires_grad());
  EXPECT_TRUE(off.is_leaf());
}

TEST(Given_01, RecordingIsPerThread) {
  set_grad_enabled(false);
  bool elsewhere = false;
  std::thread([&] { elsewhere = grad_enabled(); }).join();
  set_grad_enabled(true);
  EXPECT_TRUE(elsewhere);
}

TEST(Given_01, NodesRememberWhatTheyWereTold) {
  const Tensor leaf(ones({2}), true), constant(ones({3}));
  const Tensor y = record("probe", ones({4}), {leaf, constant}, Save::nothing, pass_on());
  EXPECT_STREQ(y.node()->op, "probe");
  EXPECT_EQ(y.node()->shape, Shape({4}));
  EXPECT_EQ(y.node()->inputs.at(1).shape, Shape({3}));
  const Backward bw(*y.node(), ones({4}));
  EXPECT_TRUE(bw.needs(0));
  EXPECT_FALSE(bw.needs(1));
  EXPECT_EQ(bw.in_shape(1), Shape({3}));
  EXPECT_FALSE(bw.out.defined()) << "Save::nothing";
  EXPECT_THROWS_WITH(bw.in(0), GraphError, "probe", "input 0");
  EXPECT_THROWS_WITH(bw.in_shape(2), GraphError, "probe", "input 2");
  EXPECT_THROWS_WITH(bw.needs(-1), GraphError, "probe", "input -1");
}

TEST(Given_01, SaveFlagsKeepWhatTheySay) {
  const Tensor leaf(ones({2}), true);
  const Array value({2}, {5, 6});
  const auto saved = [&](Save save) { return record("probe", value, {leaf}, save, pass_on()).node(); };
  EXPECT_FALSE(saved(Save::nothing)->inputs.at(0).saved.defined());
  EXPECT_FALSE(saved(Save::nothing)->saved_output.defined());
  EXPECT_TRUE(same_bits(saved(Save::inputs)->inputs.at(0).saved, leaf.value()));
  EXPECT_FALSE(saved(Save::inputs)->saved_output.defined());
  EXPECT_FALSE(saved(Save::output)->inputs.at(0).saved.defined());
  EXPECT_TRUE(same_bits(saved(Save::output)->saved_output, value));
  EXPECT_TRUE(same_bits(saved(Save::all)->inputs.at(0).saved, leaf.value()));
  EXPECT_TRUE(saved(Save::all)->saved_output.defined());
}

TEST(Given_01, AValueChangedInPlaceBeforeItsBackwardIsNoticed) {
  Tensor x(Array({2}, {1, 2}), true);
  const Tensor y = record("square", Array({2}, {1, 4}), {x}, Save::all, pass_on());
  x.mutable_value().mutable_data()[0] = 7;
  EXPECT_THROWS_WITH(local_gradients(*y.node(), ones({2})), GraphError, "square", "input 0", "in place");
  const Tensor z = record("keeps", Array({2}, {1, 4}), {x}, Save::output, pass_on());
  Array output = z.value();
  output.mutable_data()[0] = 3;
  EXPECT_THROWS_WITH(local_gradients(*z.node(), ones({2})), GraphError, "keeps", "output", "in place");
}

TEST(Given_01, AReplacedValueIsNotAChangedOne) {
  Tensor x(Array({2}, {1, 2}), true);
  const Tensor y = record("square", Array({2}, {1, 4}), {x}, Save::all, pass_on());
  x.set_value(Array({2}, {7, 8}));
  EXPECT_TRUE(near(local_gradients(*y.node(), ones({2}))[0], ones({2}), exactly));
  EXPECT_THROWS_WITH(x.set_value(ones({3})), ShapeError, "set_value", "(3,)", "(2,)");
}

TEST(Given_01, MisuseOfTheGraphIsNamed) {
  const Tensor x(ones({2}), true);
  const Tensor y = record("twice", ones({2}), {x}, Save::all, [](const Backward& bw) -> Arrays {
    return {bw.grad, bw.grad};
  });
  EXPECT_THROWS_WITH(local_gradients(*y.node(), ones({2})), GraphError, "twice", "2 gradients for 1 input");
  release(*y.node());
  EXPECT_THROWS_WITH(local_gradients(*y.node(), ones({2})), GraphError, "twice", "freed");
  EXPECT_THROWS_WITH(local_gradients(*x.node(), ones({2})), GraphError, "leaf");
  Tensor result = record("probe", ones({2}), {x}, Save::all, pass_on());
  EXPECT_THROWS_WITH(result.requires_grad_(false), GraphError, "requires_grad_");
  EXPECT_THROWS_WITH(result.mutable_value(), GraphError, "mutable_value");
  EXPECT_THROWS_WITH(Tensor(ones({2})).retain_grad(), GraphError, "retain_grad");
  Tensor leaf(ones({2}), true);
  EXPECT_THROWS_WITH(leaf.set_grad(ones({3})), ShapeError, "set_grad", "(3,)", "(2,)");
}

TEST(Given_01, ObserversSeeEveryOp) {
  std::vector<std::string> seen;
  const OpObserver before = set_op_observer([&](const char* op, const Array&) { seen.push_back(op); });
  record("one", ones({2}), {Tensor(ones({2}))}, Save::all, pass_on());
  set_op_observer(before);
  record("two", ones({2}), {Tensor(ones({2}))}, Save::all, pass_on());
  EXPECT_EQ(seen, std::vector<std::string>({"one"}));
}

// A default destructor would recurse a million deep and die; this one takes the chain apart in a loop.
TEST(Given_01, AMillionNodesAreDestroyedWithoutRecursion) {
  const Array value = Array::scalar(1);
  Tensor y(value, true);
  for (int i = 0; i < 1000000; ++i) y = record("link", value, {y}, Save::nothing, pass_on());
  const std::weak_ptr<Node> last = y.node();
  y = Tensor();
  EXPECT_TRUE(last.expired());
}

TEST(Given_01, SharedPartsOfAGraphSurvive) {
  const Array value = Array::scalar(1);
  Tensor shared = record("shared", value, {Tensor(value, true)}, Save::all, pass_on());
  {
    const Tensor a = record("a", value, {shared}, Save::all, pass_on());
    const Tensor b = record("b", value, Tensors{a, a, shared}, Save::all, pass_on());
  }
  EXPECT_TRUE(near(local_gradients(*shared.node(), ones({}))[0], ones({}), exactly));
}

// ---- blanks

TEST(Given_01, ABlankIsRecordedHoweverItsExceptionIsSwallowed) {
  try {
    todo("99.9");
  } catch (...) {
  }
  EXPECT_EQ(take_todos(), std::vector<std::string>({"99.9"}));
  EXPECT_TRUE(take_todos().empty());
}

TEST(Given_01, ABlankIsNoErrorOfTheLibrary) {
  bool passed_by = false;
  try {
    try {
      todo("99.8");
    } catch (const std::exception&) {
      ADD_FAILURE() << "a blank must not look like an ordinary error";
    }
  } catch (const Todo& blank) {
    passed_by = blank.id == "99.8";
  }
  take_todos();
  EXPECT_TRUE(passed_by);
}

}  // namespace
}  // namespace rushlight::test
