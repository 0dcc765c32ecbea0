#include <future>
#include <optional>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

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

TEST(Unit_05_4, EveryThreadGetsIdsOfItsOwn) {
  const Tensor x = leaf(3);
  int calls = 0;
  const auto add_hook = [&] {
    return register_hook(x, [&](const Array&) {
      ++calls;
      return Array();
    });
  };
  HookHandle mine = std::async(std::launch::async, add_hook).get();  // what it throws comes out here
  const HookHandle theirs = std::async(std::launch::async, add_hook).get();
  EXPECT_NE(x.node()->hooks.front().first, x.node()->hooks.back().first);
  mine.remove();
  (x * x).backward();
  EXPECT_EQ(calls, 1) << "a handle removes its own hook only";
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

}  // namespace
}  // namespace rushlight::test
