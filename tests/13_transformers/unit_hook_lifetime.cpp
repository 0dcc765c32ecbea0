// Handles: hooks that go, come while others run, and outlive what they listened to.
#include "05_autograd/autograd.hpp"
#include "hook_notes.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_13_1, HandlesRemove) {
  HookPoint point;
  int calls = 0;
  const auto count = watch([&](const Tensor&) { ++calls; });
  HookPointHandle first = point.add_hook(count);
  {
    const HookPointHandle second = point.add_hook(count);
    point(Tensor(Real{1}));
    EXPECT_EQ(calls, 2);
  }
  EXPECT_EQ(point.hook_count(), 1);
  HookPointHandle moved = std::move(first);
  point(Tensor(Real{1}));
  EXPECT_EQ(calls, 3);
  moved.remove();
  moved.remove();
  EXPECT_EQ(point.hook_count(), 0);
  point.add_hook(count).keep();
  point(Tensor(Real{1}));
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(point.hook_count(), 1);
}

TEST(Unit_13_1, AHandleMayOutliveItsPoint) {
  HookPointHandle handle;
  {
    HookPoint point;
    handle = point.add_hook(watch());
  }
  handle.remove();
  HookPoint other;
  handle = other.add_hook(watch());
  handle = HookPointHandle();
  EXPECT_EQ(other.hook_count(), 0);
}

TEST(Unit_13_1, AHandleDoesNotRemoveAStrangersHook) {
  HookPoint point;
  HookPointHandle old = point.add_hook(watch());
  point.remove_hooks();
  const HookPointHandle next = point.add_hook(watch());
  old.remove();
  EXPECT_EQ(point.hook_count(), 1);
}

TEST(Unit_13_1, HooksMoveWithTheirPoint) {
  HookPoint point;
  int calls = 0;
  const auto handle = point.add_hook(watch([&](const Tensor&) { ++calls; }));
  HookPoint moved = std::move(point);
  moved(Tensor(Real{1}));
  EXPECT_EQ(calls, 1);
}

TEST(Unit_13_1, CountsByDirection) {
  HookPoint point;
  const auto a = point.add_hook(watch()), b = point.add_hook(watch(), {.permanent = true});
  const auto c = point.add_gradient_hook(watch_gradient());
  EXPECT_EQ(point.hook_count(HookDirection::forward), 2);
  EXPECT_EQ(point.hook_count(HookDirection::backward), 1);
  EXPECT_EQ(point.hook_count(), 3);
  EXPECT_TRUE(point.has_hooks(HookDirection::backward));
  point.remove_hooks({.direction = HookDirection::backward});
  EXPECT_FALSE(point.has_hooks(HookDirection::backward));
  EXPECT_EQ(point.hook_count(), 2);
  EXPECT_THROWS_WITH(point.hook_count(static_cast<HookDirection>(7)), ValueError, "7", "direction");
  EXPECT_THROWS_WITH(point.remove_hooks({.direction = static_cast<HookDirection>(3)}), ValueError, "3");
  EXPECT_THROWS_WITH(HookPoint().has_hooks(static_cast<HookDirection>(7)), ValueError, "direction");
  EXPECT_THROWS_WITH(HookPoint().remove_hooks({.direction = static_cast<HookDirection>(7)}), ValueError, "direction");
}

TEST(Unit_13_1, PermanentHooksSurvive) {
  HookPoint point;
  const auto a = point.add_hook(watch(), {.permanent = true});
  const auto b = point.add_hook(watch());
  const auto c = point.add_gradient_hook(watch_gradient(), {.permanent = true});
  point.remove_hooks();
  EXPECT_EQ(point.hook_count(), 2);
  point.remove_hooks({.direction = HookDirection::forward, .including_permanent = true});
  EXPECT_EQ(point.hook_count(HookDirection::forward), 0);
  EXPECT_EQ(point.hook_count(), 1);
  point.remove_hooks({.including_permanent = true});
  EXPECT_EQ(point.hook_count(), 0);
}

TEST(Unit_13_1, RemovesByLevel) {
  HookPoint point;
  const auto a = point.add_hook(watch());
  const auto b = point.add_hook(watch(), {.level = 1});
  const auto c = point.add_hook(watch(), {.permanent = true, .level = 2});
  const auto d = point.add_hook(watch(), {.level = 2});
  point.remove_hooks({.level = 2});
  EXPECT_EQ(point.hook_count(), 3) << "the permanent one stays";
  point.remove_hooks({.level = 0});
  EXPECT_EQ(point.hook_count(), 2);
  point.remove_hooks({.including_permanent = true, .level = 1});
  EXPECT_EQ(point.hook_count(), 1) << "of another level, although permanent ones are included";
}

TEST(Unit_13_1, AHookMayRemoveItselfAndItsNeighbour) {
  HookPoint point;
  std::string order;
  HookPointHandle a, b;
  a = point.add_hook(watch([&](const Tensor&) {
    order += 'a';
    b.remove();
    a.remove();
    order += 'A';
  }));
  b = point.add_hook(note(order, 'b'));
  const auto c = point.add_hook(note(order, 'c'));
  point(Tensor(Real{1}));
  point(Tensor(Real{1}));
  EXPECT_EQ(order, "aAcc");
}

TEST(Unit_13_1, AGradientHookMayRemoveItselfAndItsNeighbour) {
  HookPoint point;
  std::string order;
  HookPointHandle a, b;
  a = point.add_gradient_hook(watch_gradient([&](const Array&) {
    order += 'a';
    b.remove();
    a.remove();
  }));
  b = point.add_gradient_hook(note_gradient(order, 'b'));
  const auto c = point.add_gradient_hook(note_gradient(order, 'c'));
  Tape(point(Tensor(ones({}), true)), ones({}));
  EXPECT_EQ(order, "ac");
}

TEST(Unit_13_1, AHookAddedMeanwhileWaits) {
  HookPoint point;
  std::string order;
  HookPointHandle late;
  const auto a = point.add_hook(watch([&](const Tensor&) {
    order += 'a';
    late = point.add_hook(note(order, 'b'));
  }));
  point(Tensor(Real{1}));
  EXPECT_EQ(order, "a");
}

TEST(Unit_13_1, AGradientHookAddedInTheForwardPassWaitsForTheNext) {
  HookPoint point;
  std::string order;
  HookPointHandle late;
  const auto there = point.add_gradient_hook(note_gradient(order, 'g'));
  const auto a = point.add_hook(watch([&](const Tensor&) {
    if (point.hook_count() < 3) late = point.add_gradient_hook(note_gradient(order, 'G'));
  }));
  const Tensor x(ones({}), true);
  Tape(point(x), ones({}));
  EXPECT_EQ(order, "g") << "it was not there when x arrived";
  Tape(point(x), ones({}));
  EXPECT_EQ(order, "ggG");
}

TEST(Unit_13_1, WhatIsGoneBeforeTheBackwardPassDoesNotRun) {
  HookPoint point;
  int calls = 0;
  const auto stays = point.add_gradient_hook(watch_gradient([&](const Array&) { ++calls; }));
  HookPointHandle goes = point.add_gradient_hook([&](const Array& g, HookPlace&) {
    calls += 100;
    return g * Real{7};
  });
  const Tensor x(ones({}), true);
  const Tensor y = point(x);
  goes.remove();
  const auto comes = point.add_gradient_hook(watch_gradient([&](const Array&) { calls += 1000; }));
  EXPECT_EQ(Tape(y, ones({})).grad(x).item(), 1);
  EXPECT_EQ(calls, 1) << "neither what has left nor what came after the forward pass";
}

TEST(Unit_13_1, TheGraphMayOutliveThePoint) {
  const Tensor x(ones({2}), true);
  Tensor y;
  {
    HookPoint point;
    point.add_gradient_hook([](const Array& g, HookPlace&) { return g * Real{7}; }).keep();
    y = point(x);
  }
  EXPECT_TRUE(near(Tape(y, ones({2})).grad(x), {2}, {1, 1}, exactly));
}

TEST(Unit_13_1, AThousandComeAndGo) {
  HookPoint point;
  for (int i = 0; i < 1000; ++i) {
    const auto a = point.add_hook(watch());
    const auto b = point.add_gradient_hook(watch_gradient(), {.prepend = true, .permanent = true});
    ASSERT_EQ(point.hook_count(), 2);
  }
  EXPECT_EQ(point.hook_count(), 0);
}

TEST(Unit_13_1, NothingIsLeftAfterAnException) {
  HookPoint point;
  try {
    const auto handle = point.add_hook(watch([](const Tensor&) { throw ValueError("from a hook"); }));
    point(Tensor(Real{1}));
    ADD_FAILURE() << "the hook's exception was swallowed";
  } catch (const ValueError&) {
  }
  EXPECT_EQ(point.hook_count(), 0);
  EXPECT_EQ(point(Tensor(Real{3})).item(), 3);
}

}  // namespace
}  // namespace rushlight::test
