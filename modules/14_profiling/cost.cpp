// cost.cpp: from a rule of the table to numbers.
#include "14_profiling/cost.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.2 find_rule  name -> its rule in cost_table(), or null
// Hint: the table is short, and its address never changes.
const CostRule* find_rule(std::string_view op) {
  todo("14.2");
}

// 14.2 flops_of  rule, work -> FLOPs, or empty when the rule has neither a product nor FLOPs an element
//   forward elements · Σ forward[i] over the inputs that are there;  backward elements · Σ backward[i] over those that
//   want a gradient (work.needs);  elements: of the output, or of input 0
// Hint: an op may have more inputs than the list has numbers; those add nothing.
std::optional<std::int64_t> flops_of(const CostRule& rule, const Work& work) {
  todo("14.2");
}

// 14.2 bytes_of  rule, work -> bytes that must travel, sizeof(Real) a number
//   everything: forward inputs + output;  backward output (the incoming gradient) + saved inputs + saved output + the
//   inputs whose gradient is wanted.  chosen: forward 2 · output, backward as everything.  none: 0
// Hint: work.save holds bits: Save::inputs, Save::output, both in Save::all.
std::int64_t bytes_of(const CostRule& rule, const Work& work) {
  todo("14.2");
}

// 14.2 cost_of  work -> both, each empty when it is unknown
// Hint: find_rule. A 0 for an op that is not in the table would look like an op that costs nothing.
Cost cost_of(const Work& work) {
  todo("14.2");
}

}  // namespace rushlight
