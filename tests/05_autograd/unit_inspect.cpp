#include <limits>
#include <set>
#include <sstream>
#include <string>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

const Real nan = std::numeric_limits<Real>::quiet_NaN();
const Real infinity = std::numeric_limits<Real>::infinity();

TEST(Unit_05_6, ACleanValueIsNoAnomaly) {
  check_value("op", Array({2}, {1, -infinity}));
  check_value("op", zeros({0}));
  EXPECT_THROW(check_value("op", Array({1}, {nan})), ValueError);
}

TEST(Unit_05_6, TheMessageSaysWhere) {
  EXPECT_THROWS_WITH(check_value("divide", Array({2, 3}, {1, 2, 3, 4, nan, nan})), ValueError, "divide", "(2, 3)",
                     "[1, 1]", "nan");
  std::vector<Real> deep(24);
  deep[20] = nan;
  EXPECT_THROWS_WITH(check_value("divide", Array({4, 3, 2}, deep)), ValueError, "(4, 3, 2)", "[3, 1, 0]");
  EXPECT_THROWS_WITH(check_value("divide", Array::scalar(nan)), ValueError, "[]");
}

TEST(Unit_05_6, GradientsAreNamedByOpAndInput) {
  const Tensor x = leaf(2);
  const Tensor y = x * x;
  check_gradients(*y.node(), {ones({}), Array()});
  EXPECT_THROWS_WITH(check_gradients(*y.node(), {Array(), Array({2}, {1, nan})}), ValueError, "backward of", "mul",
                     "input 1", "[1]", "nan");
  const Tensor doubled = x * Tensor(2);  // nobody wants the gradient of input 1, and its NaN is one all the same
  EXPECT_THROWS_WITH(check_gradients(*doubled.node(), {ones({}), Array::scalar(nan)}), ValueError, "mul", "input 1");
}

TEST(Unit_05_6, TheFirstOpThatMadeANaN) {
  const Tensor x = leaf(Array({3}, {1, -1, 4}));
  const AnomalyMode watch;
  EXPECT_THROWS_WITH(exp(sqrt(x) * Tensor(2)), ValueError, "sqrt", "[1]", "nan");
}

TEST(Unit_05_6, AlsoWhereNothingIsRecorded) {
  const NoGrad off;
  const AnomalyMode watch;
  EXPECT_THROWS_WITH(log(Tensor(Real(-1))), ValueError, "log");
}

TEST(Unit_05_6, TheFirstRuleThatMadeANaN) {
  const Tensor x = leaf(Array({2}, {0, 1}));
  const AnomalyMode watch;
  const Tensor y = sum(sqrt(x) * Tensor(Array({2}, {0, 1})));  // 0 · 1/(2·√0) = 0 · ∞ on the way back
  EXPECT_THROWS_WITH(y.backward(), ValueError, "backward of sqrt", "input 0", "[0]");
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_6, InfinitiesOnRequest) {
  const Tensor x = leaf(Array({2}, {0, 1}));
  {
    const AnomalyMode watch;
    log(x);
  }
  const AnomalyMode watch({.infinities = true});
  EXPECT_THROWS_WITH(log(x), ValueError, "log", "-inf", "[0]");
  EXPECT_THROWS_WITH(check_value("op", Array({3}, {1, infinity, nan})), ValueError, "inf", "[1]");
  EXPECT_THROWS_WITH(check_value("op", Array({3}, {1, nan, infinity})), ValueError, "nan", "[1]");
  EXPECT_THROWS_WITH(sum(sqrt(x)).backward(), ValueError, "backward of sqrt", "inf");
}

TEST(Unit_05_6, WithoutTheScopeNobodyLooks) {
  const Tensor x = leaf(Real(-1));
  EXPECT_FALSE(AnomalyMode::enabled());
  const Tensor y = sqrt(x);
  y.backward();
  EXPECT_TRUE(std::isnan(x.grad().item()));
  const AnomalyMode watch;
  EXPECT_THROW(sqrt(x), ValueError);
}

TEST(Unit_05_6, ScopesNestAndEnd) {
  const Tensor x = leaf(Real(-1)), zero = leaf(0);
  {
    const AnomalyMode outer;
    {
      const AnomalyMode inner({.infinities = true});
      EXPECT_THROW(log(zero), ValueError);
    }
    log(zero);
    EXPECT_THROW(sqrt(x), ValueError);
    EXPECT_TRUE(AnomalyMode::enabled());
  }
  EXPECT_FALSE(AnomalyMode::enabled());
  sqrt(x);
}

// An observer that goes when the scope ends, also when a blank ends it.
class Observing {
 public:
  explicit Observing(OpObserver observer) : before_(set_op_observer(std::move(observer))) {}
  ~Observing() { set_op_observer(std::move(before_)); }

 private:
  OpObserver before_;
};

TEST(Unit_05_6, TheObserverOfBeforeStillSees) {
  std::vector<std::string> seen;
  const Observing observing([&](const char* op, const Array&) { seen.emplace_back(op); });
  {
    const AnomalyMode watch;
    const Tensor x = leaf(Real(-1));
    neg(x);
    EXPECT_THROW(sqrt(x), ValueError);
  }
  neg(leaf(1));
  EXPECT_EQ(seen, (std::vector<std::string>{"neg", "sqrt", "neg"}));
}

// --- graph_dot --------------------------------------------------------------------------------------------------

// The text line by line, without what stands before a line. In which order arrows and boxes come is nobody's business.
std::multiset<std::string> lines_of(const std::string& text) {
  std::multiset<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in >> std::ws, line);) lines.insert(line);
  return lines;
}

TEST(Unit_05_6, DotOfAProduct) {
  const Tensor x = leaf(ones({2, 3})), b = leaf(ones({3}));
  const Tensor y = x * b;
  const std::string dot = graph_dot(y);
  EXPECT_TRUE(dot.starts_with("digraph {")) << dot;
  EXPECT_NE(dot.find("shape=box"), std::string::npos) << dot;
  std::multiset<std::string> lines = lines_of(dot);
  lines.erase("node [shape=box];");
  const auto drawn = [](const char* first, const char* second) {  // both leaves may come first
    return std::multiset<std::string>{
        "digraph {",
        "n0 [label=\"mul\\n(2, 3)\"];",
        "n1 -> n0;",
        "n2 -> n0;",
        formatted("n1 [label=\"leaf\\n{}\", style=filled, fillcolor=lightgrey];", {first}),
        formatted("n2 [label=\"leaf\\n{}\", style=filled, fillcolor=lightgrey];", {second}),
        "}"};
  };
  EXPECT_TRUE(lines == drawn("(3,)", "(2, 3)") || lines == drawn("(2, 3)", "(3,)")) << dot;
}

std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t found = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++found;
  return found;
}

TEST(Unit_05_6, DotDrawsEachNodeOnceAndEachUse) {
  const Tensor x = leaf(2);
  const Tensor h = exp(x);
  const std::string dot = graph_dot(h * h + Tensor(3));
  EXPECT_EQ(count(dot, "label="), 4U);
  EXPECT_EQ(count(dot, "->"), 4U) << dot;  // add <- mul, mul <- exp twice, exp <- x; the constant is not in the graph
  EXPECT_EQ(count(dot, "fillcolor=lightgrey"), 1U);
}

TEST(Unit_05_6, DotNamesLeaves) {
  const Tensor w = leaf(2), v = leaf(3);
  const std::string dot = graph_dot(w * v, {{"fc1.weight", w}, {"a \"b\\", v}});
  EXPECT_NE(dot.find("label=\"fc1.weight\\n()\""), std::string::npos) << dot;
  EXPECT_NE(dot.find("label=\"a \\\"b\\\\\\n()\""), std::string::npos) << dot;
  EXPECT_EQ(dot.find("leaf"), std::string::npos) << dot;
  EXPECT_EQ(count(dot, "fillcolor=lightgrey"), 2U) << "shaded all the same: " << dot;
}

TEST(Unit_05_6, DotNamesWhatIsNoLeafToo) {
  const Tensor x = leaf(2);
  const Tensor h = exp(x);
  const std::string dot = graph_dot(h * h, {{"hidden", h}});
  EXPECT_NE(dot.find("label=\"hidden\\n()\"];"), std::string::npos) << dot;  // and is not shaded as a leaf
  EXPECT_EQ(dot.find("exp"), std::string::npos) << dot;
  EXPECT_EQ(count(dot, "leaf"), 1U) << "x has no name";
}

TEST(Unit_05_6, DotPassesOverNamesThatItDoesNotDraw) {  // of a frozen parameter, or of another graph's
  const Tensor x = leaf(2), elsewhere = leaf(3);
  EXPECT_EQ(graph_dot(exp(x), {{"frozen", Tensor(5)}, {"elsewhere", elsewhere}}), graph_dot(exp(x)));
}

TEST(Unit_05_6, DotOfAUsedGraphIsTheSame) {
  const Tensor x = leaf(2);
  const Tensor y = diamond(exp(x), 1, 2);
  const std::string before = graph_dot(y);
  y.backward();
  EXPECT_EQ(graph_dot(y), before);
}

TEST(Unit_05_6, DotIsTheSameTwice) {  // numbers, not addresses or ids
  const auto draw = [] {
    const Tensor x = leaf(2);
    return graph_dot(diamond(x, 1, 2));
  };
  EXPECT_EQ(draw(), draw());
}

TEST(Unit_05_6, DotOfALeafAndOfNothing) {
  EXPECT_EQ(count(graph_dot(leaf(2)), "label="), 1U);
  EXPECT_THROWS_WITH(graph_dot(Tensor(2)), GraphError);
}

TEST(Unit_05_6, DotOfADeepGraph) {
  Tensor y = leaf(1);
  for (int i = 0; i < 20000; ++i) y = join({y});
  EXPECT_EQ(count(graph_dot(y), "->"), 20000U);
}

}  // namespace
}  // namespace rushlight::test
