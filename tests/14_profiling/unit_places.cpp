// 14.3: which module an op ran in, on traces made by hand.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_14_3, TheInnermostModuleThatContainsBoth) {
  const auto& modules = small_modules();
  EXPECT_EQ(common_module(modules, fc1, fc2), mlp);
  EXPECT_EQ(common_module(modules, q, fc1), block0);
  EXPECT_EQ(common_module(modules, q, attn), attn) << "a module contains itself";
  EXPECT_EQ(common_module(modules, attn, q), attn);
  EXPECT_EQ(common_module(modules, fc2, fc2), fc2);
  EXPECT_EQ(common_module(modules, embed, head), 0);
  EXPECT_EQ(common_module(modules, 0, fc1), 0);
}

TEST(Unit_14_3, AListOfBlocksIsNoModule) { EXPECT_EQ(common_module(small_modules(), fc2, mlp1), 0); }

TEST(Unit_14_3, BlockOneDoesNotContainBlockTen) {
  EXPECT_EQ(common_module(small_modules(), block1, block10), 0);
  EXPECT_EQ(common_module(small_modules(), mlp1, block10), 0);
}

TEST(Unit_14_3, TheInnermostIsTheOneWithTheLongestPath) {  // wherever in the list it stands
  const std::vector<std::string> modules{"", "a.b.x", "a.b.y", "a.b", "ab", "a", "a.c"};
  EXPECT_EQ(common_module(modules, 1, 2), 3);
  EXPECT_EQ(common_module(modules, 1, 6), 5);
  EXPECT_EQ(common_module(modules, 1, 1), 1);
  EXPECT_EQ(common_module(modules, 3, 5), 5);
  EXPECT_EQ(common_module(modules, 2, 4), 0);
}

TraceEvent op(std::vector<std::int32_t> owners = {}, std::uint64_t node = 0) {
  TraceEvent event = event_of("op", 0, 1, -7);
  event.owners = std::move(owners);
  event.node = node;
  return event;
}

TraceEvent rule(std::uint64_t node) {
  TraceEvent event = event_of("op", 0, 1, -7, Phase::backward);
  event.node = node;
  return event;
}

std::vector<std::int32_t> placed(std::vector<TraceEvent> events, std::vector<TraceMark> marks = {}) {
  Trace trace{.events = std::move(events), .spans = {}, .marks = std::move(marks), .modules = small_modules()};
  place_events(trace);
  std::vector<std::int32_t> modules;
  for (const TraceEvent& event : trace.events) modules.push_back(event.module);
  return modules;
}

using Modules = std::vector<std::int32_t>;

TEST(Unit_14_3, AnOpWithAParameterRunsInItsModule) { EXPECT_EQ(placed({op({q}), op({fc1})}), (Modules{q, fc1})); }

TEST(Unit_14_3, WhatLiesBetweenRunsInWhatContainsBothSides) {
  EXPECT_EQ(placed({op({q}), op(), op(), op({k}), op(), op({fc1}), op(), op({fc2})}),
            (Modules{q, attn, attn, k, block0, fc1, mlp, fc2}));
}

TEST(Unit_14_3, BeforeTheFirstAndAfterTheLastPlaceItIsTheModel) {
  EXPECT_EQ(placed({op(), op({fc1}), op()}), (Modules{0, fc1, 0}));
  EXPECT_EQ(placed({op(), op()}), (Modules{0, 0}));
  EXPECT_EQ(placed({}), Modules{});
}

TEST(Unit_14_3, ASharedParameterBelongsToWhereTheStreamIs) {
  // embedding with embed's weight, a layer, and a head that uses the same tensor; then the next step
  EXPECT_EQ(placed({op({embed, head}), op({fc1}), op({embed, head}), op({embed, head}), op({fc1}), op({embed, head})}),
            (Modules{embed, fc1, head, embed, fc1, head}))
      << "nothing comes after the head: the next step begins anew";
  EXPECT_EQ(placed({op({embed, fc1}), op({fc2}), op({embed, fc1})}), (Modules{embed, fc2, embed}))
      << "none comes after fc2";
}

TEST(Unit_14_3, MarksAreKnownPlaces) {
  // Without its marks the sum after fc2 would lie between two blocks, hence in the model.
  EXPECT_EQ(placed({op({fc2}), op(), op({mlp1})}), (Modules{fc2, 0, mlp1}));
  EXPECT_EQ(placed({op({fc2}), op(), op({mlp1})}, {{1, block0}, {2, block0}}), (Modules{fc2, block0, mlp1}));
}

TEST(Unit_14_3, AMarkComesBeforeTheEventOfItsNumber) {
  EXPECT_EQ(placed({op(), op()}, {{0, block0}, {1, block0}}), (Modules{block0, 0}));
  EXPECT_EQ(placed({op(), op()}, {{1, block0}, {2, block0}}), (Modules{0, block0}))
      << "the last one comes after the last event";
  EXPECT_EQ(placed({op(), op()}, {{0, attn}, {0, block0}, {1, block0}, {1, mlp}, {2, fc2}}), (Modules{block0, mlp}))
      << "of several marks at one event, the nearest counts";
}

TEST(Unit_14_3, MarksWithoutEventsPlaceNothing) {
  EXPECT_EQ(placed({}, {{0, block0}}), Modules{});
  EXPECT_EQ(placed({op(), rule(1)}, {{2, block0}, {2, mlp}}), (Modules{0, 0}));
}

TEST(Unit_14_3, AMarkAlsoMovesTheChoiceAmongOwners) {
  EXPECT_EQ(placed({op({embed, head})}, {{0, block1}}), (Modules{head}));
}

TEST(Unit_14_3, ARuleRunsWhereItsOpDid) {
  EXPECT_EQ(placed({op({fc1}, 1), op({}, 2), op({fc2}, 3), rule(3), rule(2), rule(1)}),
            (Modules{fc1, mlp, fc2, fc2, mlp, fc1}));
}

TEST(Unit_14_3, ARuleOfAnOpThatNobodySawRunsInTheModel) {
  EXPECT_EQ(placed({op({fc1}, 0), rule(9), rule(0)}), (Modules{fc1, 0, 0})) << "0 is no node";
}

TEST(Unit_14_3, RulesAreNoEndsEither) {
  EXPECT_EQ(placed({op({fc1}, 1), op({}, 2), rule(1), op({fc2}, 3)}), (Modules{fc1, mlp, fc1, fc2}));
}

TEST(Unit_14_3, WhatWasPlacedIsPlacedAgainAlike) {
  Trace trace{.events = {op(), op({embed, head}, 1), op({}, 2), op({fc1}, 3), op({}, 4), rule(4), rule(1), rule(9)},
              .spans = {},
              .marks = {{4, mlp}, {5, block0}},
              .modules = small_modules()};
  for (const char* time : {"first", "second"}) {
    place_events(trace);
    std::vector<std::int32_t> modules;
    for (const TraceEvent& event : trace.events) modules.push_back(event.module);
    EXPECT_EQ(modules, (Modules{0, embed, 0, fc1, block0, block0, embed, 0})) << time;
  }
}

TEST(Unit_14_3, RulesAreNoPlacesForTheNextStep) {
  EXPECT_EQ(placed({op({fc1}, 1), rule(1), op({}, 2), op({fc2}, 3)}), (Modules{fc1, fc1, mlp, fc2}));
}

}  // namespace
}  // namespace rushlight::test
