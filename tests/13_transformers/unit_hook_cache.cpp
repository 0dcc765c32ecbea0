// What a run leaves behind.
#include <iostream>
#include <sstream>

#include "05_autograd/autograd.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

// Whatever goes to std::cerr while it lives.
class ErrorsSeen {
 public:
  ErrorsSeen() : before_(std::cerr.rdbuf(text_.rdbuf())) {}
  ~ErrorsSeen() { std::cerr.rdbuf(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::stringstream text_;
  std::streambuf* before_;
};

TEST(Unit_13_3, CaptureHooksCopy) {
  Toy toy;
  hook_points(toy);
  ActivationCache store;
  const auto a = toy.first.hook_in.add_hook(make_capture_hook(store));
  const auto b = toy.first.hook_in.add_gradient_hook(make_grad_capture_hook(store));
  const auto c = toy.hook_out.add_hook(make_capture_hook(store, "mine"));
  const auto d = toy.hook_out.add_gradient_hook(make_grad_capture_hook(store, "mine too"));
  Tensor x(Array({2}, {1, -4}), true);
  const Tensor y = toy(x);
  EXPECT_TRUE(near(y.value(), {2}, {9, -21}, exactly));
  EXPECT_TRUE(near(Tape(y, Array({2}, {1, 10})).grad(x), {2}, {6, 60}, exactly)) << "nothing is changed";
  ASSERT_EQ(store.size(), 4u);
  EXPECT_TRUE(near(store.at("blocks.0.hook_in"), {2}, {1, -4}, exactly));
  EXPECT_FALSE(store.at("blocks.0.hook_in").shares_buffer_with(x.value()));
  EXPECT_TRUE(near(store.at("mine"), {2}, {9, -21}, exactly));
  EXPECT_TRUE(near(store.at("mine too"), {2}, {1, 10}, exactly));
  EXPECT_TRUE(near(store.at("blocks.0.hook_in_grad"), {2}, {6, 60}, exactly));
}

TEST(Unit_13_3, ACopyStaysWhenWhatWasSeenChanges) {
  ActivationCache store;
  HookPlace place{.name = "here", .ctx = {}};
  Array value = ones({2}), gradient = ones({2});
  EXPECT_FALSE(make_capture_hook(store)(Tensor(value), place).defined());
  EXPECT_FALSE(make_grad_capture_hook(store)(gradient, place).defined());
  for (Array* each : {&value, &gradient}) each->mutable_data()[0] = 9;
  EXPECT_TRUE(near(store.at("here"), {2}, {1, 1}, exactly));
  EXPECT_TRUE(near(store.at("here_grad"), {2}, {1, 1}, exactly));
}

TEST(Unit_13_3, APlaceThatIsPassedTwiceKeepsTheLastValue) {
  Toy toy;
  hook_points(toy);
  ActivationCache store;
  const auto a = toy.hook_out.add_hook(make_capture_hook(store)),
             b = toy.hook_out.add_hook(make_capture_hook(store, "v"));
  const auto c = toy.hook_out.add_gradient_hook(make_grad_capture_hook(store));
  const auto d = toy.hook_out.add_gradient_hook(make_grad_capture_hook(store, "g"));
  for (const Real value : {Real{1}, Real{5}}) {
    Tape(toy(Tensor(Array({1}, {value}), true)), Array({1}, {value}));
  }
  EXPECT_EQ(store.at("hook_out").item(), 33);
  EXPECT_EQ(store.at("v").item(), 33);
  EXPECT_EQ(store.at("hook_out_grad").item(), 5);
  EXPECT_EQ(store.at("g").item(), 5);
}

TEST(Unit_13_3, RunWithHooks) {
  Toy toy;
  const Tensor x(ones({1}), true);
  const ForwardHook add_one = [](const Tensor& v, HookPlace&) { return v + Tensor(Real{1}); };
  int inside = 0;
  const Tensor y = run_with_hooks(toy, {{.at = "hook_out", .forward = add_one}}, [&] {
    inside = static_cast<int>(hook_count(toy));
    return toy(x);
  });
  EXPECT_EQ(y.item(), 10);
  EXPECT_EQ(inside, 1);
  EXPECT_EQ(hook_count(toy), 0);
}

TEST(Unit_13_3, RunWithHooksLeavesOthersAlone) {
  Toy toy;
  const auto mine = toy.hook_out.add_hook(watch()), permanent = toy.hook_out.add_hook(watch(), {.permanent = true});
  run_with_hooks(toy, {{.at = {}, .forward = watch()}}, [&] { return toy(Tensor(ones({1}))); });
  EXPECT_EQ(hook_count(toy), 2);
}

TEST(Unit_13_3, NoHookIsLeftAfterAnException) {
  Toy toy;
  EXPECT_THROWS_WITH(
      run_with_hooks(toy, {{.at = {}, .forward = watch()}}, [&]() -> Tensor { throw ValueError("on purpose"); }),
      ValueError, "on purpose");
  EXPECT_EQ(hook_count(toy), 0);
  EXPECT_THROWS_WITH(run_with_cache(toy, [&]() -> Tensor { throw ValueError("on purpose"); }), ValueError,
                     "on purpose");
  EXPECT_EQ(hook_count(toy), 0);
  EXPECT_THROWS_WITH(run_with_cache(toy, [&] { return toy(Tensor(ones({2}))); }, {.incl_bwd = true}), ShapeError,
                     "(2,)");
  EXPECT_EQ(hook_count(toy), 0);
}

TEST(Unit_13_3, AWarningWhenTheBackwardPassComesTooLate) {
  Toy toy;
  const Tensor x(ones({1}), true);
  int calls = 0;
  const GradientHook count = watch_gradient([&](const Array&) { ++calls; });
  const auto warned_of = [&](const HookRequests& requests, const std::function<Tensor()>& run) {
    const ErrorsSeen errors;
    run_with_hooks(toy, requests, run);
    return errors.text();
  };
  const auto warned = [&](const HookRequest& request, const auto& run) { return warned_of({request}, run); };
  const std::string text = warned({.at = {}, .backward = count}, [&] { return toy(x); });
  EXPECT_NE(text.find("run_with_hooks"), std::string::npos) << text;
  EXPECT_NE(text.find("backward"), std::string::npos) << text;
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(warned({.at = {}, .forward = watch()}, [&] { return toy(x); }), "") << "no backward hook, no warning";
  EXPECT_EQ(warned({.at = {}, .backward = count}, [&] { return toy(x.detach() * Real{0}); }).empty(), false)
      << "the weights still want one";
  const std::string quiet = warned({.at = {}, .backward = count}, [&] {
    const Tensor loss = sum(toy(x));
    loss.backward();
    return loss;
  });
  EXPECT_EQ(quiet, "") << "the backward pass is done";
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(warned({.at = {}, .backward = count}, [&] { return Tensor(); }), "");
  const HookRequest forward{.at = {}, .forward = watch()}, backward{.at = {}, .backward = count};
  EXPECT_EQ(warned_of({forward, backward}, [&] { return toy(x); }), text) << "whichever request has it";
  EXPECT_EQ(warned_of({backward, backward}, [&] { return toy(x); }), text) << "once";
  EXPECT_EQ(warned_of({backward, forward}, [&] { return toy(x); }), text) << "in whichever order";
  EXPECT_EQ(warned({.at = {}, .forward = watch(), .backward = count}, [&] { return toy(x); }), text)
      << "also beside a forward function";
}

TEST(Unit_13_3, ABackwardPassAfterwardsIsThatOfTheBareModel) {
  Toy toy;
  const Tensor x(ones({1}), true);
  const GradientHook zero = [](const Array& g, HookPlace&) { return g * Real{0}; };
  const ErrorsSeen errors;
  const Tensor y = run_with_hooks(toy, {{.at = {}, .backward = zero}}, [&] { return toy(x); });
  EXPECT_EQ(Tape(y, ones({1})).grad(x).item(), 6);
}

TEST(Unit_13_3, RunWithCache) {
  Toy toy;
  const Tensor x(Array({1}, {5}), true);
  const CachedRun run = run_with_cache(toy, [&] { return toy(x); });
  EXPECT_EQ(run.out.item(), 33);
  ASSERT_EQ(run.cache.size(), 3u);
  EXPECT_EQ(run.cache.at("blocks.0.hook_in").item(), 5);
  EXPECT_EQ(run.cache.at("blocks.1.hook_in").item(), 11);
  EXPECT_EQ(run.cache.at("hook_out").item(), 33);
  EXPECT_EQ(hook_count(toy), 0);
  EXPECT_TRUE(run.out.requires_grad()) << "a backward pass is still possible";
  EXPECT_FALSE(toy.first.weight.grad().defined());
}

TEST(Unit_13_3, RunWithCacheFilters) {
  Toy toy;
  const auto run = [&] { return toy(Tensor(ones({1}), true)); };
  EXPECT_EQ(run_with_cache(toy, run, {.names = "hook_out"}).cache.size(), 1u);
  EXPECT_EQ(run_with_cache(toy, run, {.names = {"hook_out", "blocks.0.hook_in"}}).cache.size(), 2u);
  const auto inner = [](const std::string& name) { return name.starts_with("blocks."); };
  const CachedRun inside = run_with_cache(toy, run, {.names = inner, .incl_bwd = true});
  EXPECT_EQ(inside.cache.size(), 4u);
  EXPECT_EQ(inside.cache.count("blocks.1.hook_in_grad"), 1u);
  EXPECT_THROWS_WITH(run_with_cache(toy, run, {.names = "hook_aut"}), ValueError, "'hook_aut'");
}

TEST(Unit_13_3, RunWithCacheAndGradients) {
  Toy toy;
  const Tensor x(Array({1}, {5}), true);
  const CachedRun run = run_with_cache(toy, [&] { return sum(toy(x)); }, {.incl_bwd = true});
  ASSERT_EQ(run.cache.size(), 6u);
  EXPECT_EQ(run.cache.at("hook_out_grad").item(), 1);
  EXPECT_EQ(run.cache.at("blocks.1.hook_in_grad").item(), 3);
  EXPECT_EQ(run.cache.at("blocks.0.hook_in_grad").item(), 6);
  EXPECT_EQ(toy.first.weight.grad().item(), 15) << "the parameters have theirs as always";
  run_with_cache(toy, [&] { return sum(toy(x)); }, {.incl_bwd = true});
  EXPECT_EQ(toy.first.weight.grad().item(), 30) << "and a second pass adds to it";
  EXPECT_EQ(hook_count(toy), 0);
}

TEST(Unit_13_3, TheCacheSeesWhatOtherHooksMade) {
  Toy toy;
  const auto handle = toy.second.hook_in.add_hook([](const Tensor& v, HookPlace&) { return v * Real{0}; });
  const CachedRun run = run_with_cache(toy, [&] { return toy(Tensor(ones({1}))); });
  EXPECT_EQ(run.cache.at("blocks.1.hook_in").item(), 0);
  EXPECT_EQ(hook_count(toy), 1);
}

}  // namespace
}  // namespace rushlight::test
