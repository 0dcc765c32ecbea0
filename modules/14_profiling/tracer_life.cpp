// tracer_life.cpp: given. How a Tracer begins and ends, and what it knows of the model.
#include <array>
#include <chrono>
#include <utility>

#include "14_profiling/trace.hpp"

namespace rushlight {
namespace {

// Where a branch leaves or joins the stream of a block. A hook there is told of every tensor that passes, and none of
// them makes a layer compute differently, as one on scores or norms would.
constexpr std::array<std::string_view, 7> places_on_the_stream{
    "hook_resid_pre",     "hook_attn_out",       "hook_resid_mid", "hook_mlp_out",
    "hook_self_attn_out", "hook_cross_attn_out", "hook_resid_post"};

std::string parent_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

bool on_the_stream(const std::string& path) {
  const std::string name = path.substr(path.rfind('.') + 1);  // npos + 1 is 0
  return std::find(places_on_the_stream.begin(), places_on_the_stream.end(), name) != places_on_the_stream.end();
}

}  // namespace

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t Trace::in_events_ns() const {
  std::int64_t sum = 0;
  for (const TraceEvent& event : events) sum += event.duration_ns();
  return sum;
}

Tracer::~Tracer() {
  if (running_) set_op_listener(nullptr);
}

void Tracer::watch(Module& model) {
  if (paths_.size() > 1 || !owners_.empty() || running_) {
    throw ValueError("Tracer: it watches a model, or runs, already. Watch one model, before start().");
  }
  std::unordered_map<std::string, std::int32_t> index{{"", 0}};
  visit_members(model, {.module =
                            [&](const std::string& path, Module&) {
                              if (index.emplace(path, static_cast<std::int32_t>(paths_.size())).second) {
                                paths_.push_back(path);
                              }
                            },
                        .parameter =
                            [&](const std::string& path, Tensor& parameter) {
                              owners_[parameter.identity()].push_back(index.at(parent_of(path)));
                            }});
  const NameFilter stream = [](const std::string& name) { return on_the_stream(name); };
  for (const auto& [name, point] : hook_points(model, stream)) {
    const std::int32_t module = index.at(parent_of(name));
    handles_.push_back(point->add_hook([this, module](const Tensor&, HookPlace&) {
      if (running_) trace_.marks.push_back({trace_.events.size(), module});
      return Tensor();
    }));
  }
}

void Tracer::start() {
  if (running_) throw ValueError("Tracer: it runs already. Call stop() first.");
  if (OpListener* other = set_op_listener(this); other != nullptr) {
    set_op_listener(other);
    throw ValueError("Tracer: something listens to this thread already. Stop it first: only one can.");
  }
  running_ = true;
  trace_ = Trace();
  trace_.modules = paths_;
  live_bytes_ = highest_bytes_ = 0;
  began_ns_ = clock_();
  last_ns_ = 0;
}

Trace Tracer::stop() {
  if (!running_) throw ValueError("Tracer: it does not run. Call start() first.");
  running_ = false;
  set_op_listener(nullptr);
  trace_.duration_ns = now();
  trace_.peak_bytes = std::max(trace_.peak_bytes, highest_bytes_);
  Trace trace = std::exchange(trace_, Trace());
  place_events(trace);
  return trace;
}

std::vector<std::int32_t> Tracer::owners_of(std::span<const Tensor> inputs) const {
  for (const Tensor& input : inputs) {
    if (const auto found = owners_.find(input.identity()); found != owners_.end()) return found->second;
  }
  return {};
}

void Tracer::add(TraceEvent event) {
  event.live_bytes = live_bytes_;
  event.peak_bytes = highest_bytes_;
  trace_.peak_bytes = std::max(trace_.peak_bytes, highest_bytes_);
  highest_bytes_ = live_bytes_;
  trace_.events.push_back(std::move(event));
}

Tracer::Span::Span(Tracer& tracer, const char* name) : tracer_(tracer), name_(name), start_ns_(tracer.now()) {
  tracer_.last_ns_ = start_ns_;
}

Tracer::Span::~Span() {
  if (!tracer_.running_) return;
  tracer_.last_ns_ = tracer_.now();
  tracer_.trace_.spans.push_back({name_, start_ns_, tracer_.last_ns_});
}

}  // namespace rushlight
