// golden.hpp: expected values from tests/golden, computed in float64 outside this project's own code.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight::test {

nlohmann::json golden(const std::string& file);  // throws with the path when it is missing or not JSON

// Nested lists of numbers: the shape they have, and the numbers in row-major order.
Shape shape_of(const nlohmann::json& nested);
std::vector<double> values_of(const nlohmann::json& nested);
Array array_of(const nlohmann::json& nested);

}  // namespace rushlight::test
