// 17.2 to 17.4: halves, and that a request which changes nothing is looked at as any other.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

const Real nothing = static_cast<Real>(not_a_number);

TEST(Unit_17_2, HalfAWeightIsOneMore) {
  Sequential each = small_net(1), all = small_net(1);
  Masks of_each(each, both), of_all(all, both);
  prune_by_magnitude(each, of_each, 0.25);  // 7.5 of 30, 4.5 of 18
  EXPECT_EQ(zeros_of(of_each.at("0.weight")), 8);
  EXPECT_EQ(zeros_of(of_each.at("2.weight")), 5) << "as std::round, not to the even one";
  prune_by_magnitude(all, of_all, 4.5 / 48, PruneScope::all);
  EXPECT_EQ(zeros_of(of_all.at("0.weight")) + zeros_of(of_all.at("2.weight")), 5);
}

TEST(Unit_17_2, NaNIsRefusedWhateverGoes) {
  const Array scores({3}, {1, nothing, 0});
  for (const std::int64_t zeros : {0, 1, 3}) {
    EXPECT_THROWS_WITH(mask_of_lowest(scores, zeros), ValueError, "mask_of_lowest");
  }
  for (const PruneScope scope : {PruneScope::each, PruneScope::all}) {
    for (const double sparsity : {0.0, 1.0}) {
      Sequential model = small_net(6);
      Masks masks(model, both);
      Array mask = ones({3, 6});
      mask.mutable_data()[3] = 0;  // also where it is pruned already
      masks.set("2.weight", mask);
      const double before = masks.sparsity();
      parameter_of(model, "2.weight").mutable_value().mutable_data()[3] = nothing;
      EXPECT_THROWS_WITH(prune_by_magnitude(model, masks, sparsity, scope), ValueError, "NaN");
      EXPECT_EQ(masks.sparsity(), before) << "nothing has changed";
      EXPECT_TRUE(std::isnan(parameter_of(model, "2.weight").value().data()[3]));
    }
  }
}

TEST(Unit_17_2, NoShareWritesTheZerosToo) {
  for (const PruneScope scope : {PruneScope::each, PruneScope::all}) {
    Sequential model = small_net(6);
    Masks masks(model, both);
    masks.set("2.weight", random_mask({3, 6}, 4));
    prune_by_magnitude(model, masks, 0, scope);
    EXPECT_TRUE(zero_where_masked(parameter_of(model, "2.weight").value(), masks.at("2.weight")));
    EXPECT_GT(zeros_of(masks.at("2.weight")), 0);
  }
}

TEST(Unit_17_3, AlsoWhereAllStay) {
  for (const std::int64_t m : {1, 2, 4}) {
    EXPECT_THROW(n_of_m_mask(Array({4}, {1, 2, nothing, 3}), m, m), ValueError) << m;
    EXPECT_TRUE(near(n_of_m_mask(Array({4}, {1, 2, 0, 3}), m, m), Shape{4}, Doubles(4, 1), exactly)) << m;
  }
  EXPECT_THROWS_WITH(n_of_m_mask(zeros({2, 6}), 4, 4), ShapeError, "(2, 6)");
  Sequential model = small_net(1);
  Masks masks(model, {"2.weight"});
  masks.set("2.weight", zeros({3, 6}));
  prune_n_of_m(model, masks, 3, 3);
  EXPECT_EQ(masks.sparsity(), 0) << "whatever the mask was before";
}

TEST(Unit_17_3, AScheduleIsLookedAtInEveryStep) {
  EXPECT_DOUBLE_EQ(SparsitySchedule{.begin = 99}.at(1000), 0.9);
  EXPECT_TRUE(SparsitySchedule{.begin = 99}.prunes_at(100));
  for (const SparsitySchedule& wrong :
       {SparsitySchedule{.first = -0.1}, SparsitySchedule{.last = 1.1}, SparsitySchedule{.first = 0.5, .last = 0.4},
        SparsitySchedule{.begin = 100}, SparsitySchedule{.every = 0}, SparsitySchedule{.last = not_a_number}}) {
    for (const std::int64_t step : {-7, 0, 50, 100, 1000}) {
      EXPECT_THROW(wrong.at(step), ValueError) << step;
      EXPECT_THROW(wrong.prunes_at(step), ValueError) << step;
    }
  }
}

TEST(Unit_17_4, AlsoWhereEveryOneIsStrong) {
  for (const std::int64_t keep : {1, 2, 3}) {
    EXPECT_THROW(strongest(Array({3}, {1, nothing, 0}), keep), ValueError) << keep;
  }
  EXPECT_THROWS_WITH(strongest(zeros({1, 3}), 3), ShapeError, "(1, 3)");
  Generator g(1);
  Linear first({.in = 2, .out = 3}, g), stranger({.in = 4, .out = 2}, g);
  EXPECT_THROWS_WITH(prune_neurons(first, stranger, 3), ShapeError, "prune_neurons");
}

}  // namespace
}  // namespace rushlight::test
