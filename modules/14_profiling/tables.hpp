// tables.hpp: from a list of events to what one wants to know: which op, and which module, takes the time.
#pragma once

#include <string>
#include <vector>

#include "14_profiling/trace.hpp"

namespace rushlight {

// A sum of costs. What is known is added up; how often something was not known is counted beside it.
struct CostSum {
  std::int64_t flops = 0, bytes = 0;
  std::int64_t unknown_flops = 0, unknown_bytes = 0;  // how many of the costs had none

  void add(const Cost& cost);
};

struct OpRow {
  std::string op;
  Phase phase = Phase::forward;
  std::int64_t calls = 0;
  std::int64_t ns = 0;
  CostSum cost = {};
};

struct ModuleRow {
  std::string path;
  std::int32_t depth = 0;        // how many modules it lies in; the model itself in none
  std::int64_t own_ns = 0;       // of events that ran in it and in no module inside it
  std::int64_t forward_ns = 0;   // of it and all modules inside
  std::int64_t backward_ns = 0;  // the same
  CostSum cost = {};             // the same, both phases
  std::int64_t total_ns() const { return forward_ns + backward_ns; }
};

// --- 14.5 (tables.cpp) -----------------------------------------------------------------------------------------------

// One row for each op and phase that occurs, the longest time first; of equal times the one that occurred first.
std::vector<OpRow> by_op(const Trace& trace);

// One row for each module in which, or inside which, something ran, in the order of trace.modules.
std::vector<ModuleRow> by_module(const Trace& trace);

// --- given (print_tables.cpp) ----------------------------------------------------------------------------------------

std::string table_by_op(const Trace& trace);      // time, share of all events, GFLOP/s, GB/s; "?" where unknown
std::string table_by_module(const Trace& trace);  // the same, indented
std::string human_count(double number, const char* unit);  // 1.23 G…, three digits

}  // namespace rushlight
