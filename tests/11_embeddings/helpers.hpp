// helpers.hpp: tokens written as numbers.
#pragma once

#include "support/rush_test.hpp"

namespace rushlight::test {

inline Indices ids(const Shape& shape, const std::vector<std::int32_t>& values) { return Indices(shape, values); }

}  // namespace rushlight::test
