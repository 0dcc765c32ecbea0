// One place: the identity, until somebody listens.
#include "05_autograd/autograd.hpp"
#include "hook_notes.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_13_1, WithoutHooksItIsTheSameTensor) {
  HookPoint point;
  const Tensor x(randn({2, 3}, 1), true);
  int ops = 0;
  const OpObserver before = set_op_observer([&](const char*, const Array&) { ++ops; });
  const Tensor y = point(x), z = static_cast<Module&>(point)(x);
  set_op_observer(before);
  EXPECT_EQ(ops, 0);
  EXPECT_EQ(y.node(), x.node());
  EXPECT_EQ(z.node(), x.node());
  EXPECT_TRUE(y.value().shares_buffer_with(x.value()));
  EXPECT_FALSE(point.has_hooks());
  const HookPointHandle handle = point.add_hook(watch());
  EXPECT_TRUE(point.has_hooks());
}

TEST(Unit_13_1, AnObserverChangesNothing) {
  HookPoint point;
  Array seen;
  const HookPointHandle handle = point.add_hook(watch([&](const Tensor& x) { seen = x.value(); }));
  const Tensor x(randn({2, 3}, 1), true);
  const Tensor y = point(x);
  EXPECT_TRUE(same_bits(y.value(), x.value()));
  EXPECT_TRUE(same_bits(seen, x.value()));
  EXPECT_EQ(y.node(), x.node()) << "a forward hook alone needs no op";
}

TEST(Unit_13_1, AReplacementIsPassedOnAndBack) {
  HookPoint point;
  const HookPointHandle handle = point.add_hook(times(3));
  const Tensor x(Array({2}, {1, -2}), true);
  const Tensor y = point(x);
  EXPECT_TRUE(near(y.value(), {2}, {3, -6}, exactly));
  EXPECT_TRUE(near(Tape(y, Array({2}, {1, 10})).grad(x), {2}, {3, 30}, exactly));
}

TEST(Unit_13_1, EachSeesWhatTheOneBeforeLeft) {
  HookPoint point;
  double seen = 0;
  const auto a = point.add_hook(times(2));
  const auto b = point.add_hook([](const Tensor& x, HookPlace&) { return x + Tensor(Real{1}); });
  const auto c = point.add_hook(watch([&](const Tensor& x) { seen = x.item(); }));
  EXPECT_EQ(point(Tensor(Real{5})).item(), 11);
  EXPECT_EQ(seen, 11);
}

TEST(Unit_13_1, OrderAndPrepend) {
  HookPoint point;
  std::string order;
  const auto a = point.add_hook(note(order, 'a'));
  const auto b = point.add_hook(note(order, 'b'));
  const auto c = point.add_hook(note(order, 'c'), {.prepend = true});
  const auto d = point.add_gradient_hook(note_gradient(order, 'D'));
  const auto e = point.add_gradient_hook(note_gradient(order, 'E'), {.prepend = true});
  const Tensor y = point(Tensor(ones({2}), true));
  EXPECT_EQ(order, "cab");
  Tape(y, ones({2}));
  EXPECT_EQ(order, "cabED");
}

TEST(Unit_13_1, AGradientHookSeesAndReplaces) {
  HookPoint point;
  Array seen;
  const auto first = point.add_gradient_hook(watch_gradient([&](const Array& g) { seen = g; }));
  const Tensor x(randn({2}, 1), true);
  const Tensor y = point(x);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "hook");
  EXPECT_TRUE(y.value().shares_buffer_with(x.value())) << "the value is not copied";
  const Array seed({2}, {3, 5});
  EXPECT_TRUE(same_bits(Tape(y, seed).grad(x), seed));
  EXPECT_TRUE(same_bits(seen, seed));
  const auto second = point.add_gradient_hook([](const Array& g, HookPlace&) { return g * Real{2}; });
  const auto third = point.add_gradient_hook(watch_gradient([&](const Array& g) { seen = g; }));
  EXPECT_TRUE(near(Tape(point(x), seed).grad(x), {2}, {6, 10}, exactly));
  EXPECT_TRUE(near(seen, {2}, {6, 10}, exactly));
}

// The same tensor is read by others: what they send back is none of this hook's business.
TEST(Unit_13_1, TheGradientIsThatOfTheOutputOnly) {
  HookPoint point;
  double seen = 0;
  const auto handle = point.add_gradient_hook(watch_gradient([&](const Array& g) { seen = g.item(); }));
  const Tensor x(Array::scalar(4), true);
  const Tensor h = x * Real{1}, y = point(h) * Real{3} + h * Real{100};
  EXPECT_EQ(Tape(y, ones({})).grad(x).item(), 103);
  EXPECT_EQ(seen, 3);
}

TEST(Unit_13_1, AndAllOfIt) {  // two readers of the output
  HookPoint point;
  Array seen;
  const auto handle = point.add_gradient_hook(watch_gradient([&](const Array& g) { seen = g; }));
  const Tensor x(Array::scalar(4), true);
  const Tensor h = point(x);
  (h * Real{3} + h * h).backward();
  EXPECT_EQ(seen.item(), 11);
  EXPECT_EQ(x.grad().item(), 11);
}

TEST(Unit_13_1, GradientHooksAtTwoPlacesInARow) {
  HookPoint early, late;
  std::string order;
  const auto a = early.add_gradient_hook(note_gradient(order, 'a'));
  const auto b = late.add_gradient_hook(note_gradient(order, 'b'));
  Tape(late(early(Tensor(ones({2}), true))), ones({2}));
  EXPECT_EQ(order, "ba") << "backwards through the model";
}

TEST(Unit_13_1, WithoutAGradientNoOpIsRecorded) {
  HookPoint point;
  int calls = 0;
  const auto handle = point.add_gradient_hook(watch_gradient([&](const Array&) { ++calls; }));
  EXPECT_FALSE(point(Tensor(ones({2}))).requires_grad());
  const NoGrad off;
  EXPECT_FALSE(point(Tensor(ones({2}), true) * Real{2}).requires_grad());
  EXPECT_EQ(calls, 0);
}

// What counts is the tensor that leaves the forward hooks, not the one that came.
TEST(Unit_13_1, AForwardHookDecidesWhetherAGradientIsWanted) {
  HookPoint point;
  int calls = 0;
  const auto look = point.add_gradient_hook(watch_gradient([&](const Array&) { ++calls; }));
  const Tensor patched(ones({2}), true);
  {
    const auto patch = point.add_hook([&](const Tensor&, HookPlace&) { return patched * Real{3}; });
    const Tape tape(point(Tensor(zeros({2}))), ones({2}));
    EXPECT_TRUE(near(tape.grad(patched), {2}, {3, 3}, exactly));
  }
  EXPECT_EQ(calls, 1);
  const auto cut = point.add_hook([](const Tensor& x, HookPlace&) { return x.detach(); });
  EXPECT_FALSE(point(patched).requires_grad());
}

TEST(Unit_13_1, WithoutALevelHooksOfEveryLevelGo) {
  HookPoint point;
  std::vector<HookPointHandle> handles;
  for (const int level : {0, 3, -2}) {
    handles.push_back(point.add_hook([](const Tensor&, HookPlace&) { return Tensor(); }, {.level = level}));
  }
  point.remove_hooks({.level = 1});
  EXPECT_EQ(point.hook_count(HookDirection::forward), 3);
  point.remove_hooks();
  EXPECT_EQ(point.hook_count(HookDirection::forward), 0);
}

TEST(Unit_13_1, CtxIsTheHooks) {
  HookPoint point;
  const auto handle = point.add_hook([](const Tensor& x, HookPlace& place) {
    place.ctx["last"] = x.value();
    return Tensor();
  });
  point(Tensor(Real{3}));
  EXPECT_EQ(point.place().ctx.at("last").item(), 3);
  point.remove_hooks();
  EXPECT_EQ(point.place().ctx.size(), 1u) << "hooks go, what they kept stays";
}

TEST(Unit_13_1, WhatIsInCtxIsThereForTheNextHookOfEitherDirection) {
  HookPoint point;
  point.place().name = "here";
  const auto count = [&point](HookPlace& place) {
    EXPECT_EQ(place.name, "here");
    EXPECT_EQ(&place, &point.place());
    const auto before = place.ctx.find("calls");
    place.ctx["calls"] = Array::scalar(before == place.ctx.end() ? 1 : before->second.item() + 1);
  };
  const auto forwards = point.add_hook([&](const Tensor&, HookPlace& place) {
    count(place);
    return Tensor();
  });
  const auto backwards = point.add_gradient_hook([&](const Array&, HookPlace& place) {
    count(place);
    return Array();
  });
  for (const double calls : {2, 4}) {
    Tape(point(Tensor(ones({2}), true)), ones({2}));
    EXPECT_EQ(point.place().ctx.at("calls").item(), calls);
  }
}

TEST(Unit_13_1, LayerOfAName) {
  const auto layer = [](const std::string& name) { return HookPlace{.name = name, .ctx = {}}.layer(); };
  EXPECT_EQ(layer("blocks.0.hook_resid_pre"), 0);
  EXPECT_EQ(layer("blocks.3.attn.hook_q"), 3);
  EXPECT_EQ(layer("blocks.12.ln1.hook_scale"), 12);
  for (const char* name :
       {"", "hook_embed", "ln_final.hook_scale", "blocks.hook", "blocks..x", "blocks.3", "blocks.3x.y", "blocks.-1.x",
        "blocks", "my.blocks.3.x", "block", "blocks.+3.x", "blocks. 3.x", "blocks.99999999999999999999.x"}) {
    EXPECT_THROWS_WITH(layer(name), ValueError, "layer", name);
  }
  HookPoint point;
  point.place().name = "blocks.7.x";
  EXPECT_EQ(point.layer(), 7);
  EXPECT_EQ(point.name(), "blocks.7.x");
}

TEST(Unit_13_1, Errors) {
  HookPoint point;
  point.place().name = "blocks.0.hook_here";
  EXPECT_THROWS_WITH(point.add_hook({}).keep(), ValueError, "blocks.0.hook_here");
  EXPECT_THROWS_WITH(point.add_gradient_hook({}).keep(), ValueError, "blocks.0.hook_here");
  EXPECT_EQ(point.hook_count(), 0);
  {
    const auto wrong = point.add_hook([](const Tensor& x, HookPlace&) { return reshape(x, {3, 2}); });
    EXPECT_THROWS_WITH(point(Tensor(ones({2, 3}))), ShapeError, "blocks.0.hook_here", "(3, 2)", "(2, 3)");
  }
  const auto wrong = point.add_gradient_hook([](const Array& g, HookPlace&) { return g.with_shape({1, 2, 3}); });
  const Tensor y = point(Tensor(ones({2, 3}), true));
  EXPECT_THROWS_WITH(Tape(y, ones({2, 3})), ShapeError, "blocks.0.hook_here", "(1, 2, 3)");
}

}  // namespace
}  // namespace rushlight::test
