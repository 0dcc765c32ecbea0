// turn_over.hpp: a matrix copied with its rows and columns exchanged, as quickly as memory allows. Given.
#pragma once

#include <cstdint>

#include "01_tensor/array.hpp"

namespace rushlight {

// from (rows, length), its rows `leading` apart -> to (length, rows), its rows `to_leading` apart.
void turn_over(const Real* from, std::int64_t rows, std::int64_t length, std::int64_t leading, Real* to,
               std::int64_t to_leading);

}  // namespace rushlight
