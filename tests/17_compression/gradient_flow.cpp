// Derivatives: through masks, adapters, lists and a teacher's distribution.
#include "helpers.hpp"
#include "module_cases.hpp"

namespace rushlight::test {
namespace {

TEST(GradientFlow_17_1, GF16_ThroughAMask) {
  const auto net = [] {
    Pruned<Sequential> pruned(small_net(1), {"0.weight", "2.weight"});
    pruned.masks.set("0.weight", random_mask({6, 5}, 2));
    return pruned;
  };
  Pruned<Sequential> pruned = net();
  const Array x = randn({4, 5}, 3);
  pruned(Tensor(x)).backward(cotangent({4, 3}));
  for (const auto& [path, parameter] : pruned.named_parameters())
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape())) << path;
  const Tensor weight = parameter_of(pruned, "model.0.weight");
  EXPECT_TRUE(zero_where_masked(weight.grad(), pruned.masks.at("0.weight")));
  EXPECT_FALSE(zero_where_masked(weight.grad(), zeros({6, 5})));
  // The same network with the zeros in its weight gives the same gradients elsewhere.
  Sequential plain = small_net(1);
  pruned.masks.apply(plain);
  plain(Tensor(x)).backward(cotangent({4, 3}));
  const Array expected = parameter_of(plain, "0.weight").grad() * pruned.masks.at("0.weight");
  EXPECT_TRUE(near(weight.grad(), expected, gradient_tolerance));
  EXPECT_TRUE(
      near(parameter_of(pruned, "model.2.weight").grad(), parameter_of(plain, "2.weight").grad(), gradient_tolerance));
}

// An infinite gradient times a mask of 0 would be NaN, and with it the whole weight after one step of Adam.
TEST(GradientFlow_17_1, GF16_AnInfiniteGradientStaysOutside) {
  Sequential model = small_net(1);
  Masks masks(model, {"0.weight"});
  Array mask = ones({6, 5});
  mask.mutable_data()[3] = 0;
  masks.set("0.weight", mask);
  Tensor weight = parameter_of(model, "0.weight");
  Array seed = ones({6, 5});
  seed.mutable_data()[3] = static_cast<Real>(infinity);
  masks.effective(model).at(weight.identity()).backward(seed);
  EXPECT_TRUE(near(weight.grad(), mask, exactly));
}

TEST(GradientFlow_17_1, ModelsWithMasks) {
  for (const ModuleCase& each : compression_module_cases()) {
    if (each.type == "Pruned" || each.type == "Masks") expect_module(each);
  }
}

TEST(GradientFlow_17_7, ModelsWithAdapters) {
  for (const ModuleCase& each : compression_module_cases()) {
    if (each.type == "Adapted" || each.type == "Adapters") expect_module(each);
  }
}

TEST(GradientFlow_17_7, EE11_ThroughAFrozenModelGradientsGoOn) {
  Generator g(2);
  Adapted<Sequential> net(small_net(1), {"0.weight", "2.weight"}, {.rank = 2, .alpha = 3}, g);
  for (auto& [path, parameter] : net.named_parameters()) {
    Tensor handle = parameter;
    if (path.ends_with(".B")) handle.set_value(randn(handle.shape(), 3));
  }
  const Tensor x(randn({2, 3, 5}, 4), true);
  net(x).backward(cotangent({2, 3, 3}));
  int adapters = 0;
  for (const auto& [path, parameter] : net.named_parameters()) {
    if (path.starts_with("model.")) {
      EXPECT_FALSE(parameter.grad().defined()) << path;
    } else {
      EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape())) << path;
      ++adapters;
    }
  }
  EXPECT_EQ(adapters, 4);
  EXPECT_TRUE(grad_ok(x.grad(), x.shape()));
}

TEST(GradientFlow_17_7, EE11_EveryEntryOfAAndB) {
  Generator g(5);
  const Array weight = randn({3, 4}, 6), x = randn({5, 4}, 7);
  const auto y = [&](const Tensors& in) {  // a plain Linear whose change is composed by hand
    return linear(Tensor(x), Tensor(weight) + matmul(in[1], in[0]) * Tensor(Real(1.5)));
  };
  Linear layer({.in = 4, .out = 3, .bias = false}, g);
  layer.weight.set_value(weight.clone());
  Adapters adapters(layer, {"weight"}, {.rank = 2, .alpha = 3}, g);
  Tensor a = parameter_of(adapters, "weight.A"), b = parameter_of(adapters, "weight.B");
  b.set_value(randn({3, 2}, 8));
  {
    const Substitution adapted(layer, adapters.effective(layer));
    layer(Tensor(x)).backward(cotangent({5, 3}));
  }
  const Arrays expected = tape_gradients(y, {a.value(), b.value()});
  EXPECT_TRUE(near(a.grad(), expected[0], gradient_tolerance));
  EXPECT_TRUE(near(b.grad(), expected[1], gradient_tolerance));
}

TEST(GradientFlow_17_7, EE11_AtFirstOnlyBHasAGradient) {
  Generator g(9);
  Adapted<Sequential> net(small_net(10), {"0.weight"}, {.rank = 2, .alpha = 2}, g);
  net(Tensor(randn({4, 5}, 11))).backward(cotangent({4, 3}));
  EXPECT_TRUE(grad_ok(parameter_of(net, "adapters.0.weight.B").grad(), {6, 2}));
  EXPECT_EQ(zeros_of(parameter_of(net, "adapters.0.weight.A").grad()), 10) << "B is zero, so A waits one step";
}

TEST(GradientFlow_17_6, GF16_GoldenDistillationGradients) {
  const json all = golden("17/distill.json");
  int seen = 0;
  for (const json& one : all.at("cases")) {
    const DistillOptions options{.temperature = one.at("temperature"), .alpha = one.at("alpha")};
    SCOPED_TRACE(testing::Message() << "T " << options.temperature << ", alpha " << options.alpha);
    const Doubles values = values_of(one.at("labels"));
    const Indices labels(shape_of(one.at("labels")), std::vector<std::int32_t>(values.begin(), values.end()));
    const Tensor student(array_of(one.at("student")), true), teacher(array_of(one.at("teacher")));
    const Tensor loss = distill_loss(student, teacher, labels, options);
    loss.backward();
    EXPECT_TRUE(near(student.grad(), shape_of(one.at("gradient")), values_of(one.at("gradient")), gradient_tolerance));
    ++seen;
  }
  EXPECT_EQ(seen, 12);
}

TEST(GradientFlow_17_6, GF16_EveryEntry) {
  const Array teacher = randn({2, 3, 4}, 12);
  const Indices labels({2, 3}, {0, 3, 1, 2, 2, 0});
  expect_gradients([&](const Tensors& in) { return soft_target_loss(in[0], teacher, 2.5); }, {randn({2, 3, 4}, 13)});
  expect_gradients([&](const Tensors& in) { return distill_loss(in[0], teacher, labels); }, {randn({2, 3, 4}, 14)});
  expect_gradients([&](const Tensors& in) { return hidden_match_loss(in[0], teacher, in[1]); },
                   {randn({2, 3, 5}, 15), randn({4, 5}, 16)});
}

TEST(GradientFlow_17_8, AListCollectsFromAllItsPlaces) {
  const Indices codes({2, 3}, {0, 2, 2, 1, 0, 2});
  expect_gradients([&](const Tensors& in) { return from_codebook(in[0], codes); }, {randn({3}, 17)});
  const Tensor values(randn({3}, 18), true);
  from_codebook(values, codes).backward(Array({2, 3}, {1, 2, 4, 8, 16, 32}));
  EXPECT_TRUE(near(values.grad(), Shape{3}, {17, 8, 38}, exactly));
}

}  // namespace
}  // namespace rushlight::test
