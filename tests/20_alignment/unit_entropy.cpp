// Entropy-aware distillation, both modes: golden values, plain loops, what is constant, errors.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

EntropyOpdOptions options_of(const json& one) {
  EntropyOpdOptions options{.temperature = one.at("temperature")};
  if (one.at("mode") == "gate") {
    options.mode = EntropyMode::gate;
    options.tau = one.at("tau"), options.alpha = one.at("alpha"), options.top_k = one.at("top_k");
  } else if (!one.at("h_max").is_null()) {
    options.h_max = one.at("h_max").get<double>();
  }
  return options;
}

TEST(Unit_20_5, CL13_GoldenLosses) {
  const json all = golden_20("entropy_opd");
  const Array student = array_of(all.at("student")), teacher = array_of(all.at("teacher"));
  ASSERT_EQ(all.at("cases").size(), 7u);
  for (const json& one : all.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Mask mask = one.at("use_mask").get<bool>() ? mask_of(all.at("mask")) : Mask();
    const EntropyOpdOptions options = options_of(one);
    const Tensor loss = entropy_aware_opd_loss(student, teacher, mask, options);
    EXPECT_TRUE(near(loss.value(), Shape{}, {one.at("loss").get<double>()}, loss_tolerance));
    for (std::int64_t b = 0; b < 2; ++b) {  // one token at a time
      for (std::int64_t t = 0; t < 3; ++t) {
        Mask only(Shape{2, 3});
        only.mutable_data()[3 * b + t] = 1;
        const double expected = one.at("per_token").at(b).at(t);
        EXPECT_NEAR(entropy_aware_opd_loss(student, teacher, only, options).item(), expected, 2e-6 * expected + 1e-6);
      }
    }
  }
}

TEST(Unit_20_5, CL13_DefaultsOfTheGate) {
  const EntropyOpdOptions options;
  EXPECT_EQ(options.tau, 0.8);
  EXPECT_EQ(options.alpha, 1);
  EXPECT_EQ(options.top_k, 16);
  EXPECT_EQ(options.mode, EntropyMode::blend);
  const Array a = randn({1, 2, 20}, 1), b = randn({1, 2, 20}, 2);
  const auto value = [&](const EntropyOpdOptions& o) { return entropy_aware_opd_loss(a, b, {}, o).item(); };
  EXPECT_EQ(value({}), value({.h_max = std::log(20.0)})) << "h_max is log V";
}

TEST(Unit_20_5, CL13_ASureTeacherIsFollowedInReverseAnUnsureOneForward) {
  const Array student = randn({1, 1, 4}, 3);
  const Doubles log_s = plain_log_softmax(row_of(student, 0));
  const Array even = zeros({1, 1, 4}), sharp({1, 1, 4}, {40, 0, 0, 0});
  EXPECT_NEAR(entropy_aware_opd_loss(student, even).item(), plain_kl(Doubles(4, -std::log(4.0)), log_s), 1e-6)
      << "w = 1: KL(P || S)";
  EXPECT_NEAR(entropy_aware_opd_loss(student, sharp).item(), plain_kl(log_s, plain_log_softmax(row_of(sharp, 0))), 2e-5)
      << "w = 0: KL(S || P)";
}

TEST(Unit_20_5, CL13_TheGateIsStrict) {  // open above tau, not at tau
  const Array student = randn({1, 1, 4}, 4), even = zeros({1, 1, 4});
  const auto value = [&](double tau) {
    return entropy_aware_opd_loss(student, even, {}, {.mode = EntropyMode::gate, .tau = tau}).item();
  };
  const double reverse = plain_kl(plain_log_softmax(row_of(student, 0)), Doubles(4, -std::log(4.0)));
  EXPECT_GT(value(1.38), reverse + 0.01);
  EXPECT_NEAR(value(1.39), reverse, 1e-6);
  const Array certain({1, 1, 2}, {2000, -2000});  // an entropy of exactly 0, in double too
  const Array other({1, 1, 2}, {1, 0});
  const auto at_zero = [&](double alpha) {
    return entropy_aware_opd_loss(other, certain, {}, {.mode = EntropyMode::gate, .tau = 0, .alpha = alpha}).item();
  };
  EXPECT_EQ(at_zero(1), at_zero(0)) << "0 > 0 is false";
}

TEST(Unit_20_5, CL13_TeacherEntropyAndGateAreConstants) {
  const Tensor student(randn({1, 2, 3}, 5), true), teacher(randn({1, 2, 3}, 6), true);
  for (const EntropyMode mode : {EntropyMode::blend, EntropyMode::gate}) {
    const Tape tape(entropy_aware_opd_loss(student, teacher, {}, {.mode = mode, .tau = 0.1}), Array::full({}, 1));
    EXPECT_TRUE(tape.reached(student));
    EXPECT_FALSE(tape.reached(teacher));
  }
}

TEST(Unit_20_5, CL13_EmptyAndBrokenMasks) {
  const Array student = randn({2, 2, 3}, 7), teacher = randn({2, 2, 3}, 8);
  const Mask mask = truth({2, 2}, {1, 0, 1, 1});
  for (const EntropyMode mode : {EntropyMode::blend, EntropyMode::gate}) {
    const auto loss = [&](const Mask& m) {
      return [&, m](const Tensor& x, const Tensor& y) { return entropy_aware_opd_loss(x, y, m, {.mode = mode}); };
    };
    const ValueAndGradient empty = at([&](const Tensor& x) { return loss(Mask(Shape{2, 2}))(x, teacher); }, student);
    EXPECT_EQ(empty.value, 0);
    EXPECT_TRUE(near(empty.gradient, {2, 2, 3}, Doubles(12, 0), exactly));
    expect_no_trace(loss(mask), student, teacher, mask);
  }
}

TEST(Unit_20_5, CL13_ErrorsNameTheArgument) {
  const Array a = randn({2, 3, 4}, 9);
  const auto with = [&](const EntropyOpdOptions& options) { return entropy_aware_opd_loss(a, a, {}, options); };
  EXPECT_THROWS_WITH(with({.temperature = 0}), ValueError, "entropy_aware_opd_loss", "temperature");
  EXPECT_THROWS_WITH(with({.h_max = 0.0}), ValueError, "h_max");
  EXPECT_THROWS_WITH(with({.mode = EntropyMode::gate, .tau = -1}), ValueError, "tau");
  EXPECT_THROWS_WITH(with({.mode = EntropyMode::gate, .alpha = -1}), ValueError, "alpha");
  EXPECT_THROWS_WITH(with({.mode = EntropyMode::gate, .top_k = 0}), ValueError, "top_k");
  EXPECT_THROWS_WITH(with({.mode = static_cast<EntropyMode>(7)}), ValueError, "mode", "7");
  EXPECT_THROWS_WITH(entropy_aware_opd_loss(a, zeros({2, 3, 5})), ShapeError, "teacher", "(2, 3, 5)");
  EXPECT_THROWS_WITH(entropy_aware_opd_loss(zeros({4}), zeros({4})), ShapeError, "student");
  EXPECT_THROWS_WITH(entropy_aware_opd_loss(a, a, Mask(Shape{2})), ShapeError, "mask");
  EXPECT_GE(with({}).item(), -1e-6);
}

}  // namespace
}  // namespace rushlight::test
