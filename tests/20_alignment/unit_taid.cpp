// TAID: golden values, the two ends, what is constant; and its scheduler's traces.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

double value_of(const Array& student, const Array& teacher, double t, const Mask& mask = {}) {
  return static_cast<double>(taid_loss(student, teacher, t, mask).item());
}

TEST(Unit_20_4, CL11_GoldenLosses) {
  const json all = golden_20("taid");
  const Array student = array_of(all.at("student")), teacher = array_of(all.at("teacher"));
  const Mask mask = mask_of(all.at("mask"));
  int seen = 0;
  for (const json& one : all.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const double expected = one.at("loss");
    if (!one.contains("use_mask")) {  // what a mixture of probabilities would give
      EXPECT_GT(std::abs(value_of(student, teacher, one.at("t"), mask) - expected), 0.1);
      continue;
    }
    const Mask used = one.at("use_mask").get<bool>() ? mask : Mask();
    EXPECT_TRUE(near(taid_loss(student, teacher, one.at("t"), used).value(), Shape{}, {expected}));
    for (std::int64_t b = 0; b < 2; ++b) {  // one token at a time
      for (std::int64_t t = 0; t < 3; ++t) {
        Mask only(Shape{2, 3});
        only.mutable_data()[3 * b + t] = 1;
        EXPECT_NEAR(value_of(student, teacher, one.at("t"), only), one.at("per_token").at(b).at(t), 5e-6);
      }
    }
    ++seen;
  }
  EXPECT_EQ(seen, 5);
}

TEST(Unit_20_4, CL11_AtZeroItIsTheStudentsEntropy) {
  const Array student = randn({1, 2, 5}, 1), teacher = randn({1, 2, 5}, 2);
  double entropy = 0;
  for (int row = 0; row < 2; ++row) {
    for (const double log_p : plain_log_softmax(row_of(student, row))) entropy -= std::exp(log_p) * log_p / 2;
  }
  const auto [value, gradient] = at([&](const Tensor& x) { return taid_loss(x, teacher, 0); }, student);
  EXPECT_NEAR(value, entropy, 1e-6);
  EXPECT_GT(value, 0.1);
  EXPECT_LT(largest(gradient), 1e-6) << "a loss that is not 0, with a gradient that is";
}

TEST(Unit_20_4, CL11_AtOneItIsSoftLabelDistillation) {
  const Array student = randn({1, 2, 5}, 1), teacher = randn({1, 2, 5}, 2);
  double expected = 0;
  for (int row = 0; row < 2; ++row) {
    const Doubles p = plain_log_softmax(row_of(teacher, row)), s = plain_log_softmax(row_of(student, row));
    for (int v = 0; v < 5; ++v) expected -= std::exp(p[v]) * s[v] / 2;
  }
  EXPECT_NEAR(value_of(student, teacher, 1), expected, 1e-6);
}

TEST(Unit_20_4, CL11_TheTeacherAndTheAnchorAreConstants) {
  const Tensor student(randn({1, 2, 3}, 3), true), teacher(randn({1, 2, 3}, 4), true);
  const Tape tape(taid_loss(student, teacher, 0.5), Array::full({}, 1));
  EXPECT_TRUE(tape.reached(student));
  EXPECT_FALSE(tape.reached(teacher));
  const Array gradient = tape.grad(student);
  for (int row = 0; row < 2; ++row) {  // (softmax(student) - p)/n
    const auto s = row_of(student.value(), row), t = row_of(teacher.value(), row);
    std::vector<Real> mixed;
    for (int v = 0; v < 3; ++v) mixed.push_back((s[v] + t[v]) / 2);
    const Doubles log_s = plain_log_softmax(s), log_p = plain_log_softmax(mixed);
    for (int v = 0; v < 3; ++v) {
      EXPECT_NEAR(gradient.data()[3 * row + v], (std::exp(log_s[v]) - std::exp(log_p[v])) / 2, 1e-6)
          << "the gradient of a cross-entropy, softmax(student) - p, and nothing through p";
    }
  }
}

TEST(Unit_20_4, CL11_AnInfiniteStudentLogitAddsNothing) {
  Array student = randn({1, 1, 4}, 5);
  student.mutable_data()[2] = static_cast<Real>(-infinity);
  const Array teacher = randn({1, 1, 4}, 6);
  for (const double t : {0.0, 0.5, 1.0}) {
    const auto [value, gradient] = at([&](const Tensor& x) { return taid_loss(x, teacher, t); }, student);
    EXPECT_TRUE(std::isfinite(value)) << "t = " << t;
    EXPECT_TRUE(all_finite(gradient)) << "t = " << t;
  }
}

TEST(Unit_20_4, CL11_EmptyAndBrokenMasks) {
  const Array student = randn({2, 2, 3}, 7);
  const Array teacher = randn({2, 2, 3}, 8);
  const Mask mask = truth({2, 2}, {1, 0, 1, 1});
  const auto loss = [&](const Mask& m) { return [&, m](const Tensor& x) { return taid_loss(x, teacher, 0.5, m); }; };
  const ValueAndGradient empty = at(loss(Mask(Shape{2, 2})), student);
  EXPECT_EQ(empty.value, 0);
  EXPECT_FALSE(std::signbit(empty.value)) << "0, not -0";
  EXPECT_TRUE(near(empty.gradient, {2, 2, 3}, Doubles(12, 0), exactly));
  for (const double t : {0.0, 0.5, 1.0}) {
    SCOPED_TRACE(t);
    expect_no_trace([&](const Tensor& s, const Tensor& other) { return taid_loss(s, other, t, mask); }, student,
                    teacher, mask);
  }
}

TEST(Unit_20_4, CL11_ErrorsNameTheArgument) {
  const Array a = zeros({2, 3, 4});
  EXPECT_THROWS_WITH(taid_loss(a, a, -0.01), ValueError, "t is -0.01", "[0, 1]");
  EXPECT_THROWS_WITH(taid_loss(a, a, 1.01), ValueError, "1.01");
  EXPECT_THROWS_WITH(taid_loss(a, a, not_a_number), ValueError, "t is nan");
  EXPECT_THROWS_WITH(taid_loss(a, zeros({2, 2, 4}), 0.5), ShapeError, "teacher", "(2, 2, 4)");
  EXPECT_THROWS_WITH(taid_loss(zeros({2, 3}), zeros({2, 3}), 0.5), ShapeError, "student");
  EXPECT_THROWS_WITH(taid_loss(a, a, 0.5, Mask(Shape{3})), ShapeError, "mask", "(3,)");
}

// --- the scheduler -------------------------------------------------------------------------------------------------

TEST(Unit_20_4, CL12_GoldenTraces) {
  const json all = golden_20("taid").at("scheduler");
  ASSERT_EQ(all.at("traces").size(), 3u);
  for (const json& trace : all.at("traces")) {
    const json& config = trace.at("cfg");
    SCOPED_TRACE(config.dump());
    TAIDSchedulerOptions options{.steps = trace.at("num_train_steps")};
    options.alpha = config.value("alpha", options.alpha);
    options.beta = config.value("beta", options.beta);
    options.disable_adaptive = config.value("disable", false);
    TAIDScheduler scheduler(options);
    EXPECT_EQ(scheduler.t(), 0.4);
    for (const json& row : trace.at("rows")) {
      const double t = scheduler.update(row.at("loss"), row.at("step"));
      EXPECT_NEAR(t, row.at("t"), 1e-12) << "step " << row.at("step");
      EXPECT_EQ(t, scheduler.t());
      EXPECT_NEAR(scheduler.state().momentum, row.at("momentum"), 1e-12) << "step " << row.at("step");
    }
  }
}

TEST(Unit_20_4, CL12_NeverBackAndNeverBeyondTheEnd) {
  TAIDScheduler scheduler({.steps = 20, .t_start = 0.2, .t_end = 0.9, .alpha = 0.3, .beta = 0.5});
  Generator g(1);
  double before = scheduler.t();
  for (int step = 0; step <= 30; ++step) {
    const double t = scheduler.update(g.uniform() + 0.1, step);
    EXPECT_GE(t, before);
    EXPECT_LE(t, 0.9);
    before = t;
  }
  EXPECT_EQ(before, 0.9);
}

TEST(Unit_20_4, CL12_ASmallerStepTakesTheStraightLineBackAndNothingElse) {
  TAIDScheduler straight({.steps = 100, .alpha = 0.5, .disable_adaptive = true}), ahead({.steps = 100, .alpha = 0.5});
  for (const std::int64_t step : {0, 50, 80, 20}) {
    const double before = ahead.t();
    EXPECT_GE(ahead.update(1, step), before) << "step " << step;
    straight.update(1, step);
  }
  EXPECT_NEAR(straight.t(), 0.4 + 0.6 * 20 / 100, 1e-12);
}

// t after each of `losses`, by the rule as it stands in the header.
Doubles plain_schedule(const TAIDSchedulerOptions& o, const Doubles& losses) {
  Doubles all{o.t_start};
  double momentum = 0;
  for (std::size_t step = 1; step < losses.size(); ++step) {
    const double previous = losses[step - 1];
    momentum = o.beta * momentum + (1 - o.beta) * (previous - losses[step]) / (previous + 1e-15);
    const double line = o.t_start + (o.t_end - o.t_start) * static_cast<double>(step) / static_cast<double>(o.steps);
    const double ahead = all.back() + o.alpha / (1 + std::exp(-momentum)) * (1 - all.back());
    all.push_back(std::min(o.t_end, o.disable_adaptive ? line : std::max(line, ahead)));
  }
  return all;
}

TEST(Unit_20_4, CL12_FollowsItsRuleToAnyEndAndPastTheLastStep) {
  const Doubles losses{3, 2.5, 2.6, 1.5, 1.4, 1.6, 0.9, 0.8};
  const TAIDSchedulerOptions line{.steps = 5, .t_start = 0.1, .t_end = 0.7, .disable_adaptive = true};
  const TAIDSchedulerOptions either{.steps = 5, .t_start = 0.1, .t_end = 0.7, .alpha = 0.3, .beta = 0.5};
  const TAIDSchedulerOptions ahead{.steps = 1000, .t_start = 0.1, .t_end = 0.7, .alpha = 0.5, .beta = 0.5};
  for (const TAIDSchedulerOptions& options : {line, either, ahead}) {
    const Doubles expected = plain_schedule(options, losses);
    TAIDScheduler scheduler(options);
    for (std::size_t step = 0; step < losses.size(); ++step) {
      EXPECT_NEAR(scheduler.update(losses[step], static_cast<std::int64_t>(step)), expected[step], 1e-12) << step;
    }
    EXPECT_EQ(scheduler.t(), 0.7);
  }
}

TEST(Unit_20_4, CL12_ALossOfZeroIsNoDivision) {
  const TAIDSchedulerOptions options{.steps = 1000, .alpha = 0.5, .beta = 0.5};
  const Doubles losses{0, 0, 0, 1, 0.5}, expected = plain_schedule(options, losses);
  TAIDScheduler scheduler(options);
  for (std::size_t step = 0; step < losses.size(); ++step) {
    EXPECT_NEAR(scheduler.update(losses[step], static_cast<std::int64_t>(step)), expected[step], 1e-12) << step;
    EXPECT_TRUE(std::isfinite(scheduler.state().momentum)) << step;
  }
}

TEST(Unit_20_4, CL12_AFallingLossHastensIt) {
  const TAIDSchedulerOptions options{.steps = 1000, .alpha = 0.2, .beta = 0.5};
  TAIDScheduler falling(options), rising(options), straight({.steps = 1000, .disable_adaptive = true});
  for (int step = 0; step < 20; ++step) {
    falling.update(std::pow(0.7, step), step);
    rising.update(std::pow(1.4, step), step);
    straight.update(1, step);
  }
  EXPECT_GT(falling.t(), rising.t() + 0.01);
  EXPECT_GT(rising.t(), straight.t());
  EXPECT_NEAR(straight.t(), 0.4 + 0.6 * 19 / 1000, 1e-12);
}

TEST(Unit_20_4, CL12_StateContinues) {
  const TAIDSchedulerOptions options{.steps = 100, .alpha = 0.5, .beta = 0.5};
  TAIDScheduler whole(options), first(options), second(options);
  for (int step = 0; step < 3; ++step) whole.update(2.0 - 0.1 * step, step), first.update(2.0 - 0.1 * step, step);
  second.set_state(first.state());
  for (int step = 3; step < 6; ++step) {
    EXPECT_EQ(second.update(2.0 - 0.1 * step, step), whole.update(2.0 - 0.1 * step, step));
  }
}

TEST(Unit_20_4, CL12_ErrorsNameTheArgument) {
  EXPECT_THROWS_WITH(TAIDScheduler({.steps = 0}), ValueError, "TAIDScheduler", "steps");
  EXPECT_THROWS_WITH(TAIDScheduler({.steps = 1, .t_start = 0.8, .t_end = 0.5}), ValueError, "t_start", "0.8");
  EXPECT_THROWS_WITH(TAIDScheduler({.steps = 1, .t_end = 1.5}), ValueError, "t_end");
  EXPECT_THROWS_WITH(TAIDScheduler({.steps = 1, .alpha = -1}), ValueError, "alpha");
  EXPECT_THROWS_WITH(TAIDScheduler({.steps = 1, .beta = 2}), ValueError, "beta");
  TAIDScheduler scheduler({.steps = 1});
  EXPECT_THROWS_WITH(scheduler.update(not_a_number, 0), ValueError, "loss");
  EXPECT_THROWS_WITH(scheduler.update(infinity, 0), ValueError, "loss", "inf");
}

TEST(Unit_20_4, CL12_ARefusedLossChangesNothing) {
  TAIDScheduler scheduler({.steps = 10, .alpha = 0.5, .beta = 0.5}), other = scheduler;
  for (const double loss : {2.0, 1.5, 1.4}) {
    EXPECT_THROWS_WITH(scheduler.update(not_a_number, 5), ValueError, "loss");
    EXPECT_EQ(scheduler.update(loss, 1), other.update(loss, 1));
    EXPECT_EQ(scheduler.state().momentum, other.state().momentum);
  }
}

}  // namespace
}  // namespace rushlight::test
