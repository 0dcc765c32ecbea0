// optimizer_state.cpp: an optimizer's memory as named numbers and arrays, and back.
#include "01_tensor/todo.hpp"
#include "06_optimizers/state_complaints.hpp"

namespace rushlight {

// 06.6 state_dict  -> {name_, numbers, arrays}; parameters are numbered 0, 1, ... through all groups
// numbers: "<p>.step" of every parameter, "groups.<g>.size" = how many parameters, "groups.<g>.<option>" for each that
// visit_options names.  arrays: "<p>.<name>" for each of buffer_names(g), of the parameters that were stepped; clones,
// because step() goes on writing into the originals.
// Hint: visit_options(g, [&](const char* name, double& value) { ... });
OptimizerState Optimizer::state_dict() {
  todo("06.6");
}

// 06.6 load_state_dict  the inverse;  all or nothing
// First compare: same optimizer name (else ValueError), same number of groups and sizes, every number there, for each p
// with step > 0 every array there with the parameter's shape, nothing left over, every step a whole number from 0 on.
// StateComplaints collects whatever does not fit into one ValueError. Then every group's options must pass
// check_options (given). Only then take over options, steps and clones of the arrays.
// Hint: a parameter with step 0 has no arrays; visit_options gives you a reference to write to;
// check_options(g, [&](const char* name) { return <the saved value of option `name` of group g>; }).
void Optimizer::load_state_dict(const OptimizerState& state) {
  todo("06.6");
}

}  // namespace rushlight
