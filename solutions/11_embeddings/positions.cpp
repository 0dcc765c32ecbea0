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
  if (options.length < 1 || options.width < 1) {
    throw ValueError("LearnedPositions: length is {} and width is {}, but both must be at least 1.",
                     {options.length, options.width});
  }
  weight = Tensor(randn({options.length, options.width}, generator, 0, 0.02), true);
}

// 11.3 forward  count, start -> rows start..start+count-1 of the table, (count, D)
// Throws ShapeError that names the positions asked for and the table's length when they are not all in it. None at all
// may be asked for, even behind the last (start = length).
// Hint: a slice along axis 0; its derivative is written already. slice() clamps bounds: check before.
Tensor LearnedPositions::forward(std::int64_t count, std::int64_t start) {
  if (start < 0 || count < 0 || count > weight.dim(0) - start) {
    throw ShapeError(
        "LearnedPositions: {} positions from {} on are not all among the {} that are learned: 0..{}. Use a "
        "larger length.",
        {count, start, weight.dim(0), weight.dim(0) - 1});
  }
  return slice(weight, 0, {start, start + count});
}

void LearnedPositions::members(Members& m) { m("weight", weight); }

// 11.4 sinusoidal_positions  count, width -> (T, D);  [t, 2i] = sin(t·ω_i), [t, 2i+1] = cos(t·ω_i), ω_i = 10000^(-2i/D)
// Throws ValueError when count or width is negative.
// Hint: column c belongs to pair i = c / 2, whose ω is the same for all t. Compute in double: a float angle of 1000 has
// four digits left behind the point.
Array sinusoidal_positions(std::int64_t count, std::int64_t width) {
  if (count < 0 || width < 0) {
    throw ValueError("sinusoidal_positions: ({}, {}) is not a shape.", {count, width});
  }
  std::vector<double> frequencies;
  for (std::int64_t column = 0; column < width; ++column) {
    const auto exponent = static_cast<double>(column - column % 2) / static_cast<double>(width);
    frequencies.push_back(std::pow(10000.0, -exponent));
  }
  Array table(Shape{count, width});
  Real* out = table.mutable_data().data();
  for (std::int64_t t = 0; t < count; ++t) {
    for (std::int64_t column = 0; column < width; ++column) {
      const double angle = static_cast<double>(t) * frequencies.data()[column];
      *out++ = static_cast<Real>(column % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  }
  return table;
}

}  // namespace rushlight
