// Arithmetic with logarithms, and the generalised Jensen-Shannon divergence: golden values, edges, laws, errors.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// --- logarithms --------------------------------------------------------------------------------------------------

TEST(Unit_20_3, CL16_LogSigmoid) {
  const Array x({6}, {-2, 0, 3, Real(-0.5), 1, 20});
  Doubles expected;
  for (const Real each : x.data()) expected.push_back(-softplus_of_minus(each));
  EXPECT_TRUE(near(log_sigmoid(x).value(), {6}, expected));
  EXPECT_TRUE(near(log_sigmoid(Array({2}, {-10000, 10000})).value(), {2}, {-10000, 0}));
}

TEST(Unit_20_3, CL16_LogAddExp) {
  const Array a({5}, {0, 1, -10000, 3, 700}), b({5}, {0, -2, -10001, 3, -700});
  const Doubles expected{std::log(2.0), std::log(std::exp(1.0) + std::exp(-2.0)), -10000 + std::log1p(std::exp(-1.0)),
                         3 + std::log(2.0), 700};
  EXPECT_TRUE(near(logaddexp(a, b).value(), {5}, expected));
  EXPECT_TRUE(near(logaddexp(b, a).value(), {5}, expected)) << "the other way round";
  EXPECT_TRUE(near(logaddexp(zeros({2, 1}), zeros({3})).value(), {2, 3}, Doubles(6, std::log(2.0)))) << "broadcast";
}

TEST(Unit_20_3, CL16_LogAddExpGradientIsTheShare) {  // eᵃ/(eᵃ + eᵇ), a half of each where they are equal
  const Array b({3}, {0, 0, 1});
  const auto [value, gradient] =
      at([&](const Tensor& a) { return sum(logaddexp(a, b)); }, Array({3}, {0, Real(std::log(3.0)), -10000}));
  EXPECT_TRUE(near(gradient, {3}, {0.5, 0.75, 0}, gradient_tolerance));
}

TEST(Unit_20_3, CL16_KlElementsSumToTheDivergence) {
  const Array p = randn({2, 4}, 3), q = randn({2, 4}, 4);
  std::vector<Real> log_p, log_q;
  Doubles expected;
  for (int row = 0; row < 2; ++row) {
    const Doubles a = plain_log_softmax(row_of(p, row)), b = plain_log_softmax(row_of(q, row));
    log_p.insert(log_p.end(), a.begin(), a.end()), log_q.insert(log_q.end(), b.begin(), b.end());
    for (int i = 0; i < 4; ++i) expected.push_back(std::exp(a[i]) * (a[i] - b[i]));
  }
  EXPECT_TRUE(near(kl_elements(Array({2, 4}, log_p), Array({2, 4}, log_q)).value(), {2, 4}, expected, {1e-5, 1e-6}));
  EXPECT_TRUE(near(kl_elements(Array({1}, {-20000}), Array({1}, {-1})).value(), {1}, {0}, exactly)) << "0 · -19999";
}

TEST(Unit_20_3, CL10_TopKOfEqualsTheLowerFirst) {
  const Array x({2, 4}, {1, 3, 3, 2, -1, -1, -1, -1});
  EXPECT_TRUE(same(top_k_indices(x, 3), {2, 3}, {1, 2, 3, 0, 1, 2}));
  EXPECT_TRUE(same(top_k_indices(x, 1), {2, 1}, {1, 0}));
  EXPECT_TRUE(same(top_k_indices(x, 9), {2, 4}, {1, 2, 3, 0, 0, 1, 2, 3})) << "no more than there are";
  EXPECT_TRUE(same(top_k_indices(zeros({50}), 7), {7}, {0, 1, 2, 3, 4, 5, 6}));
  EXPECT_THROWS_WITH(top_k_indices(x, 0), ValueError, "top_k", "0");
}

// --- golden values -----------------------------------------------------------------------------------------------

// A float has seven digits, and a divergence is a difference of logarithms around 3.

struct Case {
  Array student, teacher;
  Mask mask;
  JsdOptions options;
};

Case case_of(const json& all, const json& one) {
  const auto logits = [&](const char* name) {
    const std::string key = std::string(name) + "_override";
    if (!one.contains(key)) return array_of(all.at(name));
    return one.at(key).is_string() ? array_of(all.at(one.at(key).get<std::string>())) : array_of(one.at(key));
  };
  Case result{logits("student"), logits("teacher"), {}, {}};
  if (one.at("use_mask").get<bool>())
    result.mask = mask_of(one.contains("mask_override") ? one.at("mask_override") : all.at("mask"));
  result.options.beta = one.value("beta", 0.5);
  result.options.temperature = one.value("temperature", 1.0);
  result.options.top_k = one.value("top_k", 0);
  if (one.contains("token_clip")) result.options.token_clip = one.at("token_clip").get<double>();
  return result;
}

TEST(Unit_20_3, CL10_GoldenLosses) {
  const json all = golden_20("jsd");
  int seen = 0;
  for (const json& one : all.at("cases")) {
    if (!one.contains("loss")) continue;
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Case c = case_of(all, one);
    const Tensor loss = generalized_jsd_loss(c.student, c.teacher, c.mask, c.options);
    EXPECT_TRUE(near(loss.value(), Shape{}, {one.at("loss").get<double>()}, loss_tolerance));
    ++seen;
    if (!one.contains("per_token")) continue;
    JsdOptions each = c.options;
    each.reduction = TokenReduction::none;
    EXPECT_TRUE(
        near_golden(generalized_jsd_loss(c.student, c.teacher, {}, each).value(), one.at("per_token"), loss_tolerance));
  }
  EXPECT_EQ(seen, 13);
}

TEST(Unit_20_3, CL10_GoldenEndsOfBeta) {  // TRL's own example
  const json all = golden_20("jsd"), &one = all.at("cases").back();
  ASSERT_EQ(one.at("name"), "trl_edge_p01_09");
  const Array student = array_of(one.at("student_override")), teacher = array_of(one.at("teacher_override"));
  const std::pair<double, const char*> ends[] = {{0, "loss_beta0"}, {1, "loss_beta1"}, {0.5, "loss_beta_half"}};
  for (const auto& [beta, key] : ends) {
    const Tensor loss = generalized_jsd_loss(student, teacher, {}, {.beta = beta});
    EXPECT_NEAR(loss.item(), one.at(key).get<double>(), 2e-6) << key;
  }
}

TEST(Unit_20_3, CL10_EmptyMaskIsExactlyZero) {
  const Array student = randn({2, 3, 4}, 5), teacher = randn({2, 3, 4}, 6);
  for (const TokenReduction reduction : {TokenReduction::batchmean, TokenReduction::sum}) {
    const auto [value, gradient] = at(
        [&](const Tensor& x) {
          return generalized_jsd_loss(x, teacher, Mask(Shape{2, 3}), {.reduction = reduction});
        },
        student);
    EXPECT_EQ(value, 0);
    EXPECT_TRUE(near(gradient, {2, 3, 4}, Doubles(24, 0), exactly));
  }
}

TEST(Unit_20_3, CL10_Reductions) {
  const Array tokens({2, 3}, {1, 2, 4, 8, 16, 32});
  const Mask mask = truth({2, 3}, {0, 1, 1, 0, 0, 1});
  const auto reduced = [&](const Mask& m, TokenReduction r) { return reduce_tokens(tokens, m, r).value(); };
  EXPECT_TRUE(near(reduced(mask, TokenReduction::batchmean), Shape{}, {38.0 / 3}));
  EXPECT_TRUE(near(reduced({}, TokenReduction::batchmean), Shape{}, {63.0 / 2})) << "by the batch, not by all tokens";
  EXPECT_TRUE(near(reduced(mask, TokenReduction::sum), Shape{}, {38}));
  EXPECT_TRUE(near(reduced({}, TokenReduction::sum), Shape{}, {63}));
  EXPECT_TRUE(near(reduced(mask, TokenReduction::none), {2, 3}, {0, 2, 4, 0, 0, 32}));
  EXPECT_TRUE(near(reduced({}, TokenReduction::none), {2, 3}, {1, 2, 4, 8, 16, 32}));
  EXPECT_THROWS_WITH(reduce_tokens(tokens, truth({3}, {1, 1, 1}), TokenReduction::sum), ShapeError, "mask");
}

// --- laws ----------------------------------------------------------------------------------------------------------

double jsd(const Array& student, const Array& teacher, const JsdOptions& options = {}) {
  return static_cast<double>(generalized_jsd_loss(student, teacher, {}, options).item());
}

TEST(Unit_20_3, CL10_SymmetricAtOneHalf) {
  const Array a = randn({2, 3, 5}, 7), b = randn({2, 3, 5}, 8);
  EXPECT_NEAR(jsd(a, b), jsd(b, a), 1e-6);
  EXPECT_NEAR(jsd(a, b, {.beta = 0.25}), jsd(b, a, {.beta = 0.75}), 1e-6) << "beta changes sides with the arguments";
  EXPECT_GT(std::abs(jsd(a, b, {.beta = 0.25}) - jsd(b, a, {.beta = 0.25})), 1e-3);
}

TEST(Unit_20_3, CL10_AConstantPerRowChangesNothing) {
  const Array a = randn({2, 3, 5}, 9), b = randn({2, 3, 5}, 10);
  for (const double beta : {0.0, 0.3, 1.0}) {
    EXPECT_NEAR(jsd(a + randn({2, 3, 1}, 11), b + randn({2, 3, 1}, 12), {.beta = beta}), jsd(a, b, {.beta = beta}),
                3e-6);
  }
}

TEST(Unit_20_3, CL10_TheOrderOfTheVocabularyChangesNothing) {
  const Array a = randn({2, 3, 5}, 13), b = randn({2, 3, 5}, 14);
  const auto reversed = [](const Array& x) {
    Arrays columns;
    for (std::int64_t v = 4; v >= 0; --v) columns.push_back(slice(x, 2, {v, v + 1}));
    return concat(columns, 2);
  };
  const auto gradient = [](const Array& s, const Array& t) {
    return at([&](const Tensor& x) { return generalized_jsd_loss(x, t, {}, {.beta = 0.3}); }, s).gradient;
  };
  EXPECT_NEAR(jsd(reversed(a), reversed(b)), jsd(a, b), 1e-6);
  EXPECT_TRUE(near(gradient(reversed(a), reversed(b)), reversed(gradient(a, b)), gradient_tolerance));
}

TEST(Unit_20_3, CL10_BetweenZeroAndLnTwo) {
  for (std::uint64_t seed = 20; seed < 30; ++seed) {
    const double value = jsd(randn({1, 1, 6}, seed) * Real(5), randn({1, 1, 6}, seed + 100) * Real(5));
    EXPECT_GT(value, 0);
    EXPECT_LT(value, std::log(2.0) + 1e-6);
  }
}

TEST(Unit_20_3, CL10_WhatDoesNotCountMayBeBroken) {
  const json all = golden_20("jsd");
  const Mask mask = mask_of(all.at("mask"));
  for (const double beta : {0.0, 0.5, 1.0}) {
    for (const std::int64_t k : {0, 2}) {
      SCOPED_TRACE(testing::Message() << "beta " << beta << ", top_k " << k);
      const JsdOptions options{.beta = beta, .top_k = k};
      expect_no_trace([&](const Tensor& s, const Tensor& t) { return generalized_jsd_loss(s, t, mask, options); },
                      array_of(all.at("student")), array_of(all.at("teacher")), mask);
    }
  }
}

TEST(Unit_20_3, CL10_TheTeacherIsAConstant) {
  const Tensor student(randn({1, 2, 3}, 15), true), teacher(randn({1, 2, 3}, 16), true);
  for (const double beta : {0.0, 0.5, 1.0}) {
    for (const std::int64_t k : {0, 2}) {
      const Tape tape(generalized_jsd_loss(student, teacher, {}, {.beta = beta, .top_k = k}), Array::full({}, 1));
      EXPECT_TRUE(tape.reached(student));
      EXPECT_FALSE(tape.reached(teacher)) << "beta " << beta;
    }
  }
}

TEST(Unit_20_3, CL10_ErrorsNameTheArgument) {
  const Array a = zeros({2, 3, 4});
  const auto with = [&](const JsdOptions& options) { return generalized_jsd_loss(a, a, {}, options); };
  EXPECT_THROWS_WITH(with({.beta = -0.1}), ValueError, "generalized_jsd_loss", "beta", "-0.1");
  EXPECT_THROWS_WITH(with({.beta = 1.5}), ValueError, "beta", "1.5");
  EXPECT_THROWS_WITH(with({.beta = not_a_number}), ValueError, "beta");
  EXPECT_THROWS_WITH(with({.temperature = 0}), ValueError, "temperature");
  EXPECT_THROWS_WITH(with({.temperature = -1}), ValueError, "temperature", "-1");
  EXPECT_THROWS_WITH(with({.temperature = infinity}), ValueError, "temperature");
  EXPECT_THROWS_WITH(with({.top_k = -1}), ValueError, "top_k");
  EXPECT_THROWS_WITH(with({.token_clip = 0.0}), ValueError, "token_clip");
  EXPECT_THROWS_WITH(generalized_jsd_loss(a, zeros({2, 3, 5})), ShapeError, "teacher", "(2, 3, 5)", "(2, 3, 4)");
  EXPECT_THROWS_WITH(generalized_jsd_loss(zeros({3, 4}), zeros({3, 4})), ShapeError, "student", "(B, T, V)");
  EXPECT_THROWS_WITH(generalized_jsd_loss(a, a, Mask(Shape{2, 4})), ShapeError, "mask", "(2, 4)");
  EXPECT_NEAR(with({}).item(), 0, 1e-6) << "and without a mistake nothing is thrown";
}

}  // namespace
}  // namespace rushlight::test
