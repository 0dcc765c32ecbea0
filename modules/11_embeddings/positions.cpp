// positions.cpp: tables of positions, learned and fixed. Attention treats its input as a set; these tell it the order.
#include <cmath>
#include <vector>

#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {

// 11.3 LearnedPositions  options, generator -> weight (length, D) from N(0, 0.02²)
// Throws ValueError when length or width is below 1.
// Hint: randn takes a mean and a deviation (not a variance).
LearnedPositions::LearnedPositions(PositionOptions options, Generator& generator) {
  todo("11.3");
}

// 11.3 forward  count, start -> rows start..start+count-1 of the table, (count, D)
// Throws ShapeError that names the positions asked for and the table's length when they are not all in it. None at all
// may be asked for, even behind the last (start = length).
// Hint: a slice along axis 0; its derivative is written already. slice() clamps bounds: check before.
Tensor LearnedPositions::forward(std::int64_t count, std::int64_t start) {
  todo("11.3");
}

void LearnedPositions::members(Members& m) { m("weight", weight); }

// 11.4 sinusoidal_positions  count, width -> (T, D);  [t, 2i] = sin(t·ω_i), [t, 2i+1] = cos(t·ω_i), ω_i = 10000^(-2i/D)
// Throws ValueError when count or width is negative.
// Hint: column c belongs to pair i = c / 2, whose ω is the same for all t. Compute in double: a float angle of 1000 has
// four digits left behind the point.
Array sinusoidal_positions(std::int64_t count, std::int64_t width) {
  todo("11.4");
}

}  // namespace rushlight
