// 14.4: what else may happen between two moments that a tracer writes down.
#include "05_autograd/autograd.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// A clock that stands still until the test moves it.
struct StoppedClock {
  Tracer::Clock clock() {
    return [this] { return time; };
  }
  std::int64_t time = 50;
};

TEST(Unit_14_4, OwnersAreKnownWithoutAGraph) {
  Sequential net = small_mlp();
  Tracer tracer;
  tracer.watch(net);
  tracer.start();
  {
    const NoGrad off;
    net.forward(Tensor(randn({5, 6}, 1)));
  }
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 3U);
  for (const TraceEvent& event : trace.events) EXPECT_EQ(event.node, 0U);
  EXPECT_EQ(trace.events[0].owners, (std::vector<std::int32_t>{1}));
  EXPECT_TRUE(trace.events[1].owners.empty());
  EXPECT_EQ(trace.events[2].owners, (std::vector<std::int32_t>{3}));
}

TEST(Unit_14_4, TheFirstParameterTellsTheOwnersWhereverItStands) {
  Sequential net = small_mlp();
  Tracer tracer;
  tracer.watch(net);
  const NamedTensors parameters = net.named_parameters();  // 0.weight (8, 6), 0.bias, 2.weight (3, 8), 2.bias
  tracer.start();
  const Tensor stranger(randn({6, 3}, 1), true);
  matmul(parameters[0].second, stranger);
  matmul(stranger, parameters[2].second);
  matmul(parameters[2].second, parameters[0].second);
  matmul(stranger, stranger, {.transpose_b = true});
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 4U);
  EXPECT_EQ(trace.events[0].owners, (std::vector<std::int32_t>{1}));
  EXPECT_EQ(trace.events[1].owners, (std::vector<std::int32_t>{3}));
  EXPECT_EQ(trace.events[2].owners, (std::vector<std::int32_t>{3})) << "of two parameters the first";
  EXPECT_TRUE(trace.events[3].owners.empty());
}

TEST(Unit_14_4, WhatHappensInsideARuleTakesNothingFromItsTime) {
  StoppedClock watch;
  Tracer tracer(watch.clock());
  const Tensor a(randn({4}, 1), true), y = exp(a);
  tracer.start();
  tracer.rule_begins(*y.node());
  watch.time += 5;
  { const Tracer::Span span(tracer, "inside"); }
  watch.time += 7;
  const Tensor inner = exp(a);  // such as one that a hook computes
  watch.time += 11;
  tracer.rule_ends(*y.node(), {});
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_EQ(trace.events[0].start_ns, 5) << "the span's end";
  EXPECT_EQ(trace.events[0].end_ns, 12);
  EXPECT_EQ(trace.events[1].phase, Phase::backward);
  EXPECT_EQ(trace.events[1].start_ns, 0);
  EXPECT_EQ(trace.events[1].end_ns, 23);
}

TEST(Unit_14_4, EveryRuleBeginsAnew) {
  StoppedClock watch;
  Tracer tracer(watch.clock());
  const Tensor y = exp(exp(Tensor(randn({4}, 1), true)));
  for (const char* run : {"first trace", "second trace"}) {
    tracer.start();
    std::int64_t began = 0;
    for (const std::int64_t takes : {3, 4}) {
      watch.time += 10;
      began += 10;
      tracer.rule_begins(*y.node());
      watch.time += takes;
      tracer.rule_ends(*y.node(), {});
      began += takes;
    }
    const Trace trace = tracer.stop();
    ASSERT_EQ(trace.events.size(), 2U) << run;
    EXPECT_EQ(trace.events[0].start_ns, 10) << run;
    EXPECT_EQ(trace.events[0].end_ns, 13) << run;
    EXPECT_EQ(trace.events[1].start_ns, 23) << run;
    EXPECT_EQ(trace.events[1].end_ns, began) << run;
  }
}

}  // namespace
}  // namespace rushlight::test
