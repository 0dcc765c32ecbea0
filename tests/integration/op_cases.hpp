// op_cases.hpp: one entry per op of the course, for the sweep that looks for severed graphs. An op without an entry
// fails the sweep: it compares the names in record("...") calls with the names that it saw in the graphs built here.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "support/rush_test.hpp"

namespace rushlight::test {

struct OpCase {
  std::string name;  // of the op, and of the test case
  Arrays inputs;     // every one must receive a gradient; away from kinks, since every entry is differenced
  Function f;        // as in training
};

const std::vector<OpCase>& op_cases();

// Every node that y depends on, each once. Independent of the engine's order.
std::vector<const Node*> nodes_of(const Tensor& y);

// The names in record("...") calls of the sources: of solutions/ and the given files, or of modules/ alone where there
// are no solutions. Comments do not count, nor does a folder without a manifest.
std::set<std::string> recorded_names();

// The classes that derive from Module, at whatever remove, and are not abstract, from the headers in modules/.
std::set<std::string> module_types();

}  // namespace rushlight::test
