// drawing.hpp: small black-and-white pictures: what a reader draws, and drawings of five kinds to learn from.
#pragma once

#include <iterator>
#include <string>

#include "01_tensor/array.hpp"
#include "01_tensor/random.hpp"

namespace rushlight::live {

inline constexpr std::int64_t drawing_side = 16;
inline constexpr const char* drawing_kinds[] = {"ring", "square", "plus", "cross", "stroke"};
inline constexpr std::int64_t drawing_kind_count = std::ssize(drawing_kinds);

Array drawing_of(const std::string& cells);  // 256 of 0 and 1, row by row -> (1, 1, 16, 16); throws ValueError
std::string cells_of(const Array& drawing);  // and back

// One of that kind, (1, 1, 16, 16), at a random place, of a random size, a little turned, as a hand might draw it.
Array draw(std::int64_t kind, Generator& random);

}  // namespace rushlight::live
