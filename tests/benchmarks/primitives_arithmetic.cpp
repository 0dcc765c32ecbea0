// primitives_arithmetic.cpp: + - * / of two arrays of one shape, with a number, with a row and with a column. The sign
// is one lambda, which adds two numbers, two of xtensor's views or two Arrays.
#include "primitives.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

template <class Op>
void same_shape(Cases& cases, const std::string& name, const Shape& shape, Op op) {
  const Array x = numbers(shape), y = numbers(shape, 1, 2);
  add_case(
      cases, name, shape, [=] { return evaluated(shape, op(view_of(x), view_of(y))); },
      [=] {
        Array out(shape);
        const Real *a = x.data().data(), *b = y.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0, n = shape.numel(); i < n; ++i) to[i] = op(a[i], b[i]);
        return out;
      },
      [=] { return op(x, y); });
}

template <class Op>
void with_a_number(Cases& cases, const std::string& name, const Shape& shape, Op op) {
  const Array x = numbers(shape);
  const Real number = 1.5;
  add_case(
      cases, name + " number", shape, [=] { return evaluated(shape, op(view_of(x), number)); },
      [=] {
        Array out(shape);
        const Real* a = x.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0, n = shape.numel(); i < n; ++i) to[i] = op(a[i], number);
        return out;
      },
      [=] { return op(x, number); });
}

template <class Op>
void with_a_row(Cases& cases, const std::string& name, const Shape& shape, Op op) {
  const std::int64_t rows = rows_of(shape), columns = columns_of(shape);
  const Array x = numbers(shape), y = numbers({columns}, 1, 2);
  add_case(
      cases, name + " row", shape, [=] { return evaluated(shape, op(view_of(x), view_of(y))); },
      [=] {
        Array out(shape);
        const Real *a = x.data().data(), *b = y.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t row = 0; row < rows; ++row, a += columns, to += columns) {
          for (std::int64_t i = 0; i < columns; ++i) to[i] = op(a[i], b[i]);
        }
        return out;
      },
      [=] { return op(x, y); });
}

template <class Op>
void with_a_column(Cases& cases, const std::string& name, const Shape& shape, Op op) {
  const std::int64_t rows = rows_of(shape), columns = columns_of(shape);
  Shape column = shape;
  column[shape.rank() - 1] = 1;
  const Array x = numbers(shape), y = numbers(column, 1, 2);
  add_case(
      cases, name + " column", shape, [=] { return evaluated(shape, op(view_of(x), view_of(y))); },
      [=] {
        Array out(shape);
        const Real *a = x.data().data(), *b = y.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t row = 0; row < rows; ++row, a += columns, to += columns) {
          const Real number = b[row];
          for (std::int64_t i = 0; i < columns; ++i) to[i] = op(a[i], number);
        }
        return out;
      },
      [=] { return op(x, y); });
}

template <class Op>
void all_ways(Cases& cases, const std::string& name, Op op) {
  const Shape medium{64, 512}, large{16, 64, 4, 32};
  for (const Shape& shape : {Shape{8}, medium, large}) same_shape(cases, name, shape, op);
  for (const Shape& shape : {Shape{8}, medium, large}) with_a_number(cases, name, shape, op);
  for (const Shape& shape : {Shape{64, 10}, medium, large}) with_a_row(cases, name, shape, op);
  for (const Shape& shape : {Shape{64, 10}, medium, large}) with_a_column(cases, name, shape, op);
}

}  // namespace

void add_arithmetic(Cases& cases) {
  all_ways(cases, "add", [](const auto& x, const auto& y) { return x + y; });
  all_ways(cases, "sub", [](const auto& x, const auto& y) { return x - y; });
  all_ways(cases, "mul", [](const auto& x, const auto& y) { return x * y; });
  all_ways(cases, "div", [](const auto& x, const auto& y) { return x / y; });
}

}  // namespace benchmarks
