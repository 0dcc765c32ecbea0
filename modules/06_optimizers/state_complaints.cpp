// state_complaints.cpp: given. A state that does not fit is refused with the whole list of reasons.
#include "06_optimizers/state_complaints.hpp"

#include <cmath>

namespace rushlight {

StateComplaints::StateComplaints(const OptimizerState& state) : state_(state) {
  for (const auto& [name, number] : state.numbers) unexpected_numbers_.insert(name);
  for (const auto& [name, array] : state.arrays) unexpected_arrays_.insert(name);
}

void StateComplaints::expect_number(const std::string& name) {
  if (!state_.numbers.contains(name)) complaints_ += formatted("\n  missing: {}", {name});
  unexpected_numbers_.erase(name);
}

void StateComplaints::expect_number(const std::string& name, double value) {
  expect_number(name);
  const auto found = state_.numbers.find(name);
  if (found == state_.numbers.end() || found->second == value) return;
  complaints_ += formatted("\n  {}: the state says {}, this optimizer has {}", {name, found->second, value});
}

void StateComplaints::expect_count(const std::string& name) {
  constexpr double most = 1LL << 53;  // up to here a double tells all whole numbers apart
  expect_number(name);
  const auto found = state_.numbers.find(name);
  if (found == state_.numbers.end()) return;
  const double value = found->second;
  if (value >= 0 && value <= most && value == std::floor(value)) return;
  complaints_ += formatted("\n  {}: the state says {}; it should be a whole number, 0 or more", {name, value});
}

void StateComplaints::expect_array(const std::string& name, const Shape& shape) {
  const auto found = state_.arrays.find(name);
  if (found == state_.arrays.end()) {
    complaints_ += formatted("\n  missing: {} {}", {name, shape});
  } else if (!found->second.defined()) {  // its shape is that of a single number
    complaints_ += formatted("\n  {}: the state has an undefined array, the parameter is {}", {name, shape});
  } else if (found->second.shape() != shape) {
    complaints_ += formatted("\n  {}: the state has {}, the parameter is {}", {name, found->second.shape(), shape});
  }
  unexpected_arrays_.erase(name);
}

void StateComplaints::throw_if_any(const std::string& optimizer) const {
  std::string all = complaints_;
  for (const auto* names : {&unexpected_numbers_, &unexpected_arrays_}) {
    for (const std::string& name : *names) all += formatted("\n  unexpected: {}", {name});
  }
  if (all.empty()) return;
  throw ValueError(
      "load_state_dict: this state does not fit this {}:{}\nNothing was changed. Build the optimizer with the same "
      "parameters and options as the one that was saved.",
      {optimizer, all});
}

}  // namespace rushlight
