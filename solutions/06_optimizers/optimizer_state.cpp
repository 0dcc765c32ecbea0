// optimizer_state.cpp: an optimizer's memory as named numbers and arrays, and back.
#include "01_tensor/todo.hpp"
#include "06_optimizers/state_complaints.hpp"

namespace rushlight {
namespace {  // solution

std::string state_key(int parameter, const std::string& name) { return formatted("{}.{}", {parameter, name}); }

std::string option_key(int group, const char* name) { return formatted("groups.{}.{}", {group, name}); }

}  // namespace

// 06.6 state_dict  -> {name_, numbers, arrays}; parameters are numbered 0, 1, ... through all groups
// numbers: "<p>.step" of every parameter, "groups.<g>.size" = how many parameters, "groups.<g>.<option>" for each that
// visit_options names.  arrays: "<p>.<name>" for each of buffer_names(g), of the parameters that were stepped; clones,
// because step() goes on writing into the originals.
// Hint: visit_options(g, [&](const char* name, double& value) { ... });
OptimizerState Optimizer::state_dict() {
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
}

// 06.6 load_state_dict  the inverse;  all or nothing
// First compare: same optimizer name (else ValueError), same number of groups and sizes, every number there, for each p
// with step > 0 every array there with the parameter's shape, nothing left over, every step a whole number from 0 on.
// StateComplaints collects whatever does not fit into one ValueError. Then every group's options must pass
// check_options (given). Only then take over options, steps and clones of the arrays.
// Hint: a parameter with step 0 has no arrays; visit_options gives you a reference to write to;
// check_options(g, [&](const char* name) { return <the saved value of option `name` of group g>; }).
void Optimizer::load_state_dict(const OptimizerState& state) {
  if (state.optimizer != name_) {
    throw ValueError("load_state_dict: the state is of {}, this is {}. Build the optimizer that was saved.",
                     {state.optimizer, name_});
  }
  StateComplaints complaints(state);
  int p = 0;
  for (int g = 0; g < group_count(); ++g) {
    complaints.expect_number(option_key(g, "size"), static_cast<double>(groups_[g].states.size()));
    visit_options(g, [&](const char* name, double&) { complaints.expect_number(option_key(g, name)); });
    for (const Tensor& parameter : groups_[g].parameters) {
      const std::string step = state_key(p, "step");
      complaints.expect_count(step);
      if (state.numbers.contains(step) && state.numbers.at(step) > 0) {
        for (const std::string& name : buffer_names(g)) complaints.expect_array(state_key(p, name), parameter.shape());
      }
      ++p;
    }
  }
  complaints.throw_if_any(name_);
  for (int g = 0; g < group_count(); ++g) {
    check_options(g, [&](const char* name) { return state.numbers.at(option_key(g, name)); });
  }

  p = 0;  // from here on nothing can fail
  for (int g = 0; g < group_count(); ++g) {
    for (std::size_t i = 0; i < groups_[g].states.size(); ++i) {
      State& mine = groups_[g].states[i];
      const Device device = groups_[g].parameters[i].value().device();
      mine = State{.step = static_cast<std::int64_t>(state.numbers.at(state_key(p, "step")))};
      for (const std::string& name : mine.step > 0 ? buffer_names(g) : std::vector<std::string>()) {
        mine.buffers.push_back(state.arrays.at(state_key(p, name)).clone().to(device));
      }
      ++p;
    }
    visit_options(g, [&](const char* name, double& value) { value = state.numbers.at(option_key(g, name)); });
  }
}

}  // namespace rushlight
