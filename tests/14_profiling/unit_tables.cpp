// 14.5 and 14.6: sums and boxes, on traces made by hand.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

Trace trace_of(std::vector<TraceEvent> events) {
  return {.events = std::move(events), .spans = {}, .marks = {}, .modules = small_modules()};
}

// --- 14.5 --------------------------------------------------------------------------------------------------------

TEST(Unit_14_5, KnownCostsAddUpAndUnknownOnesAreCounted) {
  CostSum sum;
  sum.add({.flops = 5, .bytes = 8});
  sum.add({.flops = {}, .bytes = 2});
  sum.add({.flops = 7, .bytes = {}});
  sum.add({.flops = 0, .bytes = 0});
  EXPECT_EQ(sum.flops, 12);
  EXPECT_EQ(sum.bytes, 10);
  EXPECT_EQ(sum.unknown_flops, 1);
  EXPECT_EQ(sum.unknown_bytes, 1);
}

TEST(Unit_14_5, ARowForEachOpAndPhaseTheLongestFirst) {
  const std::vector<OpRow> rows = by_op(trace_of(
      {costing(event_of("exp", 0, 10), 4, 8), costing(event_of("mul", 10, 40), 3, 6),
       costing(event_of("exp", 50, 65), 4, {}), costing(event_of("exp", 70, 110, 0, Phase::backward), {}, 1)}));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].op, "exp");
  EXPECT_EQ(rows[0].phase, Phase::backward);
  EXPECT_EQ(rows[0].ns, 40);
  EXPECT_EQ(rows[0].cost.unknown_flops, 1);
  EXPECT_EQ(rows[1].op, "mul");
  EXPECT_EQ(rows[1].calls, 1);
  EXPECT_EQ(rows[2].op, "exp");
  EXPECT_EQ(rows[2].phase, Phase::forward);
  EXPECT_EQ(rows[2].calls, 2);
  EXPECT_EQ(rows[2].ns, 25);
  EXPECT_EQ(rows[2].cost.flops, 8);
  EXPECT_EQ(rows[2].cost.bytes, 8);
  EXPECT_EQ(rows[2].cost.unknown_bytes, 1);
}

TEST(Unit_14_5, OfEqualTimesTheOneThatOccurredFirst) {
  const std::vector<OpRow> rows = by_op(
      trace_of({event_of("tanh", 0, 5), event_of("add", 5, 10), event_of("mul", 10, 30), event_of("abs", 30, 35)}));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].op + rows[1].op + rows[2].op + rows[3].op, "multanhaddabs");
  const std::vector<OpRow> often =
      by_op(trace_of({event_of("tanh", 0, 6), event_of("add", 6, 9), event_of("add", 9, 12)}));
  EXPECT_EQ(often[0].op, "tanh") << "however often the other was called";
}

TEST(Unit_14_5, OfManyEqualTimesTheOrderStays) {
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) names.push_back("op" + std::to_string(i * 37 % 60));
  std::vector<TraceEvent> events;
  std::int64_t time = 0;
  for (const std::string& op : names) events.push_back(event_of(op.c_str(), time, time + 5)), time += 5;
  std::vector<std::string> found;
  for (const OpRow& row : by_op(trace_of(events))) found.push_back(row.op);
  EXPECT_EQ(found, names);
}

TEST(Unit_14_5, ANameIsItsText) {  // not the place where it stands
  const char one[] = "exp", other[] = "exp";
  const std::vector<OpRow> rows = by_op(trace_of({event_of(one, 0, 5), event_of(other, 5, 12)}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].calls, 2);
  EXPECT_EQ(rows[0].ns, 12);
}

TEST(Unit_14_5, WhatTookNoTimeRanAllTheSame) {  // a clock may be coarser than an op
  const Trace trace = trace_of({costing(event_of("add", 3, 3, block10), 6, 24)});
  const std::vector<ModuleRow> rows = by_module(trace);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].path, "blocks.10");
  EXPECT_EQ(rows[1].cost.flops, 6);
  ASSERT_EQ(by_op(trace).size(), 1U);
  EXPECT_EQ(by_op(trace)[0].calls, 1);
}

TEST(Unit_14_5, AModulesTimeIsItsOwnAndThatOfAllInside) {
  const Trace trace = trace_of({costing(event_of("linear", 0, 10, q), 100, 1), event_of("mul", 10, 13, attn),
                                event_of("linear", 13, 20, fc1), event_of("linear", 20, 50, fc1, Phase::backward),
                                event_of("mean", 50, 55, 0), event_of("linear", 60, 62, block10)});
  const std::vector<ModuleRow> rows = by_module(trace);
  std::vector<std::string> paths;
  for (const ModuleRow& row : rows) paths.push_back(row.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"", "blocks.0", "blocks.0.attn", "blocks.0.attn.q", "blocks.0.mlp",
                                             "blocks.0.mlp.fc1", "blocks.10"}));
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_EQ(rows[0].own_ns, 5);
  EXPECT_EQ(rows[0].forward_ns, 27);
  EXPECT_EQ(rows[0].backward_ns, 30);
  EXPECT_EQ(rows[0].total_ns(), 57);
  EXPECT_EQ(rows[1].own_ns, 0);
  EXPECT_EQ(rows[1].total_ns(), 50);
  EXPECT_EQ(rows[2].own_ns, 3);
  EXPECT_EQ(rows[2].total_ns(), 13);
  EXPECT_EQ(rows[3].own_ns, 10);
  EXPECT_EQ(rows[5].forward_ns, 7);
  EXPECT_EQ(rows[5].backward_ns, 30);
  EXPECT_EQ(rows[5].own_ns, 37) << "own time has both phases";
  EXPECT_EQ(rows[1].cost.flops, 100) << "costs too are those of all inside";
  EXPECT_EQ(rows[1].cost.unknown_flops, 3);
  EXPECT_EQ(rows[4].cost.flops, 0);
}

TEST(Unit_14_5, DepthCountsTheModulesAround) {
  const std::vector<ModuleRow> rows =
      by_module(trace_of({event_of("linear", 0, 1, q), event_of("add", 1, 2, block10)}));
  std::vector<std::int32_t> depths;
  for (const ModuleRow& row : rows) depths.push_back(row.depth);
  EXPECT_EQ(depths, (std::vector<std::int32_t>{0, 1, 2, 3, 1})) << "model, blocks.0, attn, q, blocks.10";
}

// What lies in what is said by the paths, not by the order of the list.
Trace trace_in_any_order() {
  Trace trace = trace_of({event_of("mul", 0, 4, 1), event_of("add", 4, 5, 3)});
  trace.modules = {"", "a.b.x", "a.b", "a", "a.bc"};
  return trace;
}

TEST(Unit_14_5, ModulesMayStandInAnyOrder) {
  std::string found;
  for (const ModuleRow& row : by_module(trace_in_any_order())) {
    found += row.path + ":" + std::to_string(row.depth) + ":" + std::to_string(row.forward_ns) + " ";
  }
  EXPECT_EQ(found, ":0:5 a.b.x:3:4 a.b:2:4 a:1:5 ");
}

TEST(Unit_14_5, NoEventsNoRows) {
  EXPECT_TRUE(by_op(trace_of({})).empty());
  EXPECT_TRUE(by_module(trace_of({})).empty());
}

// --- 14.6 --------------------------------------------------------------------------------------------------------

TEST(Unit_14_6, AnEventsBoxesFromTheOutsideIn) {
  const Trace trace = trace_of({event_of("linear", 0, 1, q), event_of("mean", 1, 2, 0, Phase::backward)});
  EXPECT_EQ(boxes_of(trace, trace.events[0]),
            (std::vector<std::string>{"forward", "blocks.0", "blocks.0.attn", "blocks.0.attn.q"}))
      << "\"blocks\" is no module";
  EXPECT_EQ(boxes_of(trace, trace.events[1]), (std::vector<std::string>{"backward"}));
}

TEST(Unit_14_6, BoxesLieInEachOtherInAnyOrderOfTheModules) {
  const Trace trace = trace_in_any_order();
  EXPECT_EQ(boxes_of(trace, trace.events[0]), (std::vector<std::string>{"forward", "a", "a.b", "a.b.x"}));
}

std::string drawn(const std::vector<Box>& boxes) {
  std::string text;
  for (const Box& box : boxes) {
    text += std::string(static_cast<std::size_t>(box.depth), '.') + box.name + " " + std::to_string(box.start_ns) +
            "-" + std::to_string(box.end_ns) + (box.event >= 0 ? " #" + std::to_string(box.event) : "") + "\n";
  }
  return text;
}

TEST(Unit_14_6, NeighboursShareTheirBoxes) {
  const Trace trace =
      trace_of({event_of("linear", 0, 10, q), event_of("mul", 12, 15, attn), event_of("linear", 15, 20, fc1),
                event_of("linear", 21, 30, fc2), event_of("linear", 31, 40, fc2, Phase::backward)});
  EXPECT_EQ(drawn(nest(trace)),
            "forward 0-30\n"
            ".blocks.0 0-30\n"
            "..blocks.0.attn 0-15\n"
            "...blocks.0.attn.q 0-10\n"
            "....linear 0-10 #0\n"
            "...mul 12-15 #1\n"
            "..blocks.0.mlp 15-30\n"
            "...blocks.0.mlp.fc1 15-20\n"
            "....linear 15-20 #2\n"
            "...blocks.0.mlp.fc2 21-30\n"
            "....linear 21-30 #3\n"
            "backward 31-40\n"
            ".blocks.0 31-40\n"
            "..blocks.0.mlp 31-40\n"
            "...blocks.0.mlp.fc2 31-40\n"
            "....linear 31-40 #4\n");
}

TEST(Unit_14_6, ABoxThatHasClosedOpensAnew) {
  const Trace trace = trace_of({event_of("add", 0, 1, fc1), event_of("add", 1, 2, 0), event_of("add", 2, 3, fc1)});
  int opened = 0;
  for (const Box& box : nest(trace)) opened += box.name == "blocks.0";
  EXPECT_EQ(opened, 2);
}

TEST(Unit_14_6, EveryBoxLiesInTheOneAroundIt) {
  Generator g(3);
  std::vector<TraceEvent> events;
  std::int64_t time = 0;
  for (int i = 0; i < 300; ++i) {
    const std::int64_t start = time + static_cast<std::int64_t>(g.below(3)),
                       end = start + 1 + static_cast<std::int64_t>(g.below(9));
    events.push_back(event_of("op", start, end, static_cast<std::int32_t>(g.below(small_modules().size())),
                              g.below(4) == 0 ? Phase::backward : Phase::forward));
    time = end;
  }
  std::vector<Box> around;
  std::size_t ops = 0;
  for (const Box& box : nest(trace_of(events))) {
    ASSERT_LE(static_cast<std::size_t>(box.depth), around.size()) << "a box hangs in the air";
    around.resize(static_cast<std::size_t>(box.depth));
    if (!around.empty()) {
      EXPECT_GE(box.start_ns, around.back().start_ns);
      EXPECT_LE(box.end_ns, around.back().end_ns);
      EXPECT_LT(around.back().event, 0) << "nothing lies in an op";
    }
    around.push_back(box);
    ops += box.event >= 0;
  }
  EXPECT_EQ(ops, 300U);
}

TEST(Unit_14_6, NoEventsNoBoxes) { EXPECT_TRUE(nest(trace_of({})).empty()); }

}  // namespace
}  // namespace rushlight::test
