// chrome_trace.cpp: given. The format is described in "Trace Event Format" (Duca and Sinclair, 2016).
#include "14_profiling/pictures.hpp"

namespace rushlight {
namespace {

constexpr int ops_thread = 1, spans_thread = 2;

// A JSON string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

// Microseconds, to the nanosecond: a box must not reach over the one around it by a rounding.
std::string micro(std::int64_t ns) { return formatted("{}.{:03}", {ns / 1000, ns % 1000}); }

std::string named(const char* what, int thread, const std::string& name) {
  return formatted(R"({{"ph":"M","pid":1,"tid":{},"name":"{}","args":{{"name":{}}}}})", {thread, what, quoted(name)});
}

std::string box(const std::string& name, const char* category, int thread, std::int64_t start, std::int64_t end,
                const std::string& arguments = "") {
  return formatted(R"({{"ph":"X","pid":1,"tid":{},"name":{},"cat":"{}","ts":{},"dur":{},"args":{{{}}}}})",
                   {thread, quoted(name), category, micro(start), micro(end - start), arguments});
}

std::string count(const std::optional<std::int64_t>& number) {
  return number ? formatted("{}", {*number}) : "\"unknown\"";
}

std::string shapes(const std::vector<Shape>& inputs) {
  std::string text;
  for (const Shape& shape : inputs) text += (text.empty() ? "" : " ") + shape.str();
  return text;
}

std::string details(const TraceEvent& event) {
  return formatted(
      R"("inputs":{},"output":{},"flops":{},"bytes":{})",
      {quoted(shapes(event.inputs)), quoted(event.output.str()), count(event.cost.flops), count(event.cost.bytes)});
}

std::string memory(const TraceEvent& event) {
  return formatted(R"({{"ph":"C","pid":1,"tid":1,"name":"memory","ts":{},"args":{{"live bytes":{}}}}})",
                   {micro(event.end_ns), event.live_bytes});
}

}  // namespace

std::string chrome_trace(const Trace& trace) {
  std::vector<std::string> lines{named("process_name", ops_thread, "Rushlight"),
                                 named("thread_name", ops_thread, "ops"), named("thread_name", spans_thread, "spans")};
  for (const TraceSpan& span : trace.spans) {
    lines.push_back(box(span.name, "span", spans_thread, span.start_ns, span.end_ns));
  }
  for (const Box& each : nest(trace)) {
    const bool op = each.event >= 0;
    const auto index = static_cast<std::size_t>(each.event);
    lines.push_back(box(each.name, op ? "op" : "module", ops_thread, each.start_ns, each.end_ns,
                        op ? details(trace.events[index]) : ""));
    if (op) lines.push_back(memory(trace.events[index]));
  }
  std::string text = formatted(R"({{"displayTimeUnit":"ns","otherData":{{"convention":{}}},"traceEvents":[)",
                               {quoted(flop_convention)});
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "\n" : ",\n") + lines[i];
  return text + "\n]}\n";
}

}  // namespace rushlight
