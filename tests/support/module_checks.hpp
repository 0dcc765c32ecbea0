// module_checks.hpp: what every Module must do, checked the same way for all of them, and the list of modules it is
// done for. A problem is a line of text that names module, parameter, check and likely cause, so that the checks can
// be tested themselves: a module that is broken on purpose must be reported by name.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "03_layers/module.hpp"

namespace rushlight::test {

struct ModuleCase {
  std::string name;                                       // of the case: "BatchNorm1dWithPositions"
  std::string type;                                       // of the class: "BatchNorm1d"
  std::function<std::unique_ptr<Module>()> make;          // seeded: every call gives the same module, in training
  Shape input;                                            // small, since every entry is differenced
  std::vector<std::pair<std::string, Shape>> parameters;  // all of them, in order: a new one cannot slip in
  std::vector<std::string> buffers = {};                  // all of them, in order
  std::vector<std::string> structural_zeros = {};         // parameters whose true gradient is 0: reached, but tiny
};

// Adds dL/d(leaf) to the grad of every leaf of y's graph, where dL/dy = seed. Before module 05 the naive tape does it;
// later tests pass the engine: [](const Tensor& y, const Array& seed) { y.backward(seed); }
using BackwardPass = std::function<void(const Tensor& y, const Array& seed)>;
void tape_backward(const Tensor& y, const Array& seed);

// In training and in evaluation, with the probe loss L = sum(c * y):
//   coverage     parameters and buffers are exactly those of the case; every leaf that y depends on is among them
//   existence    y requires a gradient and has a node
//   gradient     x and every parameter receive one: right shape, finite, above a floor
//   correctness  each entry of it agrees with a central difference
//   accumulation a second pass doubles it, zero_grad() clears it
//   no_grad      with recording off, y has no node
//   purity       x is not changed
// Empty when all is well.
std::vector<std::string> module_problems(const ModuleCase& module_case, const BackwardPass& backward = tape_backward);

// Each problem as a gtest failure.
void expect_module(const ModuleCase& module_case, const BackwardPass& backward = tape_backward);

// Every module type of the course appears here at least once (module_cases.cpp).
const std::vector<ModuleCase>& module_cases();
const ModuleCase& module_case(const std::string& name);  // throws ValueError when there is none of that name

}  // namespace rushlight::test
