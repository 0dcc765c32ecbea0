// primitives_indexing.cpp: reading and writing parts of an array.
#include <algorithm>
#include <xtensor/xview.hpp>

#include "primitives.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

// From the second quarter of axis 1 on, every `step`-th.
void add_slice(Cases& cases, const Shape& shape, std::int64_t step) {
  const Array x = numbers(shape);
  const std::int64_t first = shape[1] / 4, inner = shape.numel() / shape[0] / shape[1];
  const std::int64_t count = (shape[1] - first + step - 1) / step;
  Shape part = shape;
  part[1] = count;
  const std::string by = step == 1 ? "" : " by " + std::to_string(step);
  add_case(
      cases, "slice" + by, shape,
      [=] {
        const auto all = view_of(x);
        return evaluated(part, xt::view(all, xt::all(), xt::range(first, shape[1], step)));
      },
      [=] {
        Array out(part);
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0; i < shape[0]; ++i) {
          const Real* from = x.data().data() + (i * shape[1] + first) * inner;
          if (step == 1) {
            to = std::copy_n(from, count * inner, to);
          } else if (inner == 1) {
            for (std::int64_t k = 0; k < count; ++k) *to++ = from[k * step];
          } else {
            for (std::int64_t k = 0; k < count; ++k) to = std::copy_n(from + k * step * inner, inner, to);
          }
        }
        return out;
      },
      [=] { return slice(x, 1, {.start = first, .step = step}); });
}

void add_unslice(Cases& cases, const Shape& shape) {
  const std::int64_t first = shape[1] / 4, inner = shape.numel() / shape[0] / shape[1];
  Shape part = shape;
  part[1] = shape[1] - first;
  const Array x = numbers(part);
  add_case(
      cases, "unslice", shape,
      [=] {
        Array out = zeros(shape);
        auto all = view_of(out.mutable_data().data(), shape);
        xt::view(all, xt::all(), xt::range(first, shape[1])) = view_of(x);
        return out;
      },
      [=] {
        Array out(shape);
        const Real* from = x.data().data();
        Real* to = out.mutable_data().data();
        const std::int64_t before = first * inner, length = part[1] * inner;
        for (std::int64_t i = 0; i < shape[0]; ++i, from += length) {
          to = std::copy_n(from, length, std::fill_n(to, before, Real{0}));
        }
        return out;
      },
      [=] { return unslice(x, shape, 1, {.start = first}); });
}

void add_take(Cases& cases, const Shape& table_shape, std::int64_t count) {
  const Array table = numbers(table_shape);
  const Indices rows = ids({count}, table_shape[0]);
  const std::int64_t length = columns_of(table_shape);
  const Shape shape{count, length};
  add_case(
      cases, "take", shape,
      [=] {
        const auto all = view_of(table);
        const std::vector<std::int64_t> kept(rows.data().begin(), rows.data().end());
        return evaluated(shape, xt::view(all, xt::keep(kept), xt::all()));
      },
      [=] {
        Array out(shape);
        Real* to = out.mutable_data().data();
        for (const std::int32_t id : rows.data()) to = std::copy_n(table.data().data() + id * length, length, to);
        return out;
      },
      [=] { return take(table, rows); });
}

void add_take_adjoint(Cases& cases, const Shape& table_shape, std::int64_t count) {
  const std::int64_t length = columns_of(table_shape);
  const Array x = numbers({count, length});
  const Indices rows = ids({count}, table_shape[0]);
  add_case(
      cases, "take_adjoint", {count, length},
      [=] {
        Array out = zeros(table_shape);
        const auto from = view_of(x);
        auto to = view_of(out.mutable_data().data(), table_shape);
        for (std::int64_t i = 0; i < count; ++i)
          xt::view(to, rows.data()[i], xt::all()) += xt::view(from, i, xt::all());
        return out;
      },
      [=] {
        Array out = zeros(table_shape);
        const Real* from = x.data().data();
        for (const std::int32_t id : rows.data()) {
          Real* to = out.mutable_data().data() + id * length;
          for (std::int64_t k = 0; k < length; ++k) to[k] += from[k];
          from += length;
        }
        return out;
      },
      [=] { return take_adjoint(x, table_shape, rows); });
}

// Along the last axis of a matrix, as many as there are columns. xtensor 0.24 has no word for it.
void add_gather(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape);
  const Indices index = ids(shape, shape[1]);
  add_case(
      cases, "gather", shape,
      [=] {
        Array out(shape);
        const auto from = view_of(x);
        const auto places = view_of(index);
        auto to = view_of(out.mutable_data().data(), shape);
        for (std::int64_t i = 0; i < shape[0]; ++i) {
          for (std::int64_t j = 0; j < shape[1]; ++j) to(i, j) = from(i, places(i, j));
        }
        return out;
      },
      [=] {
        Array out(shape);
        const Real* from = x.data().data();
        const std::int32_t* id = index.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0; i < shape[0]; ++i, from += shape[1]) {
          for (std::int64_t j = 0; j < shape[1]; ++j) *to++ = from[*id++];
        }
        return out;
      },
      [=] { return gather(x, 1, index); });
}

}  // namespace

void add_indexing(Cases& cases) {
  const Shape small{64, 10}, medium{64, 512}, large{16, 64, 4, 32};
  for (const Shape& shape : {small, medium, large}) add_slice(cases, shape, 1);
  for (const Shape& shape : {small, medium, large}) add_slice(cases, shape, 2);
  for (const Shape& shape : {small, medium, large}) add_unslice(cases, shape);
  for (const auto add : {add_take, add_take_adjoint}) {
    add(cases, {64, 10}, 8);
    add(cases, {64, 512}, 64);
    add(cases, {65, 128}, 1024);  // tokens of a small GPT
  }
  for (const Shape& shape : {small, medium, Shape{4096, 32}}) add_gather(cases, shape);
}

}  // namespace benchmarks
