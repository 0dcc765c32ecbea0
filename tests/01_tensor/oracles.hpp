// oracles.hpp: NumPy's rules once more, as plain loops in double over positions. They share no code with the library
// beyond Shape and Array, so that a mistake there cannot hide here.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <vector>

#include "support/rush_test.hpp"

namespace rushlight::test {

using Doubles = std::vector<double>;
using Position = std::vector<std::int64_t>;

inline const Array grid({2, 3}, {1, 2, 3, 4, 5, 6});

inline Position position_of(std::int64_t flat, const Shape& shape) {
  Position position(static_cast<std::size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    position[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  return position;
}

// The flat place of `position` in an array of `shape`: aligned at the right, axes of size 1 repeat.
inline std::int64_t place_of(const Position& position, const Shape& shape) {
  std::int64_t place = 0;
  const auto missing = static_cast<int>(position.size()) - shape.rank();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    place = place * shape[axis] + (shape[axis] == 1 ? 0 : position[axis + missing]);
  }
  return place;
}

inline double at(const Array& x, std::int64_t flat) { return static_cast<double>(x.data()[flat]); }

// f over two arrays seen as `shape`.
inline Doubles plain_zip(const Shape& shape, const Array& a, const Array& b,
                         const std::function<double(double, double)>& f) {
  Doubles out;
  for (std::int64_t i = 0; i < shape.numel(); ++i) {
    const Position position = position_of(i, shape);
    out.push_back(f(at(a, place_of(position, a.shape())), at(b, place_of(position, b.shape()))));
  }
  return out;
}

// Two shapes that broadcast, and what to.
struct ShapePair {
  Shape a, b, both;
};

// A random shape, of which each operand loses leading axes and has some sizes replaced by 1.
inline ShapePair random_pair(Generator& generator, std::int64_t smallest) {
  ShapePair pair;
  for (std::int64_t rank = generator.below(5); rank > 0; --rank) {
    pair.both.push_back(smallest + generator.below(5 - smallest));
  }
  const auto cut = [&](bool whole) {
    Shape shape;
    const std::int64_t drop = whole ? 0 : generator.below(pair.both.rank() + 1);
    for (int axis = static_cast<int>(drop); axis < pair.both.rank(); ++axis) {
      shape.push_back(!whole && generator.below(3) == 0 ? 1 : pair.both[axis]);
    }
    return shape;
  };
  const bool whole_a = generator.below(2) == 0;  // one of them keeps every size, on either side
  pair.a = cut(whole_a);
  pair.b = cut(!whole_a);
  return pair;
}

// Reduces x over `axes` (normalised): start, then step(total, element) for every element.
inline Doubles plain_reduce(const Array& x, const Axes& axes, double start,
                            const std::function<double(double, double)>& step) {
  Shape kept = x.shape();
  for (const int axis : axes) kept[axis] = 1;
  Doubles out(static_cast<std::size_t>(kept.numel()), start);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    double& total = out[place_of(position_of(i, x.shape()), kept)];
    total = step(total, at(x, i));
  }
  return out;
}

// (..., M, K) x (..., K, N) with flags, ranks of 2 and more; `batch` is what the leading axes broadcast to.
inline Doubles plain_matmul(const Array& a, const Array& b, MatmulFlags flags, const Shape& batch) {
  const auto last = [](const Array& x, int back) { return x.shape()[x.rank() - back]; };
  const std::int64_t m = last(a, flags.transpose_a ? 1 : 2);
  const std::int64_t k = last(a, flags.transpose_a ? 2 : 1);
  const std::int64_t n = last(b, flags.transpose_b ? 2 : 1);
  const auto element = [](const Array& x, Position position, std::int64_t row, std::int64_t column, bool swapped) {
    position.push_back(swapped ? column : row);
    position.push_back(swapped ? row : column);
    Shape full = x.shape();  // sizes of 1 in the last two axes are sizes, not repeats: both give place 0
    return at(x, place_of(position, full));
  };
  Doubles out;
  for (std::int64_t i = 0; i < batch.numel(); ++i) {
    const Position where = position_of(i, batch);
    for (std::int64_t row = 0; row < m; ++row) {
      for (std::int64_t column = 0; column < n; ++column) {
        double total = 0;
        for (std::int64_t j = 0; j < k; ++j) {
          total += element(a, where, row, j, flags.transpose_a) * element(b, where, j, column, flags.transpose_b);
        }
        out.push_back(total);
      }
    }
  }
  return out;
}

// Of an op whose rule reads neither inputs nor output. One that is made of other ops keeps what those need.
inline void expect_keeps_nothing(const Tensor& y, std::string_view op) {
  ASSERT_TRUE(y.requires_grad()) << op;
  if (y.node()->op != op) return;
  EXPECT_TRUE(y.node()->save == Save::nothing) << op << " keeps what its rule never reads: Save::nothing lets it go";
}

}  // namespace rushlight::test
