// cost.cpp: from a rule of the table to numbers.
#include "14_profiling/cost.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.2 find_rule  name -> its rule in cost_table(), or null
// Hint: the table is short, and its address never changes.
const CostRule* find_rule(std::string_view op) {
  for (const CostRule& rule : cost_table()) {
    if (rule.op == op) return &rule;
  }
  return nullptr;
}

namespace {  // solution

bool saves(Save save, Save part) { return (static_cast<int>(save) & static_cast<int>(part)) != 0; }

bool wants(const Work& work, std::size_t i) { return i < work.needs.size() && work.needs[i]; }

}  // namespace

// 14.2 flops_of  rule, work -> FLOPs, or empty when the rule has neither a product nor FLOPs an element
//   forward elements · Σ forward[i] over the inputs that are there;  backward elements · Σ backward[i] over those that
//   want a gradient (work.needs);  elements: of the output, or of input 0
// Hint: an op may have more inputs than the list has numbers; those add nothing.
std::optional<std::int64_t> flops_of(const CostRule& rule, const Work& work) {
  if (rule.product != nullptr) return rule.product(work);
  if (rule.forward.empty() && rule.backward.empty()) return {};
  const bool forward = work.phase == Phase::forward;
  const std::vector<std::int64_t>& counts = forward ? rule.forward : rule.backward;
  const Shape& measured = rule.measure == Measure::output ? work.output : work.inputs[0];
  std::int64_t each = 0;
  for (std::size_t i = 0; i < counts.size() && i < work.inputs.size(); ++i) {
    if (forward || wants(work, i)) each += counts[i];
  }
  return measured.numel() * each;
}

// 14.2 bytes_of  rule, work -> bytes that must travel, sizeof(Real) a number
//   everything: forward inputs + output;  backward output (the incoming gradient) + saved inputs + saved output + the
//   inputs whose gradient is wanted.  chosen: forward 2 · output, backward as everything.  none: 0
// Hint: work.save holds bits: Save::inputs, Save::output, both in Save::all.
std::int64_t bytes_of(const CostRule& rule, const Work& work) {
  if (rule.traffic == Traffic::none) return 0;
  std::int64_t numbers = work.output.numel();
  if (work.phase == Phase::forward && rule.traffic == Traffic::chosen) {
    numbers *= 2;
  } else if (work.phase == Phase::forward) {
    for (const Shape& input : work.inputs) numbers += input.numel();
  } else {
    if (saves(work.save, Save::output)) numbers += work.output.numel();
    for (std::size_t i = 0; i < work.inputs.size(); ++i) {
      numbers += work.inputs[i].numel() * (saves(work.save, Save::inputs) + wants(work, i));
    }
  }
  return numbers * static_cast<std::int64_t>(sizeof(Real));
}

// 14.2 cost_of  work -> both, each empty when it is unknown
// Hint: find_rule. A 0 for an op that is not in the table would look like an op that costs nothing.
Cost cost_of(const Work& work) {
  const CostRule* rule = find_rule(work.op);
  if (rule == nullptr) return {};
  return {flops_of(*rule, work), bytes_of(*rule, work)};
}

}  // namespace rushlight
