// All places of a model, by name.
#include "plain.hpp"

namespace rushlight::test {
namespace {

using Names = std::vector<std::string>;

TEST(Unit_13_2, NamesInForwardOrder) {
  Toy toy;
  const NamedHookPoints points = hook_points(toy);
  EXPECT_EQ(names_of(points), (Names{"blocks.0.hook_in", "blocks.1.hook_in", "hook_out"}));
  EXPECT_EQ(points[0].second, &toy.first.hook_in);
  EXPECT_EQ(points[2].second, &toy.hook_out);
  EXPECT_EQ(toy.second.hook_in.name(), "blocks.1.hook_in");
  EXPECT_EQ(toy.second.hook_in.layer(), 1);
  EXPECT_EQ(names_of(hook_points(toy.hook_out)), Names{""}) << "a point is a model of one";
}

TEST(Unit_13_2, APointHasTheNameThatItWasToldLast) {
  struct Outer : Module {
    Toy inner;
    void members(Members& m) override { m("inner", inner); }
  } outer;
  hook_points(outer.inner);
  hook_points(outer);
  EXPECT_EQ(outer.inner.second.hook_in.name(), "inner.blocks.1.hook_in");
  hook_points(outer.inner);
  EXPECT_EQ(outer.inner.second.hook_in.name(), "blocks.1.hook_in");
}

TEST(Unit_13_2, Filters) {
  Toy toy;
  EXPECT_EQ(names_of(hook_points(toy, "hook_out")), Names{"hook_out"});
  EXPECT_EQ(toy.first.hook_in.name(), "blocks.0.hook_in") << "every point has its name, wanted or not";
  EXPECT_EQ(names_of(hook_points(toy, std::string("hook_out"))), Names{"hook_out"});
  EXPECT_EQ(names_of(hook_points(toy, {"hook_out", "blocks.0.hook_in"})), (Names{"blocks.0.hook_in", "hook_out"}))
      << "in forward order, whatever the list's";
  EXPECT_EQ(names_of(hook_points(toy, {"hook_out", "hook_out"})), Names{"hook_out"}) << "named twice, there once";
  EXPECT_EQ(hook_points(toy, Names{}).size(), 0u) << "an empty list names nothing";
  EXPECT_EQ(hook_points(toy, NameFilter{}).size(), 3u) << "no filter names everything";
  const auto inner = [](const std::string& name) { return name.starts_with("blocks."); };
  EXPECT_EQ(names_of(hook_points(toy, inner)), (Names{"blocks.0.hook_in", "blocks.1.hook_in"}));
  EXPECT_EQ(hook_points(toy, [](const std::string&) { return false; }).size(), 0u);
}

TEST(Unit_13_2, AnUnknownNameIsAnError) {
  Toy toy;
  EXPECT_THROWS_WITH(hook_points(toy, "blocks.2.hook_in"), ValueError, "'blocks.2.hook_in'", "blocks.1.hook_in");
  EXPECT_THROWS_WITH(hook_points(toy, {"hook_out", "hook_typo"}), ValueError, "'hook_typo'", "hook_out");
  EXPECT_THROWS_WITH(hook_points(toy, "hook_in"), ValueError, "'hook_in'", "blocks.0.hook_in");
}

TEST(Unit_13_2, TwoPointsOfOneNameAreAnError) {
  struct Twins : Module {
    HookPoint a, b;
    void members(Members& m) override {
      m("hook", a);
      m("hook", b);
    }
  } twins;
  EXPECT_THROWS_WITH(hook_points(twins), ValueError, "'hook'", "two");
}

TEST(Unit_13_2, Counts) {
  Toy toy;
  EXPECT_EQ(hook_count(toy), 0);
  const auto a = toy.first.hook_in.add_hook(watch()), b = toy.hook_out.add_hook(watch(), {.permanent = true});
  const auto c = toy.hook_out.add_gradient_hook(watch_gradient());
  EXPECT_EQ(hook_count(toy), 3);
  EXPECT_EQ(hook_count(toy, HookDirection::forward), 2);
  EXPECT_EQ(hook_count(toy, HookDirection::backward), 1);
}

TEST(Unit_13_2, ResetReachesEveryPoint) {
  Toy toy;
  for (const auto& [name, point] : hook_points(toy)) {
    point->add_hook(watch()).keep();
    point->add_hook(watch(), {.permanent = true}).keep();
    point->add_gradient_hook(watch_gradient(), {.level = 2}).keep();
  }
  toy.first.hook_in.place().ctx["kept"] = ones({});
  reset_hooks(toy, {.level = 2});
  EXPECT_EQ(hook_count(toy), 6);
  reset_hooks(toy);
  EXPECT_EQ(hook_count(toy), 3);
  reset_hooks(toy, {.including_permanent = true});
  EXPECT_EQ(hook_count(toy), 0);
  EXPECT_EQ(toy.first.hook_in.place().ctx.size(), 1u);
}

TEST(Unit_13_2, AddsWhatIsAsked) {
  Toy toy;
  std::string order;
  const auto note = [&order](const Tensor&, HookPlace& place) {
    order += place.name + " ";
    return Tensor();
  };
  const auto note_gradient = [&order](const Array&, HookPlace& place) {
    order += "back:" + place.name + " ";
    return Array();
  };
  {
    const auto handles =
        add_hooks(toy, {{.at = "hook_out", .forward = note, .backward = note_gradient}, {.at = {}, .forward = note}},
                  {.level = 5});
    EXPECT_EQ(handles.size(), 5u);
    EXPECT_EQ(hook_count(toy), 5);
    const Tensor y = toy(Tensor(ones({1}), true));
    Tape(y, ones({1}));
    EXPECT_EQ(order, "blocks.0.hook_in blocks.1.hook_in hook_out hook_out back:hook_out ");
    reset_hooks(toy, {.level = 4});
    EXPECT_EQ(hook_count(toy), 5);
    toy.second.hook_in.remove_hooks({.level = 5});
    EXPECT_EQ(hook_count(toy), 4);
  }
  EXPECT_EQ(hook_count(toy), 0) << "the handles removed them";
}

TEST(Unit_13_2, BothHooksOfARequestGetTheOptions) {
  Toy toy;
  std::string order;
  const auto mark = [&order](char c) {
    return HookRequest{.at = "hook_out",
                       .forward = watch([&order, c](const Tensor&) { order += c; }),
                       .backward = watch_gradient([&order, c](const Array&) { order += c; })};
  };
  const auto first = add_hooks(toy, {mark('a')}), last = add_hooks(toy, {mark('b')}, {.prepend = true, .level = 3});
  const auto lasting = add_hooks(toy, {mark('c')}, {.permanent = true});
  Tape(toy(Tensor(ones({1}), true)), ones({1}));
  EXPECT_EQ(order, "bacbac");
  for (const HookDirection direction : {HookDirection::forward, HookDirection::backward}) {
    reset_hooks(toy, {.direction = direction, .level = 3});
    EXPECT_EQ(hook_count(toy, direction), 2);
    reset_hooks(toy, {.direction = direction});
    EXPECT_EQ(hook_count(toy, direction), 1) << "the permanent one";
  }
}

TEST(Unit_13_2, AddsAllOrNothing) {
  Toy toy;
  EXPECT_THROWS_WITH(add_hooks(toy, {{.at = {}, .forward = watch()}, {.at = "nowhere", .forward = watch()}}),
                     ValueError, "'nowhere'");
  EXPECT_EQ(hook_count(toy), 0);
  EXPECT_THROWS_WITH(add_hooks(toy, {{.at = {}, .forward = watch()}, {.at = {}}}), ValueError);
  EXPECT_EQ(hook_count(toy), 0);
}

TEST(Unit_13_2, AScopeEnds) {
  Toy toy;
  const Tensor x(ones({1}));
  const ForwardHook zero = [](const Tensor& v, HookPlace&) { return v * Real{0}; };
  EXPECT_EQ(toy(x).item(), 9);
  {
    const HookScope scope(toy, {{.at = "blocks.1.hook_in", .forward = zero}});
    EXPECT_EQ(toy(x).item(), 0);
    EXPECT_EQ(scope.level(), 1);
  }
  EXPECT_EQ(toy(x).item(), 9);
  EXPECT_EQ(hook_count(toy), 0);
}

TEST(Unit_13_2, ScopesNest) {
  Toy toy;
  const auto outside = toy.hook_out.add_hook(watch());
  {
    const HookScope outer(toy, {{.at = "hook_out", .forward = watch()}});
    {
      const HookScope inner(toy, {{.at = {}, .forward = watch(), .backward = watch_gradient()}});
      EXPECT_EQ(inner.level(), outer.level() + 1);
      toy.hook_out.add_hook(watch(), {.permanent = true, .level = inner.level()}).keep();
      toy.hook_out.add_hook(watch(), {.level = outer.level()}).keep();
      EXPECT_EQ(hook_count(toy), 10);
    }
    EXPECT_EQ(hook_count(toy), 3) << "also what was added at the inner level by hand";
  }
  EXPECT_EQ(hook_count(toy), 1) << "what was there before is still there";
}

TEST(Unit_13_2, AScopeEndsWithAnException) {
  Toy toy;
  const ForwardHook fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("on purpose"); };
  try {
    const HookScope scope(toy, {{.at = {}, .forward = watch()}, {.at = "hook_out", .forward = fail}});
    toy(Tensor(ones({1})));
    ADD_FAILURE() << "the hook's exception was swallowed";
  } catch (const ValueError&) {
  }
  EXPECT_EQ(hook_count(toy), 0);
  EXPECT_THROWS_WITH(HookScope(toy, {{.at = "nowhere", .forward = watch()}}), ValueError, "nowhere");
  const HookScope next(toy, {});
  EXPECT_EQ(next.level(), 1) << "the scope that was never entered has given its level back";
}

}  // namespace
}  // namespace rushlight::test
