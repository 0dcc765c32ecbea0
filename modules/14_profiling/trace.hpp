// trace.hpp: what ran, when, on what, and how much memory was alive. A Tracer listens to every op of its thread.
//
//   Tracer tracer;
//   tracer.watch(gpt);                                  // so that ops know the module they ran in
//   tracer.start();
//   {
//     const Tracer::Span span(tracer, "forward");
//     loss = cross_entropy(gpt(ids), labels);
//   }
//   const Trace trace = tracer.stop();
//
// It changes no value and no gradient, to the bit: it looks at shapes and never at numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "01_tensor/op_listener.hpp"
#include "13_transformers/hooks.hpp"
#include "14_profiling/cost.hpp"

namespace rushlight {

struct TraceEvent {
  const char* op;
  Phase phase = Phase::forward;
  std::int64_t start_ns = 0;  // since start()
  std::int64_t end_ns = 0;
  std::vector<Shape> inputs;
  Shape output;
  Cost cost;
  Cost rule_cost;               // forward: what its rule will cost; empty where nothing was recorded
  std::uint64_t node = 0;       // forward and backward of one op have the same; 0: not recorded
  std::int64_t live_bytes = 0;  // at the end of the op: taken minus given back since start()
  std::int64_t peak_bytes = 0;  // the most that was alive at once since the event before
  std::vector<std::int32_t>
      owners;               // modules that own the first parameter among the inputs; several when they share it
  std::int32_t module = 0;  // where it ran, an index of Trace::modules; place_events() finds out

  std::int64_t duration_ns() const { return end_ns - start_ns; }
};

// A part of the run that was given a name. The optimizer's step is none of the ops, so it shows only so.
struct TraceSpan {
  const char* name;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};

// Events up to `event` (not included) had ended when the stream passed a place that is known to be in `module`.
struct TraceMark {
  std::size_t event;
  std::int32_t module;
};

struct Trace {
  std::vector<TraceEvent> events;  // in the order in which they ended
  std::vector<TraceSpan> spans;    // in the order in which they ended
  std::vector<TraceMark> marks;
  std::vector<std::string> modules{""};  // paths in the order of members(); the model itself is "", and comes first
  std::int64_t duration_ns = 0;          // from start() to stop()
  std::int64_t peak_bytes = 0;           // the most that was alive at once, beyond what was alive at start()

  std::int64_t in_events_ns() const;  // the sum of all durations; the rest of duration_ns was outside any op
};

// Nanoseconds of a clock that never goes back.
std::int64_t steady_ns();

// For one thread, the one that calls start(): ops and memory of others are not seen.
class Tracer : public OpListener {
 public:
  using Clock = std::function<std::int64_t()>;
  explicit Tracer(Clock clock = steady_ns) : clock_(std::move(clock)) {}
  ~Tracer() override;
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // Remembers which module owns which parameter, and hangs listening hooks at the hook points where a block's branches
  // join its stream, which no parameter would show. One model, before start(); it must stay where it is until the tracer
  // is gone. Throws ValueError for a second one.
  void watch(Module& model);

  void start();  // throws ValueError when something listens in this thread already
  Trace stop();  // after place_events(). Throws ValueError when it was not started; can be started again

  class Span {
   public:
    Span(Tracer& tracer, const char* name);  // the name must outlive the trace: a literal does
    ~Span();
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    Tracer& tracer_;
    const char* name_;
    std::int64_t start_ns_;
  };

  std::int64_t live_bytes() const { return live_bytes_; }  // taken minus given back since start()

  // --- 14.4 what is written down (tracer.cpp) ----------------------------------------------------------------------

  // An op announces itself when it is done, so it began when the last thing before it ended: at last_ns_.
  // Adds the forward event: from last_ns_ to now, with the cost and, if it has a node, the node's id and the cost of its
  // rule. At its very end sets last_ns_ to the time by then: what the tracer itself took belongs to no op.
  void op(const OpCall& call) override;
  // Notes the time.
  void rule_begins(const Node& node) override;
  // Adds the backward event: from there to now, with the same name, shapes and id as its op; what the rule cost depends
  // on the inputs that have a node. Sets last_ns_ as op() does.
  void rule_ends(const Node& node, const Arrays& gradients) override;

  // Given.
  void memory(std::int64_t bytes) noexcept override {
    live_bytes_ += bytes;
    highest_bytes_ = std::max(highest_bytes_, live_bytes_);
  }

 private:
  std::int64_t now() const { return clock_() - began_ns_; }  // since start()
  // Given: the modules of the first input that is a parameter of the watched model; none: empty.
  std::vector<std::int32_t> owners_of(std::span<const Tensor> inputs) const;
  // Given: adds memory to the event and the event to the trace.
  void add(TraceEvent event);

  Clock clock_;
  bool running_ = false;
  std::int64_t began_ns_ = 0;       // on the clock
  std::int64_t last_ns_ = 0;        // when the last event or span began or ended
  std::int64_t rule_start_ns_ = 0;  // when the last rule began
  std::int64_t live_bytes_ = 0, highest_bytes_ = 0;
  Trace trace_;
  std::vector<std::string> paths_{""};
  std::unordered_map<const void*, std::vector<std::int32_t>> owners_;  // by Tensor::identity()
  std::vector<HookPointHandle> handles_;
};

// What there is to count. Given (work.cpp).
Work work_of(const OpCall& call);     // of an op
Work rule_work_of(const Node& node);  // of its rule

// --- 14.3 where it ran (places.cpp) --------------------------------------------------------------------------------

// The innermost module that contains both, itself counting as inside itself: of "blocks.0.mlp.fc1" and
// "blocks.0.mlp.fc2" that is "blocks.0.mlp"; of "blocks.0" and "blocks.1" it is "", since "blocks" is no module.
// modules: paths, the model itself first, as "", the others in any order; a and b: indices.
std::int32_t common_module(const std::vector<std::string>& modules, std::int32_t a, std::int32_t b);

// Sets `module` of every event.
// A forward event with owners runs in one of them: in the first that comes after the module of the last known place, or
// in the first of all where there is none such. (A GPT's head shares its weight with the embedding.) It and every mark
// are known places.
// Any other forward event runs in the common_module of the known places before it and after it, in the model itself
// ("", index 0) where there is none on one side. A mark at event i comes before event i.
// A backward event runs where its op ran: where the forward event with the same node did, or else in the model itself.
// Node 0 is no node: nothing was recorded.
void place_events(Trace& trace);

}  // namespace rushlight
