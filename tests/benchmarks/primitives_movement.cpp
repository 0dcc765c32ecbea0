// primitives_movement.cpp: the same numbers in other places.
#include <algorithm>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmanipulation.hpp>

#include "primitives.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

// (A, B, C, D) -> (A, C, B, D): what attention does with its heads.
void add_permute(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape);
  const Shape swapped{shape[0], shape[2], shape[1], shape[3]};
  const std::vector<std::size_t> axes{0, 2, 1, 3};
  add_case(
      cases, "permute 0213", shape, [=] { return evaluated(swapped, xt::transpose(view_of(x), axes)); },
      [=] {
        Array out(swapped);
        Real* to = out.mutable_data().data();
        for (std::int64_t a = 0; a < shape[0]; ++a) {
          for (std::int64_t c = 0; c < shape[2]; ++c) {
            for (std::int64_t b = 0; b < shape[1]; ++b) {
              to = std::copy_n(x.data().data() + ((a * shape[1] + b) * shape[2] + c) * shape[3], shape[3], to);
            }
          }
        }
        return out;
      },
      [=] {
        return permute(x, {0, 2, 1, 3});
      });
}

void add_transpose(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape);
  const std::int64_t rows = shape[0], columns = shape[1];
  add_case(
      cases, "transpose", shape,
      [=] {
        return evaluated({columns, rows}, xt::transpose(view_of(x)));
      },
      [=] {  // in squares, which the nearest cache holds
        constexpr std::int64_t side = 16;
        Array out({columns, rows});
        const Real* from = x.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0; i < rows; i += side) {
          for (std::int64_t j = 0; j < columns; j += side) {
            const std::int64_t below = std::min(i + side, rows), right = std::min(j + side, columns);
            for (std::int64_t column = j; column < right; ++column) {
              for (std::int64_t row = i; row < below; ++row) to[column * rows + row] = from[row * columns + column];
            }
          }
        }
        return out;
      },
      [=] { return transpose(x, 0, 1); });
}

void add_broadcast(Cases& cases, const Shape& shape) {
  const std::int64_t rows = rows_of(shape), columns = columns_of(shape);
  Shape one_column = shape;
  one_column[shape.rank() - 1] = 1;
  const Array row = numbers({columns}), column = numbers(one_column);
  const auto textbook = [shape](const Array& x) {
    return evaluated(shape, xt::broadcast(view_of(x), dynamic_shape(shape)));
  };
  add_case(
      cases, "broadcast_to row", shape, [=] { return textbook(row); },
      [=] {
        Array out(shape);
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0; i < rows; ++i) to = std::copy_n(row.data().data(), columns, to);
        return out;
      },
      [=] { return broadcast_to(row, shape); });
  add_case(
      cases, "broadcast_to column", shape, [=] { return textbook(column); },
      [=] {
        Array out(shape);
        Real* to = out.mutable_data().data();
        for (const Real value : column.data()) to = std::fill_n(to, columns, value);
        return out;
      },
      [=] { return broadcast_to(column, shape); });
}

void add_concat(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape), y = numbers(shape, 0, 1);
  const int last = shape.rank() - 1;
  const std::int64_t rows = rows_of(shape), columns = columns_of(shape);
  Shape longer = shape, wider = shape;
  longer[0] *= 2;
  wider[last] *= 2;
  const auto textbook = [=](const Shape& joined, int axis) {
    const auto a = view_of(x), b = view_of(y);
    return evaluated(joined, xt::concatenate(xt::xtuple(a, b), static_cast<std::size_t>(axis)));
  };
  add_case(
      cases, "concat first axis", shape, [=] { return textbook(longer, 0); },
      [=] {
        Array out(longer);
        std::copy_n(y.data().data(), y.size(), std::copy_n(x.data().data(), x.size(), out.mutable_data().data()));
        return out;
      },
      [=] {
        return concat({x, y}, 0);
      });
  add_case(
      cases, "concat last axis", shape, [=] { return textbook(wider, last); },
      [=] {
        Array out(wider);
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0; i < rows; ++i) {
          to = std::copy_n(x.data().data() + i * columns, columns, to);
          to = std::copy_n(y.data().data() + i * columns, columns, to);
        }
        return out;
      },
      [=] {
        return concat({x, y}, last);
      });
}

}  // namespace

void add_movement(Cases& cases) {
  const Shape small{64, 10}, medium{64, 512}, large{16, 64, 4, 32};
  for (const Shape& shape : {Shape{2, 4, 2, 8}, Shape{4, 64, 4, 32}, large}) add_permute(cases, shape);
  for (const Shape& shape : {small, medium, Shape{1024, 128}}) add_transpose(cases, shape);
  for (const auto add : {add_broadcast, add_concat}) {
    for (const Shape& shape : {small, medium, large}) add(cases, shape);
  }
}

}  // namespace benchmarks
