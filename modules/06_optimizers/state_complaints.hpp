// state_complaints.hpp: a saved state compared with what an optimizer expects of it. Given.
#pragma once

#include <set>
#include <string>

#include "06_optimizers/optimizer.hpp"

namespace rushlight {

// Say what you expect, entry by entry; whatever is missing, different or left over becomes a complaint, and all
// complaints are thrown together. A number and an array may have one name, and are two entries. The state must outlive
// this.
class StateComplaints {
 public:
  explicit StateComplaints(const OptimizerState& state);

  void expect_number(const std::string& name);                     // there, with whatever value
  void expect_number(const std::string& name, double value);       // there, with this value
  void expect_count(const std::string& name);                      // there, a whole number from 0 on
  void expect_array(const std::string& name, const Shape& shape);  // there, and not an undefined one

  // ValueError, unless the state holds what was expected and nothing else.
  void throw_if_any(const std::string& optimizer) const;

 private:
  const OptimizerState& state_;
  std::set<std::string> unexpected_numbers_, unexpected_arrays_;
  std::string complaints_;
};

}  // namespace rushlight
