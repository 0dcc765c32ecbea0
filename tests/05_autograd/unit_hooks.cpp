#include <optional>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_05_4, AHookSeesTheGradient) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor h = x * x;
  Array seen;
  const HookHandle handle = register_hook(h, [&](const Array& g) {
    seen = g;
    return Array();
  });
  sum(h * Tensor(2)).backward();
  EXPECT_TRUE(near(seen, {2}, {2, 2}));
  EXPECT_TRUE(near(x.grad(), {2}, {12, 20})) << "an undefined answer leaves the gradient alone";
}

TEST(Unit_05_4, AHookReplacesTheGradient) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor h = x * x;
  const HookHandle handle = register_hook(h, [](const Array& g) { return g * Real(10); });
  sum(h).backward();
  EXPECT_TRUE(near(x.grad(), {2}, {60, 100}));
}

TEST(Unit_05_4, AHookOnALeafRunsBeforeItIsKept) {
  const Tensor x = leaf(3);
  std::vector<double> seen;
  const HookHandle handle = register_hook(x, [&](const Array& g) {
    seen.push_back(g.item());
    return g * Real(0.5);
  });
  (x * x).backward();
  (x * x).backward();
  EXPECT_EQ(seen, (std::vector<double>{6, 6})) << "each pass's own gradient, not what has accumulated";
  EXPECT_TRUE(near(x.grad(), scalar, {6}));
}

TEST(Unit_05_4, AHookOnTheRootSeesTheSeed) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor y = x * x;
  Array seen;
  const HookHandle handle = register_hook(y, [&](const Array& g) {
    seen = g.clone();
    return g * Real(2);
  });
  y.backward(Array({2}, {1, 10}));
  EXPECT_TRUE(near(seen, {2}, {1, 10}));
  EXPECT_TRUE(near(x.grad(), {2}, {12, 200}));
}

TEST(Unit_05_4, TheGradientIsCompleteWhenAHookSeesIt) {  // once, the sum of both sides
  const Tensor x = leaf(3);
  const Tensor h = x * Tensor(1);
  std::vector<double> seen;
  const HookHandle handle = register_hook(h, [&](const Array& g) {
    seen.push_back(g.item());
    return Array();
  });
  diamond(h, 3, 4).backward();
  EXPECT_EQ(seen, (std::vector<double>{7}));
}

TEST(Unit_05_4, HooksRunInOrderAndSeeEachOthersWork) {
  const Tensor x = leaf(1);
  const Tensor h = x * Tensor(1);
  std::vector<double> seen;
  const HookHandle first = register_hook(h, [](const Array& g) { return g + Real(1); });
  const HookHandle second = register_hook(h, [&](const Array& g) {
    seen.push_back(g.item());
    return Array();
  });
  const HookHandle third = register_hook(h, [](const Array& g) { return g * Real(10); });
  h.backward(Array::scalar(2));
  EXPECT_EQ(seen, (std::vector<double>{3}));
  EXPECT_TRUE(near(x.grad(), scalar, {30}));
}

TEST(Unit_05_4, RetainGradKeepsWhatTheHooksLeft) {
  const Tensor x = leaf(3);
  Tensor h = x * x;
  h.retain_grad();
  const HookHandle handle = register_hook(h, [](const Array& g) { return g * Real(10); });
  (h * Tensor(2)).backward();
  EXPECT_TRUE(near(h.grad(), scalar, {20}));
}

TEST(Unit_05_4, GradSeesWhatTheHooksLeft) {
  const Tensor x = leaf(3);
  const HookHandle handle = register_hook(x, [](const Array& g) { return g * Real(10); });
  EXPECT_TRUE(near(grad(x * x, {x})[0], scalar, {60}));
}

TEST(Unit_05_4, AReplacementOfAnotherShape) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor h = exp(x);
  const HookHandle handle = register_hook(h, [](const Array&) { return ones({3}); });
  EXPECT_THROWS_WITH(sum(h).backward(), ShapeError, "exp", "(3,)", "(2,)");
  const Tensor row = reshape(leaf(ones({2, 3})), {6});  // its rule would take any six numbers
  const HookHandle other = register_hook(row, [](const Array&) { return ones({3, 2}); });
  EXPECT_THROWS_WITH(sum(row).backward(), ShapeError, "reshape", "(3, 2)", "(6,)");
}

TEST(Unit_05_4, AHookNeedsAGraph) {
  EXPECT_THROWS_WITH(static_cast<void>(register_hook(Tensor(3), [](const Array& g) { return g; })), GraphError);
}

TEST(Unit_05_4, AHookThatThrowsStopsThePass) {
  const Tensor x = leaf(3);
  const Tensor h = x * x;
  const HookHandle handle = register_hook(h, [](const Array&) -> Array { throw ValueError("enough"); });
  EXPECT_THROWS_WITH(h.backward(), ValueError, "enough");
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_4, TheReplacementIsNotModified) {  // it waits for more to be added to it
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Array replacement({2}, {7, 8});
  const Tensor h = x * Tensor(1), k = x * Tensor(1);
  const HookHandle first = register_hook(h, [&](const Array&) { return replacement; });
  const HookHandle second = register_hook(x, [&](const Array&) { return replacement; });
  sum(h + k).backward();
  sum(x * x).backward();
  EXPECT_TRUE(near(replacement, {2}, {7, 8}));
  EXPECT_TRUE(near(x.grad(), {2}, {14, 16}));
}

// --- removal ----------------------------------------------------------------------------------------------------

TEST(Unit_05_4, RemovedHooksAreNotCalled) {
  const Tensor x = leaf(3);
  int calls = 0;
  HookHandle handle = register_hook(x, [&](const Array&) {
    ++calls;
    return Array();
  });
  (x * x).backward();
  handle.remove();
  handle.remove();
  (x * x).backward();
  EXPECT_EQ(calls, 1);
}

TEST(Unit_05_4, TheEndOfTheScopeRemoves) {
  const Tensor x = leaf(3);
  int calls = 0;
  {
    const HookHandle handle = register_hook(x, [&](const Array&) {
      ++calls;
      return Array();
    });
    (x * x).backward();
  }
  (x * x).backward();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(x.node()->hooks.empty());
}

TEST(Unit_05_4, AnExceptionRemovesToo) {
  const Tensor x = leaf(3);
  try {
    const HookHandle handle = register_hook(x, [](const Array& g) { return g * Real(0); });
    throw ValueError("half-way");
  } catch (const ValueError&) {
  }
  (x * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {6}));
}

TEST(Unit_05_4, KeepLetsGo) {
  const Tensor x = leaf(3);
  register_hook(x, [](const Array& g) { return g * Real(2); }).keep();
  (x * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {12}));
}

TEST(Unit_05_4, RemovingOneLeavesTheOthers) {
  const Tensor x = leaf(3);
  std::string called;
  const auto hook = [&](char name) {
    return register_hook(x, [&called, name](const Array&) {
      called += name;
      return Array();
    });
  };
  HookHandle a = hook('a'), b = hook('b'), c = hook('c');
  b.remove();
  (x * x).backward();
  EXPECT_EQ(called, "ac");
  const HookHandle d = hook('d');  // its id must not be b's
  b.remove();
  (x * x).backward();
  EXPECT_EQ(called, "acacd");
}

TEST(Unit_05_4, AnIdIsNeverUsedAgain) {
  const Tensor x = leaf(3);
  const auto nothing = [](const Array&) { return Array(); };
  HookHandle first = register_hook(x, nothing);
  const std::uint64_t id = x.node()->hooks.back().first;
  first.remove();
  const HookHandle second = register_hook(x, nothing);
  EXPECT_NE(x.node()->hooks.back().first, id);
  EXPECT_NE(id, 0U);
}

TEST(Unit_05_4, AMovedHandleRemovesOnce) {
  const Tensor x = leaf(3);
  int calls = 0;
  const auto hook = [&](const Array&) {
    ++calls;
    return Array();
  };
  HookHandle first = register_hook(x, hook);
  HookHandle second = std::move(first);
  first.remove();  // NOLINT: a handle that was moved from has nothing to remove
  (x * x).backward();
  EXPECT_EQ(calls, 1);
  second = register_hook(x, hook);  // what it held before is removed
  (x * x).backward();
  EXPECT_EQ(calls, 2);
}

TEST(Unit_05_4, AHookMayRemoveItself) {
  const Tensor x = leaf(3);
  int calls = 0;
  std::optional<HookHandle> handle;
  handle = register_hook(x, [&handle, &calls, payload = std::vector<int>(100, 7)](const Array& g) {
    handle.reset();
    calls += payload[99];  // what it captured is still there while it runs
    return g * Real(2);
  });
  (x * x).backward();
  (x * x).backward();
  EXPECT_EQ(calls, 7);
  EXPECT_TRUE(near(x.grad(), scalar, {18}));
}

TEST(Unit_05_4, AHookMayRemoveTheNext) {
  const Tensor x = leaf(3);
  std::string called;
  HookHandle second;
  const HookHandle first = register_hook(x, [&](const Array&) {
    called += 'a';
    second.remove();
    return Array();
  });
  second = register_hook(x, [&](const Array&) {
    called += 'b';
    return Array();
  });
  const HookHandle third = register_hook(x, [&](const Array&) {
    called += 'c';
    return Array();
  });
  (x * x).backward();
  EXPECT_EQ(called, "ac");
}

TEST(Unit_05_4, AHookMayRemoveAnEarlierOne) {
  const Tensor x = leaf(3);
  std::string called;
  HookHandle first = register_hook(x, [&](const Array&) {
    called += 'a';
    return Array();
  });
  const HookHandle second = register_hook(x, [&](const Array&) {
    called += 'b';
    first.remove();
    return Array();
  });
  const HookHandle third = register_hook(x, [&](const Array&) {
    called += 'c';
    return Array();
  });
  (x * x).backward();
  EXPECT_EQ(called, "abc") << "removing an earlier hook must not skip a later one";
}

TEST(Unit_05_4, AHookThatIsAddedMeanwhileWaits) {
  const Tensor x = leaf(3);
  int late = 0;
  std::vector<HookHandle> handles;
  handles.reserve(100);
  handles.push_back(register_hook(x, [&](const Array&) {
    for (int i = 0; i < 20; ++i) {
      handles.push_back(register_hook(x, [&late](const Array&) {
        ++late;
        return Array();
      }));
    }
    return Array();
  }));
  (x * x).backward();
  EXPECT_EQ(late, 0);
  (x * x).backward();
  EXPECT_EQ(late, 20);
}

TEST(Unit_05_4, AHandleMayOutliveTheGraph) {
  HookHandle handle;
  {
    const Tensor x = leaf(3);
    const Tensor h = x * x;
    handle = register_hook(h, [](const Array& g) { return g; });
  }
  handle.remove();
}

TEST(Unit_05_4, AHandleDoesNotKeepTheGraphAlive) {
  HookHandle handle;
  std::weak_ptr<Node> watch;
  {
    const Tensor x = leaf(3);
    watch = x.node();
    handle = register_hook(x, [](const Array& g) { return g; });
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Unit_05_4, AHookMayRunABackwardOfItsOwn) {
  const Tensor x = leaf(3), other = leaf(5);
  const HookHandle handle = register_hook(x, [&](const Array&) {
    (other * other).backward();
    return Array();
  });
  (x * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {6}));
  EXPECT_TRUE(near(other.grad(), scalar, {10}));
}

TEST(Unit_05_4, RunHooksOnANodeWithoutAny) {
  const Tensor x = leaf(3);
  EXPECT_TRUE(near(run_hooks(*x.node(), Array::scalar(4)), scalar, {4}));
}

}  // namespace
}  // namespace rushlight::test
