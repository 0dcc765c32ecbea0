// optimizer_state.cpp: an optimizer's memory as named numbers and arrays, and back.
#include <set>

#include "01_tensor/todo.hpp"
#include "06_optimizers/optimizer.hpp"

namespace rushlight {
// solution helper
namespace {

std::string state_key(int parameter, const std::string& name) { return formatted("{}.{}", {parameter, name}); }

std::string option_key(int group, const char* name) { return formatted("groups.{}.{}", {group, name}); }

// Compares what a state holds with what is expected of it, and keeps a list of complaints.
class Inspector {
 public:
  explicit Inspector(const OptimizerState& state) : state_(state) {
    for (const auto& [name, number] : state.numbers) unexpected_.insert(name);
    for (const auto& [name, array] : state.arrays) unexpected_.insert(name);
  }

  void expect_number(const std::string& name) {
    if (!state_.numbers.contains(name)) complaints_ += formatted("\n  missing: {}", {name});
    unexpected_.erase(name);
  }

  void expect_value(const std::string& name, double value) {
    expect_number(name);
    if (number(name, value) == value) return;
    complaints_ += formatted("\n  {}: the state says {}, this optimizer has {}", {name, number(name, value), value});
  }

  void expect_array(const std::string& name, const Shape& shape) {
    const auto found = state_.arrays.find(name);
    if (found == state_.arrays.end()) {
      complaints_ += formatted("\n  missing: {} {}", {name, shape});
    } else if (found->second.shape() != shape) {
      complaints_ += formatted("\n  {}: the state has {}, the parameter is {}", {name, found->second.shape(), shape});
    }
    unexpected_.erase(name);
  }

  double number(const std::string& name, double otherwise) const {
    const auto found = state_.numbers.find(name);
    return found == state_.numbers.end() ? otherwise : found->second;
  }

  void throw_complaints(const std::string& optimizer) const {
    std::string all = complaints_;
    for (const std::string& name : unexpected_) all += formatted("\n  unexpected: {}", {name});
    if (all.empty()) return;
    throw ValueError(
        "load_state_dict: this state does not fit this {}:{}\nNothing was changed. Build the "
        "optimizer with the same parameters and options as the one that was saved.",
        {optimizer, all});
  }

 private:
  const OptimizerState& state_;
  std::set<std::string> unexpected_;
  std::string complaints_;
};

}  // namespace
// end solution

// 06.6 state_dict  -> {name_, numbers, arrays}; parameters are numbered 0, 1, ... through all groups
// numbers: "<p>.step" of every parameter, "groups.<g>.size" = how many parameters, "groups.<g>.<option>" for each that
// visit_options names.  arrays: "<p>.<name>" for each of buffer_names(g), of the parameters that were stepped; clones,
// because step() goes on writing into the originals.
// Hint: visit_options(g, [&](const char* name, double& value) { ... });
OptimizerState Optimizer::state_dict() {
  // solution 06.6
  OptimizerState result{.optimizer = name_, .numbers = {}, .arrays = {}};
  int p = 0;
  for (int g = 0; g < group_count(); ++g) {
    const std::vector<std::string> names = buffer_names(g);
    for (const State& state : groups_[g].states) {
      result.numbers[state_key(p, "step")] = static_cast<double>(state.step);
      for (std::size_t n = 0; n < state.buffers.size(); ++n) {
        result.arrays[state_key(p, names[n])] = state.buffers[n].clone();
      }
      ++p;
    }
    result.numbers[option_key(g, "size")] = static_cast<double>(groups_[g].states.size());
    visit_options(g, [&](const char* name, double& value) { result.numbers[option_key(g, name)] = value; });
  }
  return result;
  // end solution
}

// 06.6 load_state_dict  the inverse;  all or nothing
// First compare: same optimizer name, same number of groups and sizes, every number there, for each p with step > 0
// every array there with the parameter's shape, nothing left over. Any complaint -> one ValueError that lists them all
// and names the entries. Only then take over options, steps and clones of the arrays.
// Hint: a parameter with step 0 has no arrays; visit_options gives you a reference to write to.
void Optimizer::load_state_dict(const OptimizerState& state) {
  // solution 06.6
  if (state.optimizer != name_) {
    throw ValueError("load_state_dict: the state is of {}, this is {}. Build the optimizer that was saved.",
                     {state.optimizer, name_});
  }
  Inspector inspector(state);
  int p = 0;
  for (int g = 0; g < group_count(); ++g) {
    inspector.expect_value(option_key(g, "size"), static_cast<double>(groups_[g].states.size()));
    visit_options(g, [&](const char* name, double&) { inspector.expect_number(option_key(g, name)); });
    for (const Tensor& parameter : groups_[g].parameters) {
      inspector.expect_number(state_key(p, "step"));
      if (inspector.number(state_key(p, "step"), 0) > 0) {
        for (const std::string& name : buffer_names(g)) inspector.expect_array(state_key(p, name), parameter.shape());
      }
      ++p;
    }
  }
  inspector.throw_complaints(name_);

  p = 0;  // from here on nothing can fail
  for (int g = 0; g < group_count(); ++g) {
    for (State& mine : groups_[g].states) {
      mine = State{.step = static_cast<std::int64_t>(state.numbers.at(state_key(p, "step")))};
      for (const std::string& name : mine.step > 0 ? buffer_names(g) : std::vector<std::string>()) {
        mine.buffers.push_back(state.arrays.at(state_key(p, name)).clone());
      }
      ++p;
    }
    visit_options(g, [&](const char* name, double& value) { value = state.numbers.at(option_key(g, name)); });
  }
  // end solution
}

}  // namespace rushlight
