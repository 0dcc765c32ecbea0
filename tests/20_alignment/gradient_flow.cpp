// Derivatives: golden gradients of every loss, and every entry against central differences. What a loss takes for a
// constant is held still while the differences are taken: otherwise a right gradient would look wrong.
#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "helpers.hpp"
#include "module_cases.hpp"

namespace rushlight::test {
namespace {

const Mask mask = truth({2, 3}, {0, 1, 1, 1, 0, 1});
const Shape tokens{2, 3, 4};

// --- 20.1, 20.2 --------------------------------------------------------------------------------------------------

TEST(GradientFlow_20_1, CL01_TinyLM) { expect_module(alignment_module_cases()[0]); }

TEST(GradientFlow_20_1, CL01_TinyLMByTheEngine) {
  expect_module(alignment_module_cases()[0], [](const Tensor& y, const Array& seed) { y.backward(seed); });
}

TEST(GradientFlow_20_2, CL05_MaskedMean) {
  for (const Mask& used : {Mask(), mask}) {
    expect_gradients([&](const Tensors& in) { return masked_mean(in[0], used); }, {randn({2, 3}, 1)}, {.floor = 1e-2});
    expect_gradients([&](const Tensors& in) { return keep_tokens(in[0], used); }, {randn(tokens, 2)}, {.floor = 1e-2});
  }
}

TEST(GradientFlow_20_2, CL14_NextTokens) {
  const Indices ids({2, 3}, {0, 3, 1, 2, 2, 0});
  for (const Mask& used : {Mask(), mask}) {
    expect_gradients([&](const Tensors& in) { return token_logprobs(in[0], ids, used); }, {randn(tokens, 3)},
                     {.floor = 1e-2});
    expect_gradients([&](const Tensors& in) { return lm_ce_loss(in[0], ids, used); }, {randn(tokens, 4)},
                     {.floor = 1e-2});
    expect_gradients([&](const Tensors& in) { return sequence_logprobs(in[0], ids, used); }, {randn(tokens, 5)},
                     {.floor = 1e-2});
  }
}

// --- 20.3 ----------------------------------------------------------------------------------------------------------

TEST(GradientFlow_20_3, CL16_Logarithms) {
  expect_gradients([](const Tensors& in) { return log_sigmoid(in[0]); }, {randn({2, 3}, 6)}, {.floor = 1e-2});
  expect_gradients([](const Tensors& in) { return logaddexp(in[0], in[1]); }, {randn({2, 3}, 7), randn({3}, 8)},
                   {.floor = 1e-2});
  expect_gradients([](const Tensors& in) { return kl_elements(in[0], in[1]); }, {randn({2, 3}, 9), randn({2, 3}, 10)},
                   {.floor = 1e-2});
}

TEST(GradientFlow_20_3, CL10_Jsd) {
  const Array teacher = randn(tokens, 11);
  for (const double beta : {0.0, 0.1, 0.5, 1.0}) {
    for (const Mask& used : {Mask(), mask}) {
      for (const std::int64_t k : {0, 2}) {
        SCOPED_TRACE(testing::Message() << "beta " << beta << ", top_k " << k);
        const JsdOptions options{.beta = beta, .temperature = 1.5, .top_k = k};
        expect_gradients([&](const Tensors& in) { return generalized_jsd_loss(in[0], teacher, used, options); },
                         {randn(tokens, 12)}, {.floor = 1e-4});
      }
    }
  }
}

// A case of jsd.json, taid.json or entropy_opd.json: mask, logits that stand in for the usual ones.
struct Inputs {
  Array student, teacher;
  Mask mask;
};

Inputs inputs_of(const json& all, const json& one) {
  const auto logits = [&](const std::string& name) {
    if (!one.contains(name + "_override")) return array_of(all.at(name));
    const json& other = one.at(name + "_override");
    return array_of(other.is_string() ? all.at(other.get<std::string>()) : other);
  };
  Inputs inputs{logits("student"), logits("teacher"), {}};
  if (one.at("use_mask").get<bool>()) inputs.mask = mask_of(one.value("mask_override", all.at("mask")));
  return inputs;
}

TEST(GradientFlow_20_3, CL10_GoldenJsdGradients) {
  const json all = golden_20("jsd");
  int seen = 0;
  for (const json& one : all.at("cases")) {
    if (!one.contains("grad_student")) continue;
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Inputs inputs = inputs_of(all, one);
    JsdOptions options{.beta = one.value("beta", 0.5), .temperature = one.value("temperature", 1.0)};
    options.top_k = one.value("top_k", 0);
    if (one.contains("token_clip")) options.token_clip = one.at("token_clip").get<double>();
    const auto [value, gradient] = at(
        [&](const Tensor& x) { return generalized_jsd_loss(x, inputs.teacher, inputs.mask, options); }, inputs.student);
    // Two of the golden gradients are themselves central differences, good to 1e-9.
    const Tolerance tolerance = double_precision ? Tolerance{1e-8, 1e-8} : gradient_tolerance;
    EXPECT_TRUE(near_golden(gradient, one.at("grad_student"), tolerance));
    ++seen;
  }
  EXPECT_EQ(seen, 13);
}

// --- 20.4 ----------------------------------------------------------------------------------------------------------

TEST(GradientFlow_20_4, CL11_GoldenTaidGradients) {
  const json all = golden_20("taid");
  int seen = 0;
  for (const json& one : all.at("cases")) {
    if (!one.contains("grad_student")) continue;
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Inputs inputs = inputs_of(all, one);
    const auto [value, gradient] =
        at([&](const Tensor& x) { return taid_loss(x, inputs.teacher, one.at("t"), inputs.mask); }, inputs.student);
    EXPECT_TRUE(near_golden(gradient, one.at("grad_student"), gradient_tolerance));
    if (one.at("wrong_minus_right_max").get<double>() > 1e-3) {
      EXPECT_FALSE(near_golden(gradient, one.at("wrong_grad_if_anchor_not_detached"), {1e-2, 1e-3}))
          << "a second gradient comes back through the target";
    }
    ++seen;
  }
  EXPECT_EQ(seen, 5);
}

TEST(GradientFlow_20_4, CL11_TaidAgainstDifferencesOfAFrozenTarget) {
  const Array student = randn(tokens, 13), teacher = randn(tokens, 14);
  for (const double t : {0.3, 0.8}) {
    Array target(tokens);  // softmax of the mixture, once and for all
    for (std::int64_t row = 0; row < 6; ++row) {
      std::vector<Real> mixed;
      for (int v = 0; v < 4; ++v) {
        mixed.push_back(static_cast<Real>((1 - t) * row_of(student, row)[v] + t * row_of(teacher, row)[v]));
      }
      const Doubles log_p = plain_log_softmax(mixed);
      for (int v = 0; v < 4; ++v) target.mutable_data()[4 * row + v] = static_cast<Real>(std::exp(log_p[v]));
    }
    const Function frozen = [&](const Tensors& in) {
      return masked_mean(-sum(Tensor(target) * log_softmax(in[0]), {-1}), mask);
    };
    const Array numeric = numeric_gradient(frozen, {student}, 0, GradientOptions().step);
    const auto [value, gradient] = at([&](const Tensor& x) { return taid_loss(x, teacher, t, mask); }, student);
    // The probe's cotangent for a scalar is 0.21, so the differences are those of 0.21 times the loss.
    EXPECT_TRUE(near(gradient * cotangent({}).item(), numeric, {1e-3, double_precision ? 1e-8 : 5e-4}));
    EXPECT_GT(largest(gradient), 1e-2);
  }
}

// --- 20.5 ----------------------------------------------------------------------------------------------------------

TEST(GradientFlow_20_5, CL13_GoldenEntropyGradients) {
  const json all = golden_20("entropy_opd");
  int seen = 0;
  for (const json& one : all.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Inputs inputs = inputs_of(all, one);
    EntropyOpdOptions options{.temperature = one.at("temperature")};
    if (one.at("mode") == "gate") {
      options.mode = EntropyMode::gate;
      options.tau = one.at("tau"), options.alpha = one.at("alpha"), options.top_k = one.at("top_k");
    } else if (!one.at("h_max").is_null()) {
      options.h_max = one.at("h_max").get<double>();
    }
    const auto [value, gradient] =
        at([&](const Tensor& x) { return entropy_aware_opd_loss(x, inputs.teacher, inputs.mask, options); },
           inputs.student);
    const Tolerance tolerance = double_precision ? Tolerance{1e-8, 1e-8} : gradient_tolerance;
    EXPECT_TRUE(near_golden(gradient, one.at("grad_student"), tolerance));
    ++seen;
  }
  EXPECT_EQ(seen, 7);
}

TEST(GradientFlow_20_5, CL13_BothModes) {
  const Array teacher = randn(tokens, 15);
  for (const EntropyMode mode : {EntropyMode::blend, EntropyMode::gate}) {
    const EntropyOpdOptions options{.mode = mode, .temperature = 1.5, .tau = 1.2, .alpha = 0.7, .top_k = 2};
    expect_gradients([&](const Tensors& in) { return entropy_aware_opd_loss(in[0], teacher, mask, options); },
                     {randn(tokens, 16)}, {.floor = 1e-3});
  }
}

// --- 20.6, 20.7 ----------------------------------------------------------------------------------------------------

TEST(GradientFlow_20_6, CL15_GoldenGradientsOfTheLogits) {
  const json all = golden_20("dpo");
  for (const json& one : all.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Tensor chosen(array_of(all.at("chosen_logits")), true), rejected(array_of(all.at("rejected_logits")), true);
    const PreferenceLoss found =
        dpo_loss(sequence_logprobs(chosen, ids_of(all.at("chosen_ids")), mask_of(all.at("chosen_mask"))),
                 sequence_logprobs(rejected, ids_of(all.at("rejected_ids")), mask_of(all.at("rejected_mask"))),
                 array_of(all.at("ref_chosen_logp")), array_of(all.at("ref_rejected_logp")), one.at("beta"));
    EXPECT_TRUE(near(found.loss.value(), Shape{}, {one.at("loss").get<double>()}));
    const Tape tape(found.loss, Array::full({}, 1));
    EXPECT_TRUE(near_golden(tape.grad(chosen), one.at("grad_chosen_logits"), gradient_tolerance));
    EXPECT_TRUE(near_golden(tape.grad(rejected), one.at("grad_rejected_logits"), gradient_tolerance));
  }
}

TEST(GradientFlow_20_6, CL15_ClosedForm) {  // -β·σ(-x)/B for the chosen, the opposite for the rejected
  const Tensor chosen(Array({2}, {-4, -6}), true), rejected(Array({2}, {-5, -3}), true);
  const Array reference_chosen({2}, {-5, -5}), reference_rejected({2}, {-4, -4});
  const Tape tape(dpo_loss(chosen, rejected, reference_chosen, reference_rejected, 0.5).loss, Array::full({}, 1));
  Doubles expected;
  for (const double x : {0.5 * (1 - -1), 0.5 * (-1 - 1)}) expected.push_back(-0.5 / (1 + std::exp(x)) / 2);
  EXPECT_TRUE(near(tape.grad(chosen), Shape{2}, expected, gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(rejected), Shape{2}, {-expected[0], -expected[1]}, gradient_tolerance));
}

TEST(GradientFlow_20_6, CL15_EveryEntry) {
  const Array reference = randn({3}, 17);
  expect_gradients([&](const Tensors& in) { return dpo_loss(in[0], in[1], reference, reference, 0.7).loss; },
                   {randn({3}, 18), randn({3}, 19)}, {.floor = 1e-3});
}

TEST(GradientFlow_20_7, Simpo) {
  const Array lengths({3}, {1, 4, 2}), others({3}, {3, 1, 5});
  expect_gradients([&](const Tensors& in) { return simpo_loss(in[0], in[1], lengths, others).loss; },
                   {randn({3}, 20), randn({3}, 21)}, {.floor = 1e-3});
}

// --- 20.9 ----------------------------------------------------------------------------------------------------------

TEST(GradientFlow_20_9, Grpo) {
  const Rollout drawn{.ids = Indices(Shape{2, 3}),
                      .mask = truth({2, 3}, {0, 1, 1, 0, 1, 1}),
                      .logprobs = Array({2, 2}, {-1, -2, Real(-1.5), -1})};
  const Array now({2, 2}, {Real(-1.1), Real(-1.2), Real(-0.9), Real(-1.05)});  // no ratio near its clip
  const Array reference({2, 2}, {-1, Real(-1.4), -2, -1});
  for (const double weight : {0.0, 0.4}) {
    expect_gradients(
        [&](const Tensors& in) {
          return grpo_loss(in[0], drawn, Array({2}, {1, -2}), {.kl_weight = weight}, reference).loss;
        },
        {now}, {.floor = 1e-2});
  }
}

}  // namespace
}  // namespace rushlight::test
