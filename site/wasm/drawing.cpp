#include "drawing.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "01_tensor/error.hpp"

namespace rushlight::live {
namespace {

// How far (x, y) is from the lines of a drawing of that kind around the origin, of size 1.
double distance(std::int64_t kind, double x, double y) {
  const double to_edge = std::max(std::abs(x), std::abs(y)), beyond = std::max(0.0, to_edge - 1);
  switch (kind) {
    case 0:  // a ring
      return std::abs(std::hypot(x, y) - 1);
    case 1:  // a square
      return std::abs(to_edge - 1);
    case 2:  // a plus
      return std::max(std::min(std::abs(x), std::abs(y)), beyond);
    case 3:  // a cross: a plus turned by an eighth
      return distance(2, (x + y) * std::numbers::sqrt2 / 2, (x - y) * std::numbers::sqrt2 / 2);
    default:  // one stroke
      return std::max(std::abs(y), beyond);
  }
}

}  // namespace

Array drawing_of(const std::string& cells) {
  constexpr std::int64_t count = drawing_side * drawing_side;
  std::vector<Real> pixels;
  for (const char cell : cells) {
    if (cell != '0' && cell != '1')
      throw ValueError("a drawing is written with 0 and 1; found {}.", {std::string(1, cell)});
    pixels.push_back(cell == '1' ? 1 : 0);
  }
  if (std::ssize(pixels) != count) {
    throw ValueError("a drawing has {} cells, found {}.", {count, std::int64_t(std::ssize(pixels))});
  }
  return Array({1, 1, drawing_side, drawing_side}, pixels);
}

std::string cells_of(const Array& drawing) {
  std::string cells;
  for (const Real pixel : drawing.data()) cells += pixel > 0.5 ? '1' : '0';
  return cells;
}

Array draw(std::int64_t kind, Generator& random) {
  const double size = 3.2 + 2.8 * random.uniform(), squeeze = 0.85 + 0.3 * random.uniform();
  const double half_width = (0.55 + 0.5 * random.uniform()) / size;
  const double turn = kind == 4 ? std::numbers::pi * random.uniform() : 0.25 * (random.uniform() - 0.5);
  const double room = 0.5 * drawing_side - size - 0.5;
  const double middle_x = 0.5 * drawing_side + room * (2 * random.uniform() - 1);
  const double middle_y = 0.5 * drawing_side + room * (2 * random.uniform() - 1);
  std::vector<Real> pixels;
  for (std::int64_t row = 0; row < drawing_side; ++row) {
    for (std::int64_t column = 0; column < drawing_side; ++column) {
      const double x = (double(column) + 0.5 - middle_x) / size * squeeze;
      const double y = (double(row) + 0.5 - middle_y) / size / squeeze;
      const double turned_x = std::cos(turn) * x + std::sin(turn) * y;
      const double turned_y = std::cos(turn) * y - std::sin(turn) * x;
      pixels.push_back(distance(kind, turned_x, turned_y) < half_width ? 1 : 0);
    }
  }
  return Array({1, 1, drawing_side, drawing_side}, pixels);
}

}  // namespace rushlight::live
