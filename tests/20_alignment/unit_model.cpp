// A tiny language model, gradients by name, and what a model must be to fit.
#include "05_autograd/autograd.hpp"
#include "13_transformers/transformer.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_20_1, CL01_ForwardIsItsFormula) {
  Generator g(1);
  TinyLM model({.vocabulary = 4, .hidden = 2}, g);
  const Indices ids({2, 3}, {3, 0, 1, 1, 2, 0});
  const Array logits = model.forward(ids).value();
  ASSERT_EQ(logits.shape(), (Shape{2, 3, 4}));
  const auto at = [](const Tensor& x, std::size_t i) { return static_cast<double>(x.value().data()[i]); };
  for (std::size_t token = 0; token < 6; ++token) {
    const auto id = static_cast<std::size_t>(ids.data()[token]);
    Doubles hidden;
    for (std::size_t h = 0; h < 2; ++h) {
      double sum = at(model.fc.bias, h);
      for (std::size_t i = 0; i < 2; ++i) sum += at(model.fc.weight, 2 * h + i) * at(model.embed.weight, 2 * id + i);
      hidden.push_back(std::tanh(sum));
    }
    for (std::size_t v = 0; v < 4; ++v) {
      const double expected = at(model.head.bias, v) + at(model.head.weight, 2 * v) * hidden[0] +
                              at(model.head.weight, 2 * v + 1) * hidden[1];
      EXPECT_NEAR(logits.data()[4 * token + v], expected, 1e-6) << "token " << token << ", score " << v;
    }
  }
}

TEST(Unit_20_1, CL01_EqualSeedsGiveEqualBits) {
  const Indices ids({1, 3}, {0, 31, 7});
  const auto logits = [&](std::uint64_t seed) {
    Generator g(seed);
    return TinyLM({}, g).forward(ids).value();
  };
  EXPECT_EQ(logits(3).shape(), (Shape{1, 3, 32})) << "32 tokens unless told otherwise";
  EXPECT_TRUE(same_bits(logits(3), logits(3)));
  EXPECT_FALSE(same_bits(logits(3), logits(4)));
}

TEST(Unit_20_1, CL01_ParametersAndErrors) {
  Generator g(1);
  TinyLM model({.vocabulary = 5}, g);
  std::vector<std::string> names;
  for (const auto& [name, parameter] : model.named_parameters()) names.push_back(name + parameter.shape().str());
  model.forward(Indices({1, 1}, {4}));  // the parameters alone would be there before the task is
  EXPECT_EQ(names, (std::vector<std::string>{"embed.weight(5, 16)", "fc.weight(16, 16)", "fc.bias(16,)",
                                             "head.weight(5, 16)", "head.bias(5,)"}));
  EXPECT_THROWS_WITH(model.forward(Indices({1, 2}, {0, 5})), IndexError, "5");
  EXPECT_THROWS_WITH(TinyLM({.vocabulary = 0}, g), ValueError, "at least 1");
}

TEST(Unit_20_1, CL02_AnyModelFits) {
  Generator g(1);
  TinyLM tiny({.vocabulary = 6, .hidden = 3}, g);
  GPT gpt({.vocabulary = 6, .context = 4, .width = 4, .layers = 1, .heads = 2}, g);
  const Indices ids({2, 3}, {0, 1, 2, 3, 4, 5});
  const LanguageModel first = std::ref(tiny), second = std::ref(gpt);
  const LanguageModel third = [](const Indices& x) { return Tensor(zeros({x.shape()[0], x.shape()[1], 6})); };
  for (const LanguageModel& model : {first, second, third}) EXPECT_EQ(model(ids).logits.shape(), (Shape{2, 3, 6}));
  EXPECT_TRUE(same_bits(first(ids).logits.value(), tiny.forward(ids).value()));
  EXPECT_TRUE(same_bits(second(ids).logits.value(), gpt(ids).value()));
}

TEST(Unit_20_1, CL20_ForwardCallsAreCounted) {
  Generator g(1);
  TinyLM model({.vocabulary = 6}, g);
  const LanguageModel any = std::ref(model);
  EXPECT_EQ(model.forward_calls, 0);
  for (int call = 1; call <= 3; ++call) {
    any(Indices({1, 1}, {0}));
    EXPECT_EQ(model.forward_calls, call);
  }
}

// Σ c·logits, so that every parameter receives a gradient.
void probe(TinyLM& model, const Indices& ids) {
  const Tensor logits = model.forward(ids);
  logits.backward(cotangent(logits.shape()));
}

TEST(Unit_20_1, CL17_SnapshotHoldsCopiesByName) {
  Generator g(1);
  TinyLM model({.vocabulary = 6, .hidden = 3}, g);
  EXPECT_TRUE(named_grad_snapshot(model).empty()) << "no gradient has arrived yet";
  probe(model, Indices({1, 2}, {0, 1}));
  const auto snapshot = named_grad_snapshot(model);
  ASSERT_EQ(snapshot.size(), 5u);
  for (const auto& [name, parameter] : model.named_parameters()) {
    ASSERT_TRUE(snapshot.contains(name));
    EXPECT_TRUE(same_bits(snapshot.at(name), parameter.grad())) << name;
    EXPECT_FALSE(snapshot.at(name).shares_buffer_with(parameter.grad())) << name << " is not a copy";
  }
  const Array before = snapshot.at("fc.bias").clone();
  probe(model, Indices({1, 2}, {3, 1}));
  EXPECT_TRUE(same_bits(snapshot.at("fc.bias"), before)) << "a snapshot changes with the model";
  model.fc.zero_grad();
  EXPECT_EQ(named_grad_snapshot(model).size(), 3u) << "what has no gradient is not in the snapshot";
}

TEST(Unit_20_1, CL17_SumOfAbsoluteGradients) {
  Generator g(1);
  TinyLM model({.vocabulary = 2, .hidden = 1}, g);
  EXPECT_EQ(grad_abs_sum(model), 0);
  const Array values[] = {Array({2, 1}, {1, -2}), Array({1, 1}, {Real(-0.5)}), Array({1}, {4}), Array({2, 1}, {8, 16}),
                          Array({2}, {-32, 64})};
  Tensors parameters = model.parameters();
  for (std::size_t i = 0; i < 5; ++i) parameters[i].set_grad(values[i]);
  EXPECT_EQ(grad_abs_sum(model), 127.5);
  for (Tensor& parameter : parameters) parameter.set_grad(ones(parameter.shape()));
  parameters[0].set_grad(Array({2, 1}, {Real(0x1p25), 1}));  // a float that large has no ones
  EXPECT_EQ(grad_abs_sum(model), 0x1p25 + 7);
}

TEST(Unit_20_1, CL17_FiniteMeansThereAndFinite) {
  Generator g(1);
  TinyLM model({.vocabulary = 6, .hidden = 3}, g);
  EXPECT_FALSE(grads_finite(model)) << "no gradient at all is not a finite one";
  probe(model, Indices({1, 2}, {0, 1}));
  EXPECT_TRUE(grads_finite(model));
  for (const double broken : {not_a_number, infinity, -infinity}) {
    for (Tensor& parameter : model.parameters()) {
      const Array good = parameter.grad().clone();
      Array bad = good.clone();
      bad.mutable_data().back() = static_cast<Real>(broken);
      parameter.set_grad(bad);
      EXPECT_FALSE(grads_finite(model)) << broken;
      parameter.set_grad(good);
    }
  }
  model.head.bias.zero_grad();
  EXPECT_FALSE(grads_finite(model)) << "head.bias has none";
}

}  // namespace
}  // namespace rushlight::test
