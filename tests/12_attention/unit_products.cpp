// The two products, with grouped queries.
#include "oracle.hpp"

namespace rushlight::test {
namespace {

// What ops ran, and how large their values were, while it lives.
class Ops {
 public:
  Ops() {
    before_ = set_op_observer([this](const char* op, const Array&) { names.push_back(op); });
  }
  ~Ops() { set_op_observer(before_); }
  bool ran(const std::string& op) const { return std::find(names.begin(), names.end(), op) != names.end(); }
  std::vector<std::string> names;

 private:
  OpObserver before_;
};

const Node* find(const Tensor& y, const std::string& op) {
  std::vector<const Node*> stack{y.node().get()};
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (node == nullptr) continue;
    if (node->op == op) return node;
    for (const Node::Input& input : node->inputs) stack.push_back(input.node.get());
  }
  return nullptr;
}

// (B, G, S, X) with every head written out as often as it is used: what grouped queries spare.
Array repeated(const Array& x, std::int64_t times) {
  Shape shape = x.shape();
  shape[1] *= times;
  const std::int64_t head = x.dim(2) * x.dim(3);
  std::vector<Real> values;
  for (std::int64_t i = 0; i < x.dim(0) * x.dim(1); ++i) {
    for (std::int64_t n = 0; n < times; ++n) {
      values.insert(values.end(), x.data().begin() + i * head, x.data().begin() + (i + 1) * head);
    }
  }
  return Array(shape, values);
}

TEST(Unit_12_3, ScoresByHand) {
  const Array q({1, 1, 2, 2}, {1, 2, 3, 4}), k({1, 1, 3, 2}, {1, 0, 0, 1, 1, 1});
  EXPECT_TRUE(near(attention_scores(q, k, 1).value(), {1, 1, 2, 3}, {1, 2, 3, 3, 4, 7}));
  EXPECT_TRUE(near(attention_scores(q, k, 0.5).value(), {1, 1, 2, 3}, {0.5, 1, 1.5, 1.5, 2, 3.5}));
  EXPECT_TRUE(near(attention_scores(q, k, -2).value(), {1, 1, 2, 3}, {-2, -4, -6, -6, -8, -14}));
  EXPECT_TRUE(near(attention_scores(q, k, 0).value(), zeros({1, 1, 2, 3}), exactly));
}

TEST(Unit_12_3, OutputByHand) {
  const Array pattern({1, 1, 2, 3}, {1, 0, 0, 0.5, 0.25, 0.25}), v({1, 1, 3, 2}, {1, 10, 2, 20, 4, 40});
  EXPECT_TRUE(near(attention_output(pattern, v).value(), {1, 1, 2, 2}, {1, 10, 2, 20}));
}

TEST(Unit_12_3, HeadsOfAGroupAreNeighbours) {  // heads 0 and 1 read group 0, heads 2 and 3 read group 1
  const Array q({1, 4, 1, 1}, {1, 2, 3, 4}), k({1, 2, 1, 1}, {10, 100});
  EXPECT_TRUE(near(attention_scores(q, k, 1).value(), {1, 4, 1, 1}, {10, 20, 300, 400}));
  const Array pattern({1, 4, 1, 1}, {1, 2, 3, 4});
  EXPECT_TRUE(near(attention_output(pattern, k).value(), {1, 4, 1, 1}, {10, 20, 300, 400}));
}

TEST(Unit_12_3, GroupsEqualExplicitRepetition) {
  for (const std::int64_t groups : {1, 2, 3, 6}) {
    const Array q = randn({2, 6, 3, 4}, 1), k = randn({2, groups, 5, 4}, 2), v = randn({2, groups, 5, 2}, 3);
    const Array all_k = repeated(k, 6 / groups), all_v = repeated(v, 6 / groups);
    const Array scores = attention_scores(q, k, 0.7).value();
    EXPECT_TRUE(near(scores, attention_scores(q, all_k, 0.7).value(), attention_tolerance));
    EXPECT_TRUE(
        near(attention_output(scores, v).value(), attention_output(scores, all_v).value(), attention_tolerance));
  }
}

TEST(Unit_12_3, EveryEntryIsItsSum) {
  const Array q = randn({2, 4, 3, 5}, 4), k = randn({2, 2, 6, 5}, 5);
  std::vector<double> expected;
  for (int b = 0; b < 2; ++b) {
    for (int h = 0; h < 4; ++h) {
      for (int t = 0; t < 3; ++t) {
        for (int s = 0; s < 6; ++s) {
          double sum = 0;
          for (int i = 0; i < 5; ++i) {
            sum += static_cast<double>(q.data()[((b * 4 + h) * 3 + t) * 5 + i]) *
                   k.data()[((b * 2 + h / 2) * 6 + s) * 5 + i];
          }
          expected.push_back(0.3 * sum);
        }
      }
    }
  }
  EXPECT_TRUE(near(attention_scores(q, k, 0.3).value(), {2, 4, 3, 6}, expected, attention_tolerance));
}

TEST(Unit_12_3, KeysAndValuesAreReadWhereTheyLie) {
  for (const std::int64_t groups : {1, 2, 4}) {
    const Tensor k(randn({1, groups, 5, 2}, 7), true), v(randn({1, groups, 5, 3}, 8), true);
    for (const std::int64_t queries : {1, 3}) {  // one: a cache, where keys and values are most of all
      const Tensor q(randn({1, 4, queries, 2}, 6), true);
      const Ops ops;
      const Tensor scores = attention_scores(q, k, 1);
      const Tensor out = attention_output(scores, v);
      for (const char* copy : {"permute", "transpose", "broadcast_to", "concat", "take", "gather", "slice"}) {
        EXPECT_FALSE(ops.ran(copy)) << "an op of this name copies what it is given; " << queries << " queries, "
                                    << groups << " groups";
      }
      const Node* first = find(scores, "matmul");
      const Node* second = find(out, "matmul");
      ASSERT_NE(first, nullptr);
      ASSERT_NE(second, nullptr);
      EXPECT_TRUE(first->inputs.at(1).saved.shares_buffer_with(k.value())) << "the product must read k itself";
      EXPECT_TRUE(second->inputs.at(1).saved.shares_buffer_with(v.value())) << "the product must read v itself";
    }
  }
}

TEST(Unit_12_3, EmptyShapes) {
  EXPECT_EQ(attention_scores(zeros({0, 2, 3, 4}), zeros({0, 1, 5, 4}), 1).shape(), (Shape{0, 2, 3, 5}));
  EXPECT_EQ(attention_scores(zeros({1, 2, 0, 4}), zeros({1, 1, 5, 4}), 1).shape(), (Shape{1, 2, 0, 5}));
  EXPECT_TRUE(near(attention_output(zeros({1, 2, 3, 0}), zeros({1, 1, 0, 4})).value(), zeros({1, 2, 3, 4}), exactly));
}

TEST(Unit_12_3, ErrorsNameShapesAndRule) {
  const Tensor q = zeros({2, 4, 3, 5});
  EXPECT_EQ(attention_scores(q, zeros({2, 2, 6, 5}), 1).shape(), (Shape{2, 4, 3, 6}));
  EXPECT_THROWS_WITH(attention_scores(q, zeros({2, 3, 6, 5}), 1), ShapeError, "attention_scores", "(2, 4, 3, 5)",
                     "(2, 3, 6, 5)", "multiple");
  EXPECT_THROWS_WITH(attention_scores(q, zeros({2, 4, 6, 4}), 1), ShapeError, "attention_scores", "(2, 4, 6, 4)");
  EXPECT_THROWS_WITH(attention_scores(q, zeros({1, 4, 6, 5}), 1), ShapeError, "attention_scores", "(1, 4, 6, 5)");
  EXPECT_THROWS_WITH(attention_scores(q, zeros({2, 0, 6, 5}), 1), ShapeError, "attention_scores");
  EXPECT_THROWS_WITH(attention_scores(zeros({3, 5}), zeros({6, 5}), 1), ShapeError, "attention_scores", "(3, 5)");
  EXPECT_THROWS_WITH(attention_output(zeros({2, 4, 3, 5}), zeros({2, 4, 6, 5})), ShapeError, "attention_output",
                     "(2, 4, 6, 5)", "(B, H, T, S)");
}

}  // namespace
}  // namespace rushlight::test
