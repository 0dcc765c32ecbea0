// 14.4: what the tracer writes down. Time is what the test says it is.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// A clock that stands still, and ops that take as long as the test wants: an observer runs while an op is under way.
class Watch {
 public:
  Watch() : before_(set_op_observer([this](const char*, const Array&) { time += op_takes; })) {}
  ~Watch() { set_op_observer(before_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Tracer::Clock clock() {
    return [this] { return time; };
  }

  std::int64_t time = 1000;
  std::int64_t op_takes = 7;

 private:
  OpObserver before_;
};

Tensor leaf(const Shape& shape, std::uint64_t seed) { return Tensor(randn(shape, seed), true); }

TEST(Unit_14_4, AnOpIsWrittenDownWithNameAndShapes) {
  Tracer tracer;
  tracer.start();
  const Tensor y = leaf({2, 3}, 1) * leaf({3}, 2);
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 1U);
  const TraceEvent& event = trace.events[0];
  EXPECT_STREQ(event.op, "mul");
  EXPECT_EQ(event.phase, Phase::forward);
  EXPECT_EQ(event.inputs, (std::vector<Shape>{{2, 3}, {3}}));
  EXPECT_EQ(event.output, (Shape{2, 3}));
  EXPECT_EQ(event.cost.flops, 6);
  EXPECT_EQ(event.cost.bytes, 15 * real_bytes);
  EXPECT_EQ(event.node, y.node()->id);
  EXPECT_EQ(event.rule_cost.flops, 12) << "what the rule will cost";
}

TEST(Unit_14_4, TheCostOfTheRuleKnowsWhoWantsAGradient) {
  Tracer tracer;
  tracer.start();
  const Tensor y = leaf({2, 3}, 1) * Tensor(randn({2, 3}, 2));
  const Tensor z = Tensor(randn({2, 3}, 2)) * Tensor(randn({2, 3}, 2));
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_EQ(trace.events[0].rule_cost.flops, 6);
  EXPECT_EQ(trace.events[1].node, 0U) << "nothing was recorded";
  EXPECT_FALSE(trace.events[1].rule_cost.flops.has_value());
  EXPECT_EQ(trace.events[1].cost.flops, 6);
}

TEST(Unit_14_4, AnOpBeganWhenTheLastOneEnded) {
  Watch watch;
  Tracer tracer(watch.clock());
  const Tensor a = leaf({4}, 1);
  tracer.start();
  const Tensor b = exp(a);
  watch.op_takes = 20;
  const Tensor c = exp(b);
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_EQ(trace.events[0].start_ns, 0) << "times begin with start()";
  EXPECT_EQ(trace.events[0].end_ns, 7);
  EXPECT_EQ(trace.events[1].start_ns, 7);
  EXPECT_EQ(trace.events[1].end_ns, 27);
  EXPECT_EQ(trace.duration_ns, 27);
}

TEST(Unit_14_4, TheTracersOwnTimeBelongsToNoOp) {
  std::int64_t time = 0;
  Tracer tracer([&time] { return ++time; });  // looking at it takes a nanosecond
  const Tensor a = leaf({4}, 1);
  tracer.start();
  const Tensor y = exp(exp(a));
  tracer.rule_begins(*y.node());
  tracer.rule_ends(*y.node(), {});
  const Tensor z = exp(a);
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 4U);
  EXPECT_GT(trace.events[1].start_ns, trace.events[0].end_ns);
  EXPECT_GT(trace.events[3].start_ns, trace.events[2].end_ns) << "nor to the op after a rule";
}

TEST(Unit_14_4, ARuleHasABeginningOfItsOwn) {
  Watch watch;
  Tracer tracer(watch.clock());
  const Tensor y = leaf({2, 3}, 1) * leaf({3}, 2);
  tracer.start();
  watch.time += 100;  // the engine is at work
  tracer.rule_begins(*y.node());
  watch.time += 5;
  tracer.rule_ends(*y.node(), {});
  watch.time += 50;
  const Tensor z = exp(y);
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 2U);
  const TraceEvent& rule = trace.events[0];
  EXPECT_STREQ(rule.op, "mul");
  EXPECT_EQ(rule.phase, Phase::backward);
  EXPECT_EQ(rule.start_ns, 100);
  EXPECT_EQ(rule.end_ns, 105);
  EXPECT_EQ(rule.inputs, (std::vector<Shape>{{2, 3}, {3}}));
  EXPECT_EQ(rule.output, (Shape{2, 3}));
  EXPECT_EQ(rule.node, y.node()->id);
  EXPECT_EQ(rule.cost.flops, 12);
  EXPECT_FALSE(rule.rule_cost.flops.has_value()) << "a rule has no rule";
  EXPECT_EQ(rule.cost.bytes, 24 * real_bytes);
  EXPECT_EQ(trace.events[1].start_ns, 105) << "the next op begins where the rule ended";
}

TEST(Unit_14_4, ABackwardPassIsSeenRuleByRule) {
  const Tensor a = leaf({3, 2}, 1), b = leaf({2, 4}, 2);
  Tracer tracer;
  tracer.start();
  const Tensor y = sum(tanh(matmul(a, b)));
  const Tape tape(y, ones({}));
  const Trace trace = tracer.stop();
  std::vector<std::string> seen;
  for (const TraceEvent& event : trace.events) seen.push_back(std::string(name_of(event.phase)) + " " + event.op);
  EXPECT_EQ(seen, (std::vector<std::string>{"forward matmul", "forward tanh", "forward sum", "backward sum",
                                            "backward tanh", "backward matmul"}));
  EXPECT_EQ(trace.events[0].node, trace.events[5].node);
}

TEST(Unit_14_4, AnOpOfYourOwnIsUnknown) {
  Tracer tracer;
  tracer.start();
  const Tensor x = leaf({2}, 1);
  record("cube", x.value() * x.value() * x.value(), {x}, Save::inputs,
         [](const Backward& bw) -> Arrays { return {bw.grad}; });
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 1U);
  EXPECT_FALSE(trace.events[0].cost.flops.has_value());
  EXPECT_FALSE(trace.events[0].cost.bytes.has_value());
}

TEST(Unit_14_4, ASpanBeginsAFreshOp) {
  Watch watch;
  Tracer tracer(watch.clock());
  const Tensor a = leaf({4}, 1);
  tracer.start();
  watch.time += 500;  // somebody reads data
  {
    const Tracer::Span span(tracer, "forward");
    const Tensor b = exp(a);
  }
  {
    const Tracer::Span span(tracer, "optimizer");
    watch.time += 30;
  }
  const Tensor c = exp(a);
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.spans.size(), 2U);
  EXPECT_STREQ(trace.spans[1].name, "optimizer");
  EXPECT_EQ(trace.spans[1].end_ns - trace.spans[1].start_ns, 30);
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_EQ(trace.events[0].duration_ns(), 7);
  EXPECT_EQ(trace.events[1].duration_ns(), 7) << "what the optimizer took is not the next op's";
}

TEST(Unit_14_4, MemoryIsWhatIsTakenMinusWhatIsGivenBack) {
  const Tensor a(randn({1000}, 1));
  Tracer tracer;
  tracer.start();
  Tensor b = a + a;
  {
    const Array more(Shape{500});
    b = b + b;
  }
  const Tensor c = exp(b);
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 3U);
  EXPECT_EQ(trace.events[0].live_bytes, 1000 * real_bytes);
  EXPECT_EQ(trace.events[1].live_bytes, 2500 * real_bytes) << "both sums and the array beside";
  EXPECT_GE(trace.events[1].peak_bytes, 2500 * real_bytes);
  EXPECT_EQ(trace.events[2].live_bytes, 2000 * real_bytes) << "one sum and its exponential";
  EXPECT_GE(trace.peak_bytes, 2500 * real_bytes);
}

TEST(Unit_14_4, WhatWasAliveBeforeDoesNotCount) {
  Tensor a(randn({1000}, 1));
  Tracer tracer;
  tracer.start();
  a = Tensor(randn({10}, 1));
  const Trace trace = tracer.stop();
  EXPECT_EQ(tracer.live_bytes(), -990 * real_bytes);
  EXPECT_EQ(trace.peak_bytes, 10 * real_bytes);
}

TEST(Unit_14_4, EveryStartIsANewTrace) {
  const Tensor a(randn({4}, 1));
  Tracer tracer;
  tracer.start();
  exp(a);
  EXPECT_EQ(tracer.stop().events.size(), 1U);
  exp(a);
  tracer.start();
  exp(a), exp(a);
  const Trace trace = tracer.stop();
  EXPECT_EQ(trace.events.size(), 2U);
  EXPECT_TRUE(trace.spans.empty());
}

TEST(Unit_14_4, OneListensAtATime) {
  Tracer first, second;
  EXPECT_THROWS_WITH(first.stop(), ValueError, "does not run");
  first.start();
  EXPECT_THROWS_WITH(first.start(), ValueError, "runs already");
  EXPECT_THROWS_WITH(second.start(), ValueError, "listens");
  const Tensor a(randn({4}, 1));
  exp(a);
  EXPECT_EQ(first.stop().events.size(), 1U) << "the refused one took nothing away";
}

TEST(Unit_14_4, ParametersTellWhoOwnsTheOp) {
  Sequential net = small_mlp();
  const Tensor x(randn({5, 6}, 1));
  Tracer tracer;
  tracer.watch(net);
  EXPECT_THROWS_WITH(tracer.watch(net), ValueError, "watches");
  tracer.start();
  net.forward(x);
  const Trace trace = tracer.stop();
  EXPECT_EQ(trace.modules, (std::vector<std::string>{"", "0", "1", "2"}));
  ASSERT_EQ(trace.events.size(), 3U);
  EXPECT_EQ(trace.events[0].owners, (std::vector<std::int32_t>{1}));
  EXPECT_TRUE(trace.events[1].owners.empty());
  EXPECT_EQ(trace.events[2].owners, (std::vector<std::int32_t>{3}));
  EXPECT_EQ(trace.events[2].module, 3);
}

TEST(Unit_14_4, ATracerThatGoesListensNoMore) {
  const Tensor a(randn({4}, 1));
  {
    Tracer tracer;
    tracer.start();
    exp(a);
  }
  exp(a);
  Tracer next;
  next.start();
  EXPECT_TRUE(next.stop().events.empty());
}

}  // namespace
}  // namespace rushlight::test
