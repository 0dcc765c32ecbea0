// Distillation: golden values, what T² is for, and what a teacher must not get.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

Indices labels_of(const json& nested) {
  const Doubles values = values_of(nested);
  return Indices(shape_of(nested), std::vector<std::int32_t>(values.begin(), values.end()));
}

double largest(const Array& x) {
  double most = 0;
  for (const Real value : x.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

Array slope_of(const std::function<Tensor(const Tensor&)>& loss, const Array& x) {
  const Tensor leaf(x, true);
  return Tape(loss(leaf), Array::full({}, 1)).grad(leaf);
}

TEST(Unit_17_6, GoldenLosses) {
  const json all = golden("17/distill.json");
  ASSERT_EQ(all.at("cases").size(), 12u);
  for (const json& one : all.at("cases")) {
    const DistillOptions options{.temperature = one.at("temperature"), .alpha = one.at("alpha")};
    SCOPED_TRACE(testing::Message() << "T " << options.temperature << ", alpha " << options.alpha);
    const Tensor student(array_of(one.at("student"))), teacher(array_of(one.at("teacher")));
    const Tensor loss = distill_loss(student, teacher, labels_of(one.at("labels")), options);
    EXPECT_TRUE(near(loss.value(), Shape{}, {one.at("loss").get<double>()},
                     double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{1e-5, 1e-6}));
    if (options.alpha != 1) continue;
    EXPECT_TRUE(near(soft_target_loss(student, teacher, options.temperature).value(), Shape{},
                     {one.at("loss").get<double>()},
                     double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{1e-5, 1e-6}));
  }
}

TEST(Unit_17_6, AStudentThatAgreesLosesNothing) {
  const Array z = randn({4, 6}, 1);
  EXPECT_NEAR(soft_target_loss(Tensor(z), Tensor(z), 3).item(), 0, 1e-5) << "a divergence, not a cross-entropy";
  EXPECT_NEAR(soft_target_loss(Tensor(z), Tensor(z + Real(5)), 3).item(), 0, 1e-5)
      << "a number added to all logits says nothing";
  EXPECT_GT(soft_target_loss(Tensor(z), Tensor(randn({4, 6}, 2)), 3).item(), 0.1);
}

TEST(Unit_17_6, TheTeacherWeighs) {  // by hand: p = (3/4, 1/4), q = (1/2, 1/2)
  const Array teacher({1, 2}, {static_cast<Real>(std::log(3.0)), 0}), student({1, 2}, {0, 0});
  EXPECT_NEAR(soft_target_loss(Tensor(student), Tensor(teacher), 1).item(), 0.130812, 1e-5)
      << "0.75·ln 1.5 + 0.25·ln 0.5; the other way round it is 0.1438";
}

// By hand: p = (1/2, 1/2, 0), q = (1/4, 1/4, 1/2), and log 2 is left. With a student that rules it out as well: nothing.
TEST(Unit_17_6, AClassThatTheTeacherRulesOutAddsNothing) {
  const auto never = static_cast<Real>(-infinity);
  const Tensor teacher(Array({1, 3}, {0, 0, never}));
  const Array student({1, 3}, {0, 0, static_cast<Real>(std::log(2.0))});
  EXPECT_NEAR(soft_target_loss(Tensor(student), teacher, 1).item(), std::log(2.0), 1e-6);
  const Array slope = slope_of([&](const Tensor& z) { return soft_target_loss(z, teacher, 1); }, student);
  EXPECT_TRUE(near(slope, Shape{1, 3}, {-0.25, -0.25, 0.5}, close)) << "q - p";
  EXPECT_NEAR(soft_target_loss(teacher, teacher, 3).item(), 0, 1e-6);
}

// T² keeps the gradient's size: for large T the loss tends to half the squared distance of the centred logits per
// class.
TEST(Unit_17_6, TheGradientDoesNotShrinkWithTheTemperature) {
  const Array student = randn({8, 5}, 3), teacher = randn({8, 5}, 4);
  const auto slope = [&](double temperature) {
    return largest(slope_of([&](const Tensor& z) { return soft_target_loss(z, teacher, temperature); }, student));
  };
  const double at_10 = slope(10);
  EXPECT_NEAR(slope(20) / at_10, 1, 0.1);
  EXPECT_NEAR(slope(40) / at_10, 1, 0.15) << "without T² it would be 16 times smaller";
  Doubles limit = to_doubles(student);
  for (std::int64_t row = 0; row < 8; ++row) {
    double mean = 0;
    for (std::int64_t c = 0; c < 5; ++c) mean += (student.data()[row * 5 + c] - teacher.data()[row * 5 + c]) / 5.0;
    for (std::int64_t c = 0; c < 5; ++c) {
      limit[row * 5 + c] = (student.data()[row * 5 + c] - teacher.data()[row * 5 + c] - mean) / (5.0 * 8);
    }
  }
  const Array hot = slope_of([&](const Tensor& z) { return soft_target_loss(z, teacher, 100); }, student);
  EXPECT_TRUE(near(hot, Shape{8, 5}, limit, {0.05, 2e-3})) << "Hinton and others, 2015, equation 4";
}

TEST(Unit_17_6, RowsAreAveragedAndClassesAddedUp) {
  const Array student = randn({1, 3}, 5), teacher = randn({1, 3}, 6);
  const double one = soft_target_loss(Tensor(student), Tensor(teacher), 2).item();
  const Array many_s = concat(Arrays(4, student), 0), many_t = concat(Arrays(4, teacher), 0);
  EXPECT_NEAR(soft_target_loss(Tensor(many_s), Tensor(many_t), 2).item(), one, 1e-5);
  EXPECT_NEAR(soft_target_loss(Tensor(many_s.with_shape({2, 2, 3})), Tensor(many_t.with_shape({2, 2, 3})), 2).item(),
              one, 1e-5);
}

TEST(Unit_17_6, WhatHasNoWeightIsNotComputed) {
  const Array student = randn({2, 3}, 7);
  const Indices labels({2}, {0, 2});
  EXPECT_NEAR(distill_loss(Tensor(student), Tensor(), labels, {.alpha = 0}).item(),
              cross_entropy(Tensor(student), labels).item(), 1e-6)
      << "no teacher is needed";
  const Tensor teacher(randn({2, 3}, 8));
  const Indices wrong({2}, {0, 99});
  EXPECT_NEAR(distill_loss(Tensor(student), teacher, wrong, {.temperature = 2, .alpha = 1}).item(),
              soft_target_loss(Tensor(student), teacher, 2).item(), 1e-6)
      << "nor labels";
}

TEST(Unit_17_6, NoGradientReachesTheTeacher) {
  const Tensor student(randn({2, 3}, 9), true), teacher(randn({2, 3}, 10), true);
  const Indices labels({2}, {0, 2});
  for (const Tensor& loss : {soft_target_loss(student, teacher, 2), distill_loss(student, teacher, labels),
                             hidden_match_loss(student, teacher)}) {
    const Tape tape(loss, Array::full({}, 1));
    EXPECT_TRUE(tape.reached(student));
    EXPECT_FALSE(tape.reached(teacher));
  }
}

TEST(Unit_17_6, HiddenStatesAreMatched) {
  const Array student({2, 2}, {1, 2, 3, 4}), teacher({2, 2}, {1, 0, 3, 0});
  EXPECT_NEAR(hidden_match_loss(Tensor(student), Tensor(teacher)).item(), (4 + 16) / 4.0, 1e-5);
  const Array weight({3, 2}, {1, 0, 0, 1, 1, 1}), wide({2, 3}, {1, 2, 0, 3, 4, 0});
  EXPECT_NEAR(hidden_match_loss(Tensor(student), Tensor(wide), Tensor(weight)).item(), (9 + 49) / 6.0, 1e-5)
      << "(1, 2, 3) and (3, 4, 7) against the teacher's";
  const Array turned({2, 2}, {0, 1, 2, 0});  // of equal widths, and used all the same
  EXPECT_NEAR(hidden_match_loss(Tensor(student), Tensor(teacher), Tensor(turned)).item(), (1 + 4 + 1 + 36) / 4.0, 1e-5)
      << "(2, 2) and (4, 6) against the teacher's";
  const Tensor tokens(randn({2, 4, 2}, 11));
  EXPECT_GT(hidden_match_loss(tokens, Tensor(randn({2, 4, 3}, 12)), Tensor(weight)).item(), 0);
}

TEST(Unit_17_6, ErrorsNameTheArgument) {
  const Tensor two(randn({2, 3}, 13)), other(randn({2, 4}, 14));
  EXPECT_THROWS_WITH(soft_target_loss(two, other, 2), ShapeError, "soft_target_loss", "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(soft_target_loss(Tensor(zeros({0, 3})), Tensor(zeros({0, 3})), 2), ShapeError, "soft_target_loss");
  for (const double bad : {0.0, -1.0, infinity, not_a_number}) {
    EXPECT_THROWS_WITH(soft_target_loss(two, two, bad), ValueError, "temperature");
  }
  for (const double bad : {-0.1, 1.1, not_a_number}) {
    EXPECT_THROWS_WITH(distill_loss(two, two, Indices({2}, {0, 1}), {.alpha = bad}), ValueError, "alpha");
  }
  EXPECT_THROW(hidden_match_loss(two, other), ShapeError);
}

}  // namespace
}  // namespace rushlight::test
