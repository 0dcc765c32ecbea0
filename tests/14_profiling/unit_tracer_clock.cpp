// 14.4: the clock is read before the tracer's own work, which belongs to no op.
#include <time.h>

#include "helpers.hpp"

namespace rushlight::test {
namespace {

// What this thread has worked: nobody else's work counts.
std::int64_t worked_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// An op and a rule that take no time, of so many inputs that writing them down does. An eighth of that, as the time of
// the event, can only come from a clock that was read too late.
constexpr std::size_t many = 50'000;

TEST(Unit_14_4, LookingAtAnOpIsNotTheOp) {
  const Array value = zeros({2});
  const std::vector<Tensor> inputs(many, Tensor(value));
  Tracer tracer(worked_ns);
  tracer.start();
  tracer.op(
      {.op = "concat", .value = value, .inputs = inputs, .node = nullptr});  // what lies before belongs to this one
  const std::int64_t before = worked_ns();
  tracer.op({.op = "concat", .value = value, .inputs = inputs, .node = nullptr});
  const std::int64_t took = worked_ns() - before;
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_LT(trace.events[1].duration_ns(), took / 8);
}

TEST(Unit_14_4, LookingAtARuleIsNotTheRule) {
  const Array value = zeros({2});
  const std::vector<Tensor> inputs(many, Tensor(value, true));
  const Tensor y = record("concat", value, inputs, Save::nothing, [](const Backward&) { return Arrays(many); });
  Tracer tracer(worked_ns);
  tracer.start();
  tracer.rule_begins(*y.node());
  const std::int64_t before = worked_ns();
  tracer.rule_ends(*y.node(), {});
  const std::int64_t took = worked_ns() - before;
  const Trace trace = tracer.stop();
  ASSERT_EQ(trace.events.size(), 1U);
  EXPECT_LT(trace.events[0].duration_ns(), took / 8);
}

}  // namespace
}  // namespace rushlight::test
