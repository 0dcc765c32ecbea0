// LoRA: the adapters move, the base stays, and merged they are one.
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

Adapted<Sequential> adapted_net(LoraOptions options = {.rank = 2, .alpha = 6}) {
  Generator g(41);
  return Adapted<Sequential>(small_net(40), both, options, g);
}

// B is zero at first; this makes it something.
void fill_b(Module& net, std::uint64_t seed) {
  for (auto& [path, parameter] : net.named_parameters()) {
    Tensor handle = parameter;
    if (path.ends_with(".B")) handle.set_value(randn(handle.shape(), seed++));
  }
}

TEST(Unit_17_7, ShapesNamesAndStart) {
  Adapted<Sequential> net = adapted_net();
  EXPECT_EQ(parameter_of(net, "adapters.0.weight.A").shape(), (Shape{2, 5}));
  EXPECT_EQ(parameter_of(net, "adapters.0.weight.B").shape(), (Shape{6, 2}));
  EXPECT_EQ(parameter_of(net, "adapters.2.weight.A").shape(), (Shape{2, 6}));
  EXPECT_EQ(parameter_of(net, "adapters.2.weight.B").shape(), (Shape{3, 2}));
  EXPECT_EQ(zeros_of(parameter_of(net, "adapters.0.weight.B").value()), 12);
  const Array a = parameter_of(net, "adapters.0.weight.A").value();
  double most = 0;
  for (const Real value : a.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  EXPECT_LE(most, 1 / std::sqrt(5.0) + 1e-6);
  EXPECT_GT(most, 0.2) << "ten draws from U(-0.447, 0.447)";
  EXPECT_DOUBLE_EQ(net.adapters.scale(), 3);
  Adapted<Sequential> again = adapted_net();
  EXPECT_TRUE(same_bits(parameter_of(again, "adapters.0.weight.A").value(), a)) << "the generator decides";
}

TEST(Unit_17_7, TheBoundIsThatOfTheInputs) {
  Generator g(2);
  Sequential model{Linear({.in = 4, .out = 100}, g)};
  Adapters adapters(model, {"0.weight"}, {.rank = 64}, g);
  double most = 0;
  const Tensor a = parameter_of(adapters, "0.weight.A");
  for (const Real value : a.value().data()) {
    most = std::max(most, std::abs(static_cast<double>(value)));
  }
  EXPECT_LE(most, 0.5 + 1e-6);
  EXPECT_GT(most, 0.45) << "256 draws from U(-1/2, 1/2)";
}

TEST(Unit_17_7, ARankOfOneHasTheWholeScale) {
  Sequential model = small_net(40);
  Generator g(1);
  Adapters adapters(model, {"0.weight"}, {.rank = 1, .alpha = 3}, g);
  fill_b(adapters, 50);
  const Tensor weight = parameter_of(model, "0.weight");
  const Array a = parameter_of(adapters, "0.weight.A").value(), b = parameter_of(adapters, "0.weight.B").value();
  const double expected = weight.value().data()[0] + 3.0 * b.data()[0] * a.data()[0];
  EXPECT_NEAR(adapters.effective(model).at(weight.identity()).value().data()[0], expected, 1e-5);
}

TEST(Unit_17_7, AtFirstNothingChanges) {
  Adapted<Sequential> net = adapted_net();
  Sequential plain = small_net(40);
  const Tensor x(randn({4, 5}, 42));
  EXPECT_TRUE(near(net(x).value(), plain(x).value(), exactly));
}

TEST(Unit_17_7, TheChangeIsScaleTimesBTimesA) {
  Sequential model = small_net(40);
  Generator g(1);
  Adapters adapters(model, {"0.weight"}, {.rank = 2, .alpha = 6}, g);
  fill_b(adapters, 50);
  const Array a = parameter_of(adapters, "0.weight.A").value(), b = parameter_of(adapters, "0.weight.B").value();
  const Tensor weight = parameter_of(model, "0.weight");
  Doubles expected = to_doubles(weight.value());
  for (int o = 0; o < 6; ++o) {
    for (int i = 0; i < 5; ++i) {
      for (int r = 0; r < 2; ++r) expected[o * 5 + i] += 3.0 * b.data()[o * 2 + r] * a.data()[r * 5 + i];
    }
  }
  const Replacements effective = adapters.effective(model);
  ASSERT_EQ(effective.size(), 1u);
  EXPECT_TRUE(near(effective.at(weight.identity()).value(), Shape{6, 5}, expected, close));
}

TEST(Unit_17_7, EE11_TheBaseHasNoGradientAndStaysToTheBit) {
  Adapted<Sequential> net = adapted_net();
  const StateDict before = net.state_dict();
  AdamW optimizer(net.parameters(), {.lr = 0.05, .weight_decay = 0.1});  // all parameters: the base must be left alone
  const Tensor x(randn({8, 5}, 43));
  double first = 0, last = 0;
  for (int step = 0; step < 30; ++step) {
    optimizer.zero_grad();
    const Tensor loss = probe_loss(net(x));
    (step == 0 ? first : last) = loss.item();
    loss.backward();
    for (const auto& [path, parameter] : net.model.named_parameters()) {
      ASSERT_FALSE(parameter.requires_grad()) << path;
      ASSERT_FALSE(parameter.grad().defined()) << path << ", step " << step;
    }
    optimizer.step();
  }
  for (const auto& [path, value] : net.state_dict()) {
    if (path.starts_with("model.")) {
      EXPECT_TRUE(same_bits(value, before.at(path))) << path;
    } else {
      for (std::int64_t i = 0; i < value.size(); ++i) {
        EXPECT_NE(value.data()[i], before.at(path).data()[i]) << path << ", number " << i << " did not move";
      }
    }
  }
  EXPECT_LT(last, first);
}

TEST(Unit_17_7, EE11_MergingGivesTheSameOutputs) {
  Adapted<Sequential> net = adapted_net();
  fill_b(net, 60);
  const Tensor x(randn({4, 5}, 44));
  const Array adapted = net(x).value(), base = net.model(x).value();
  EXPECT_FALSE(near(base, adapted, {1e-2, 1e-2}));
  const StateDict before = net.state_dict();
  net.adapters.merge(net.model);
  EXPECT_TRUE(near(net.model(x).value(), adapted, close)) << "the model alone";
  EXPECT_TRUE(near(net(x).value(), adapted, close)) << "and with its adapters: not counted twice";
  EXPECT_EQ(zeros_of(parameter_of(net, "adapters.2.weight.B").value()), 6);
  EXPECT_TRUE(same_bits(parameter_of(net, "adapters.2.weight.A").value(), before.at("adapters.2.weight.A")));
  EXPECT_TRUE(same_bits(parameter_of(net, "model.0.bias").value(), before.at("model.0.bias")));
  fill_b(net, 70);
  EXPECT_FALSE(near(net(x).value(), adapted, {1e-2, 1e-2})) << "they could learn something further";
}

TEST(Unit_17_7, AnOptimizerThatWasMadeBeforeMergingGoesOn) {
  Adapted<Sequential> net = adapted_net();
  SGD optimizer(net.adapters.parameters(), {.lr = 0.1});
  net.adapters.merge(net.model);
  probe_loss(net(Tensor(randn({4, 5}, 44)))).backward();
  optimizer.step();
  EXPECT_LT(zeros_of(parameter_of(net, "adapters.0.weight.B").value()), 12);
}

TEST(Unit_17_7, AdaptersAreSavedAndLoadedAlone) {
  Adapted<Sequential> net = adapted_net(), other = adapted_net();
  fill_b(net, 80);
  const StateDict small = net.adapters.state_dict();
  EXPECT_EQ(small.size(), 4u);
  other.adapters.load_state_dict(small);
  const Tensor x(randn({4, 5}, 45));
  EXPECT_TRUE(same_bits(other(x).value(), net(x).value()));
}

TEST(Unit_17_7, Errors) {
  Sequential model = small_net(40);
  Generator g(1);
  EXPECT_THROWS_WITH(Adapters(model, {"0.weight"}, {.rank = 0}, g), ValueError, "Adapters", "rank");
  EXPECT_THROWS_WITH(Adapters(model, {"0.weight"}, {.alpha = infinity}, g), ValueError, "alpha");
  EXPECT_THROWS_WITH(Adapters(model, {"0.bias"}, {}, g), ShapeError, "0.bias", "(6,)");
  EXPECT_THROWS_WITH(Adapters(model, {"9.weight"}, {}, g), ValueError, "9.weight");
  EXPECT_TRUE(parameter_of(model, "0.weight").requires_grad()) << "an error freezes nothing";
}

}  // namespace
}  // namespace rushlight::test
