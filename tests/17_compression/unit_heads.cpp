// An attention with fewer heads computes what the large one computes without those.
#include "thinned.hpp"

namespace rushlight::test {
namespace {

MultiHeadAttention small_attention(std::int64_t heads, std::int64_t groups) {
  Generator g(9);
  return MultiHeadAttention({.width = 8, .heads = heads, .groups = groups}, g);
}

// Attention of which some groups are pruned, against one in which their columns of `out` are zero.
void expect_heads_gone(std::int64_t heads, std::int64_t groups, const std::vector<std::int64_t>& weak) {
  MultiHeadAttention small = small_attention(heads, groups), whole = small_attention(heads, groups);
  const std::int64_t width = 8 / heads, queries = heads / groups;
  std::vector<std::int64_t> key_rows, query_rows;
  for (const std::int64_t group : weak) {
    for (std::int64_t i = 0; i < width; ++i) key_rows.push_back(group * width + i);
    for (std::int64_t i = 0; i < width * queries; ++i) query_rows.push_back(group * width * queries + i);
  }
  for (MultiHeadAttention* one : {&small, &whole}) {
    shrink_rows(one->q.weight, query_rows);
    shrink_rows(one->k.weight, key_rows);
    shrink_rows(one->v.weight, key_rows);
  }
  zero_columns(small.out.weight, query_rows);
  zero_columns(whole.out.weight, query_rows);
  const std::int64_t keep = groups - static_cast<std::int64_t>(weak.size());
  const Indices stay = prune_heads(small, keep);
  for (const std::int64_t group : weak) {
    EXPECT_EQ(std::count(stay.data().begin(), stay.data().end(), static_cast<std::int32_t>(group)), 0);
  }
  EXPECT_EQ(small.heads(), keep * queries);
  EXPECT_EQ(small.groups(), keep);
  EXPECT_EQ(small.q.weight.shape(), (Shape{keep * queries * width, 8}));
  EXPECT_EQ(small.k.weight.shape(), (Shape{keep * width, 8}));
  EXPECT_EQ(small.v.bias.shape(), Shape{keep * width});
  EXPECT_EQ(small.out.weight.shape(), (Shape{8, keep * queries * width}));
  EXPECT_EQ(small.out.bias.shape(), Shape{8});
  const Tensor x(randn({2, 3, 8}, 10));
  EXPECT_TRUE(near(small(x, {.causal = true}).value(), whole(x, {.causal = true}).value(), close));
}

TEST(Unit_17_4, HeadsGo) {
  expect_heads_gone(4, 4, {1, 2});
  expect_heads_gone(2, 2, {0});
}

TEST(Unit_17_4, GroupsGoWithAllTheirQueries) {
  expect_heads_gone(4, 2, {0});
  expect_heads_gone(8, 4, {1, 3});
}

TEST(Unit_17_4, EveryPartOfAHeadCounts) {  // each of four heads is strong in one place only
  MultiHeadAttention attention = small_attention(4, 4);
  for (Linear* layer : {&attention.q, &attention.k, &attention.v, &attention.out})
    layer->weight.set_value(zeros({8, 8}));
  const auto at = [](Linear& layer, std::int64_t row, std::int64_t column) -> Real& {
    return layer.weight.mutable_value().mutable_data()[row * 8 + column];
  };
  at(attention.q, 1, 3) = 4;    // head 0
  at(attention.k, 2, 0) = 3;    // head 1
  at(attention.v, 5, 7) = 2;    // head 2
  at(attention.out, 0, 6) = 1;  // head 3: a column
  MultiHeadAttention again = small_attention(4, 4);
  for (auto [to, from] : {std::pair{&again.q, &attention.q},
                          {&again.k, &attention.k},
                          {&again.v, &attention.v},
                          {&again.out, &attention.out}}) {
    to->weight.set_value(from->weight.value() * Real(-1));
  }
  at(again.out, 0, 6) = 9;
  EXPECT_EQ(listed(prune_heads(attention, 3)), (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(listed(prune_heads(again, 2)), (std::vector<std::int32_t>{0, 3}));
}

TEST(Unit_17_4, AHeadHasOneNormOverAllItsParts) {  // √18 in two places beats none of them alone, and 5 beats √18
  MultiHeadAttention attention = small_attention(2, 2);
  for (Linear* layer : {&attention.q, &attention.k, &attention.v, &attention.out}) {
    layer->weight.set_value(zeros({8, 8}));
  }
  attention.q.weight.mutable_value().mutable_data()[0] = 3;  // head 0: 3 in q and 3 in k
  attention.k.weight.mutable_value().mutable_data()[0] = 3;
  attention.v.weight.mutable_value().mutable_data()[4 * 8] = 5;  // head 1: 5 in v
  EXPECT_EQ(listed(prune_heads(attention, 1)), (std::vector<std::int32_t>{1}));
}

TEST(Unit_17_4, ErrorsOfHeads) {
  MultiHeadAttention attention = small_attention(4, 2);
  EXPECT_THROWS_WITH(prune_heads(attention, 3), ValueError, "prune_heads", "3 of 2");
  EXPECT_THROWS_WITH(prune_heads(attention, 0), ValueError, "0 of 2");
  EXPECT_EQ(attention.heads(), 4);
}

}  // namespace
}  // namespace rushlight::test
