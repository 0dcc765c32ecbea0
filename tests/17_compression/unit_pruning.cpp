// What goes: by magnitude, in patterns, by a schedule.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// --- 17.2 ----------------------------------------------------------------------------------------------------------

TEST(Unit_17_2, TheLowestGo) {
  const Array scores({2, 3}, {3, 1, 2, 0, 5, 4});
  EXPECT_TRUE(near(mask_of_lowest(scores, 0), Shape{2, 3}, Doubles(6, 1), exactly));
  EXPECT_TRUE(near(mask_of_lowest(scores, 2), Shape{2, 3}, {1, 0, 1, 0, 1, 1}, exactly));
  EXPECT_TRUE(near(mask_of_lowest(scores, 6), Shape{2, 3}, Doubles(6, 0), exactly));
  EXPECT_TRUE(near(mask_of_lowest(Array({4}, {-1, -3, 2, 0}), 1), Shape{4}, {1, 0, 1, 1}, exactly))
      << "scores, not magnitudes";
}

TEST(Unit_17_2, AmongEqualsTheFirstGo) {
  EXPECT_TRUE(near(mask_of_lowest(Array({5}, {2, 1, 1, 1, 0}), 3), Shape{5}, {1, 0, 0, 1, 0}, exactly));
  const Array many = zeros({100});
  const Array mask = mask_of_lowest(many, 37);
  for (std::int64_t i = 0; i < 100; ++i) ASSERT_EQ(mask.data()[i], i < 37 ? 0 : 1) << i;
}

TEST(Unit_17_2, ErrorsOfTheRanking) {
  EXPECT_THROWS_WITH(mask_of_lowest(zeros({3}), 4), ValueError, "mask_of_lowest", "4", "3");
  EXPECT_THROWS_WITH(mask_of_lowest(zeros({3}), -1), ValueError, "-1");
  EXPECT_THROWS_WITH(mask_of_lowest(Array({2}, {0, static_cast<Real>(not_a_number)}), 1), ValueError, "NaN");
  EXPECT_EQ(mask_of_lowest(zeros({0}), 0).size(), 0);
}

// The largest that went is no larger than the smallest that stayed.
void expect_smallest_gone(const Array& before, const Array& mask) {
  double largest_gone = 0, smallest_left = infinity;
  for (std::int64_t i = 0; i < mask.size(); ++i) {
    const double size = std::abs(static_cast<double>(before.data()[i]));
    if (mask.data()[i] == 0)
      largest_gone = std::max(largest_gone, size);
    else
      smallest_left = std::min(smallest_left, size);
  }
  EXPECT_LE(largest_gone, smallest_left);
}

TEST(Unit_17_2, EachLosesTheSameShare) {
  Sequential model = small_net(1);
  const StateDict before = model.state_dict();
  Masks masks(model, both);
  prune_by_magnitude(model, masks, 0.36);
  EXPECT_EQ(zeros_of(masks.at("0.weight")), 11) << "0.36 · 30 = 10.8, rounded";
  EXPECT_EQ(zeros_of(masks.at("2.weight")), 6) << "0.36 · 18 = 6.48, rounded";
  for (const std::string& path : both) {
    expect_smallest_gone(before.at(path), masks.at(path));
    EXPECT_TRUE(zero_where_masked(parameter_of(model, path).value(), masks.at(path))) << "applied";
  }
}

TEST(Unit_17_2, TogetherALayerOfSmallNumbersLosesMore) {
  Sequential model = small_net(2);
  Tensor first = parameter_of(model, "0.weight"), second = parameter_of(model, "2.weight");
  first.set_value(uniform({6, 5}, 3, 1, 2));  // all of them above the other layer's
  second.set_value(uniform({3, 6}, 4, -0.5, 0.5));
  Masks masks(model, both);
  prune_by_magnitude(model, masks, 0.25, PruneScope::all);
  EXPECT_EQ(zeros_of(masks.at("0.weight")), 0);
  EXPECT_EQ(zeros_of(masks.at("2.weight")), 12) << "a quarter of 48";
  prune_by_magnitude(model, masks, 0.5, PruneScope::all);
  EXPECT_EQ(zeros_of(masks.at("0.weight")), 6) << "18 of the small ones, and 6 more";
  EXPECT_EQ(zeros_of(masks.at("2.weight")), 18);
}

TEST(Unit_17_2, TogetherTheOrderOfPathsIsTheOrderOfMasks) {
  Sequential model = small_net(2);
  Tensor first = parameter_of(model, "0.weight"), second = parameter_of(model, "2.weight");
  first.set_value(arange(30).with_shape({6, 5}) + Real(1));
  second.set_value(arange(18).with_shape({3, 6}) + Real(1));
  Masks masks(model, {"2.weight", "0.weight"});
  prune_by_magnitude(model, masks, 4.0 / 48, PruneScope::all);  // 1, 1, 2, 2
  for (const std::string& path : both) {
    EXPECT_EQ(zeros_of(masks.at(path)), 2) << path;
    EXPECT_EQ(masks.at(path).data()[0] + masks.at(path).data()[1], 0) << path;
  }
}

TEST(Unit_17_2, WhatIsPrunedStaysPruned) {
  for (const PruneScope scope : {PruneScope::each, PruneScope::all}) {
    Sequential model = small_net(5);
    Masks masks(model, both);
    prune_by_magnitude(model, masks, 0.5, scope);
    const Array first = masks.at("0.weight"), second = masks.at("2.weight");
    for (const std::string& path : both) {  // an optimizer with old momentum made them large
      Tensor weight = parameter_of(model, path);
      for (Real& value : weight.mutable_value().mutable_data()) value = value == 0 ? Real{100} : value;
    }
    prune_by_magnitude(model, masks, 0.8, scope);
    EXPECT_TRUE(zero_where_masked(masks.at("0.weight"), first));
    EXPECT_TRUE(zero_where_masked(masks.at("2.weight"), second));
    EXPECT_EQ(zeros_of(masks.at("0.weight")) + zeros_of(masks.at("2.weight")), scope == PruneScope::all ? 38 : 24 + 14);
    const double before = masks.sparsity();
    prune_by_magnitude(model, masks, 0.1, scope);
    EXPECT_EQ(masks.sparsity(), before) << "a smaller share brings nothing back";
  }
}

// A weight that happens to be 0 and is not pruned stands before one that is.
TEST(Unit_17_2, WhatIsPrunedGoesBeforeWhatIsZero) {
  Sequential model = small_net(5);
  Masks masks(model, {"2.weight"});
  Array mask = ones({3, 6});
  mask.mutable_data()[17] = 0;
  masks.set("2.weight", mask);
  parameter_of(model, "2.weight").mutable_value().mutable_data()[0] = 0;
  prune_by_magnitude(model, masks, 1.0 / 18);
  EXPECT_TRUE(near(masks.at("2.weight"), mask, exactly));
}

TEST(Unit_17_2, ZerosAreWrittenAlsoWhereTheMasksStay) {
  for (const PruneScope scope : {PruneScope::each, PruneScope::all}) {
    Sequential model = small_net(5);
    Masks masks(model, both);
    prune_by_magnitude(model, masks, 0.5, scope);
    for (const std::string& path : both) {
      Tensor weight = parameter_of(model, path);
      for (Real& value : weight.mutable_value().mutable_data()) value = value == 0 ? Real{100} : value;
    }
    prune_by_magnitude(model, masks, 0.1, scope);
    for (const std::string& path : both) {
      EXPECT_TRUE(zero_where_masked(parameter_of(model, path).value(), masks.at(path))) << path;
    }
  }
}

TEST(Unit_17_2, NothingAndEverything) {
  Sequential model = small_net(6);
  const StateDict before = model.state_dict();
  Masks masks(model, both);
  prune_by_magnitude(model, masks, 0);
  EXPECT_TRUE(same_bits(model.state_dict().at("0.weight"), before.at("0.weight")));
  prune_by_magnitude(model, masks, 1, PruneScope::all);
  EXPECT_EQ(masks.sparsity(), 1);
  EXPECT_EQ(zeros_of(parameter_of(model, "0.weight").value()), 30);
}

TEST(Unit_17_2, ErrorsOfPruning) {
  Sequential model = small_net(6);
  Masks masks(model, both);
  for (const double bad : {-0.1, 1.1, not_a_number}) {
    EXPECT_THROWS_WITH(prune_by_magnitude(model, masks, bad), ValueError, "prune_by_magnitude", "sparsity");
  }
  parameter_of(model, "2.weight").mutable_value().mutable_data()[3] = static_cast<Real>(not_a_number);
  EXPECT_THROW(prune_by_magnitude(model, masks, 0.5), ValueError);
}

TEST(Unit_17_2, NaNIsRefusedBeforeAnythingChanges) {
  for (const PruneScope scope : {PruneScope::each, PruneScope::all}) {
    Sequential model = small_net(6);
    Masks masks(model, both);
    prune_by_magnitude(model, masks, 0.2, scope);
    const double before = masks.sparsity();
    const Array first = parameter_of(model, "0.weight").value().clone();
    Tensor second = parameter_of(model, "2.weight");
    second.mutable_value().mutable_data()[3] = static_cast<Real>(not_a_number);
    EXPECT_THROWS_WITH(prune_by_magnitude(model, masks, 0.5, scope), ValueError, "NaN");
    EXPECT_EQ(masks.sparsity(), before);
    EXPECT_TRUE(same_bits(parameter_of(model, "0.weight").value(), first));
  }
}

TEST(Unit_17_2, NaNIsRefusedWhereSomethingIsPrunedToo) {
  Sequential model = small_net(6);
  Masks masks(model, both);
  masks.set("2.weight", zeros({3, 6}));
  parameter_of(model, "2.weight").mutable_value().mutable_data()[3] = static_cast<Real>(not_a_number);
  EXPECT_THROWS_WITH(prune_by_magnitude(model, masks, 0.5), ValueError, "NaN");
  EXPECT_EQ(zeros_of(masks.at("0.weight")), 0);
}

// --- 17.3 ----------------------------------------------------------------------------------------------------------

TEST(Unit_17_3, TwoOfFour) {
  const Array weight({2, 8}, {1, -5, 2, 4, 0, 0, 0, 1, 3, 3, 3, 3, -1, -2, -3, -4});
  EXPECT_TRUE(near(n_of_m_mask(weight, 2, 4), Shape{2, 8}, {0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1}, exactly))
      << "by magnitude; of equals the first stays";
}

TEST(Unit_17_3, OtherPatterns) {
  const Array weight({1, 6}, {3, 1, 2, 6, 5, 4});
  EXPECT_TRUE(near(n_of_m_mask(weight, 1, 3), Shape{1, 6}, {1, 0, 0, 1, 0, 0}, exactly));
  EXPECT_TRUE(near(n_of_m_mask(weight, 3, 3), Shape{1, 6}, Doubles(6, 1), exactly));
  EXPECT_TRUE(near(n_of_m_mask(weight, 1, 2), Shape{1, 6}, {1, 0, 0, 1, 1, 0}, exactly));
  const Array large = randn({16, 32}, 1), mask = n_of_m_mask(large, 2, 4);
  for (std::int64_t start = 0; start < large.size(); start += 4) {
    double kept = 0;
    for (std::int64_t i = start; i < start + 4; ++i) kept += mask.data()[i];
    ASSERT_EQ(kept, 2) << "the run at " << start;
  }
}

TEST(Unit_17_3, WholeModelsGetThePattern) {
  Generator g(1);
  Sequential model{Conv2d({.in = 2, .out = 3, .kernel = 2}, g), Flatten(), Linear({.in = 8, .out = 4}, g)};
  Masks masks(model, weight_paths(model));
  masks.set("2.weight", zeros({4, 8}));
  prune_n_of_m(model, masks, 2, 4);
  EXPECT_EQ(zeros_of(masks.at("0.weight")), 12) << "(3, 2, 2, 2) as (3, 8)";
  EXPECT_EQ(zeros_of(masks.at("2.weight")), 16) << "whatever the mask was before";
  EXPECT_TRUE(zero_where_masked(parameter_of(model, "0.weight").value(), masks.at("0.weight")));
}

TEST(Unit_17_3, WhenOneDoesNotFitNothingChanges) {
  Generator g(1);
  Sequential model{Linear({.in = 4, .out = 6}, g), Linear({.in = 6, .out = 3}, g)};
  Masks masks(model, {"0.weight", "1.weight"});
  EXPECT_THROWS_WITH(prune_n_of_m(model, masks, 2, 4), ShapeError, "(3, 6)", "4");
  EXPECT_EQ(masks.sparsity(), 0);
}

TEST(Unit_17_3, ErrorsOfPatterns) {
  EXPECT_THROWS_WITH(n_of_m_mask(zeros({2, 6}), 2, 4), ShapeError, "n_of_m_mask", "(2, 6)");
  EXPECT_THROWS_WITH(n_of_m_mask(zeros({2, 4}), 0, 4), ValueError, "n_of_m_mask");
  EXPECT_THROWS_WITH(n_of_m_mask(zeros({2, 4}), 5, 4), ValueError, "5 of 4");
  EXPECT_THROW(n_of_m_mask(Array({2}, {1, static_cast<Real>(not_a_number)}), 1, 2), ValueError);
}

TEST(Unit_17_3, TheScheduleIsACube) {
  const SparsitySchedule schedule{.first = 0.1, .last = 0.9, .begin = 10, .end = 30, .every = 5};
  EXPECT_DOUBLE_EQ(schedule.at(0), 0.1);
  EXPECT_DOUBLE_EQ(schedule.at(10), 0.1);
  EXPECT_NEAR(schedule.at(15), 0.9 - 0.8 * 0.421875, 1e-12) << "a quarter of the way: 1 - 0.75³ of it";
  EXPECT_NEAR(schedule.at(20), 0.9 - 0.8 * 0.125, 1e-12);
  EXPECT_DOUBLE_EQ(schedule.at(30), 0.9);
  EXPECT_DOUBLE_EQ(schedule.at(1000), 0.9);
}

TEST(Unit_17_3, WhenTheSchedulePrunes) {
  const SparsitySchedule schedule{.first = 0, .last = 0.5, .begin = 3, .end = 14, .every = 4};
  std::vector<std::int64_t> steps;
  for (std::int64_t step = -10; step < 40; ++step) {
    if (schedule.prunes_at(step)) steps.push_back(step);
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{3, 7, 11, 14}));
}

TEST(Unit_17_3, ErrorsOfSchedules) {
  EXPECT_THROWS_WITH((SparsitySchedule{.first = 0.5, .last = 0.4}.at(0)), ValueError, "SparsitySchedule", "0.5");
  EXPECT_THROWS_WITH((SparsitySchedule{.begin = 5, .end = 5}.at(0)), ValueError, "begin < end");
  EXPECT_THROWS_WITH((SparsitySchedule{.every = 0}.prunes_at(0)), ValueError, "every");
  EXPECT_TRUE(SparsitySchedule{}.prunes_at(0));
}

}  // namespace
}  // namespace rushlight::test
