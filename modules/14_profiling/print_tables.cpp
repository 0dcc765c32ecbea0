// print_tables.cpp: given. Rows as text.
#include <array>
#include <cmath>

#include "14_profiling/tables.hpp"

namespace rushlight {
namespace {

double ms(std::int64_t ns) { return static_cast<double>(ns) * 1e-6; }

double share(std::int64_t part, std::int64_t all) {
  return all > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(all) : 0.0;
}

// Per second, as giga; "?" where a part is unknown.
std::string giga(std::int64_t amount, std::int64_t unknown, std::int64_t ns) {
  if (unknown > 0) return "?";
  if (ns <= 0) return "-";
  return formatted("{:.2f}", {static_cast<double>(amount) / static_cast<double>(ns)});
}

std::string head(const Trace& trace) {
  const std::int64_t inside = trace.in_events_ns();
  return formatted(
      "{:.3f} ms in all, {:.3f} ms of them in ops; at most {} alive; {}\n",
      {ms(trace.duration_ns), ms(inside), human_count(static_cast<double>(trace.peak_bytes), "B"), flop_convention});
}

}  // namespace

std::string human_count(double number, const char* unit) {
  constexpr std::array<const char*, 5> prefixes{"", "k", "M", "G", "T"};
  std::size_t i = 0;
  while (std::abs(number) >= 1000 && i + 1 < prefixes.size()) number /= 1000, ++i;
  return formatted("{:.4g} {}{}", {number, prefixes[i], unit});
}

std::string table_by_op(const Trace& trace) {
  std::string text = head(trace);
  text +=
      formatted("{:<24} {:<9}{:>7}{:>11}{:>8}{:>9}{:>9}\n", {"op", "phase", "calls", "ms", "share", "GFLOP/s", "GB/s"});
  const std::int64_t all = trace.in_events_ns();
  for (const OpRow& row : by_op(trace)) {
    text += formatted(
        "{:<24} {:<9}{:>7}{:>11.3f}{:>7.1f}%{:>9}{:>9}\n",
        {row.op, name_of(row.phase), row.calls, ms(row.ns), share(row.ns, all),
         giga(row.cost.flops, row.cost.unknown_flops, row.ns), giga(row.cost.bytes, row.cost.unknown_bytes, row.ns)});
  }
  return text;
}

std::string table_by_module(const Trace& trace) {
  std::string text = formatted("{:<34}{:>11}{:>8}{:>12}{:>13}{:>11}{:>9}\n",
                               {"module", "ms", "share", "forward ms", "backward ms", "own ms", "GFLOP/s"});
  const std::int64_t all = trace.in_events_ns();
  for (const ModuleRow& row : by_module(trace)) {
    const std::string name =
        std::string(2 * static_cast<std::size_t>(row.depth), ' ') + (row.path.empty() ? "(all)" : row.path);
    text += formatted("{:<34}{:>11.3f}{:>7.1f}%{:>12.3f}{:>13.3f}{:>11.3f}{:>9}\n",
                      {name, ms(row.total_ns()), share(row.total_ns(), all), ms(row.forward_ns), ms(row.backward_ns),
                       ms(row.own_ns), giga(row.cost.flops, row.cost.unknown_flops, row.total_ns())});
  }
  return text;
}

}  // namespace rushlight
