// primitives_reductions.cpp: sums, maxima and their places.
#include <algorithm>
#include <limits>
#include <numeric>
#include <xtensor/xsort.hpp>

#include "primitives.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

constexpr double sums_differ_by = 1e-4;

// With `lanes` running results, which do not wait for each other.
template <std::int64_t lanes, class Combine>
Real in_lanes(const Real* x, std::int64_t length, Real start, Combine combine) {
  Real part[lanes];
  std::fill_n(part, lanes, start);
  std::int64_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    for (std::int64_t lane = 0; lane < lanes; ++lane) part[lane] = combine(part[lane], x[i + lane]);
  }
  for (std::int64_t half = lanes / 2; half > 0; half /= 2) {  // pairs, so that this too is done in vectors
    for (std::int64_t lane = 0; lane < half; ++lane) part[lane] = combine(part[lane], part[lane + half]);
  }
  Real result = part[0];
  for (; i < length; ++i) result = combine(result, x[i]);
  return result;
}

template <class Combine>
Real of_row(const Real* x, std::int64_t length, Real start, Combine combine) {
  if (length >= 256) return in_lanes<64>(x, length, start, combine);
  if (length >= 16) return in_lanes<16>(x, length, start, combine);
  return std::accumulate(x, x + length, start, combine);
}

constexpr auto plus = [](Real sum, Real x) { return sum + x; };
constexpr auto larger = [](Real best, Real x) { return x > best ? x : best; };
constexpr Real lowest = -std::numeric_limits<Real>::infinity();

Real sum_of(const Real* x, std::int64_t length) { return of_row(x, length, 0, plus); }

// Looking for a NaN in a loop of its own costs less than in every comparison.
bool has_nan(const Real* x, std::int64_t length) {
  int nans = 0;
  for (std::int64_t i = 0; i < length; ++i) nans += x[i] != x[i];
  return nans > 0;
}

Real max_of(const Real* x, std::int64_t length) {
  return has_nan(x, length) ? std::numeric_limits<Real>::quiet_NaN() : of_row(x, length, lowest, larger);
}

std::int64_t place_of(const Real* x, std::int64_t length) {
  if (has_nan(x, length)) return std::find_if(x, x + length, [](Real v) { return std::isnan(v); }) - x;
  if (length >= 256) return std::find(x, x + length, of_row(x, length, lowest, larger)) - x;
  std::int64_t place = 0;
  for (std::int64_t i = 1; i < length; ++i) place = x[i] > x[place] ? i : place;
  return place;
}

template <class OfRow>
Array along_rows(const Array& x, const Shape& shape, std::int64_t length, OfRow function) {
  Array out(shape);
  const Real* from = x.data().data();
  for (Real& to : out.mutable_data()) {
    to = function(from, length);
    from += length;
  }
  return out;
}

void over_all(Cases& sums, Cases& maxima, const Shape& shape) {
  const Array x = numbers(shape, 0, 1);
  add_case(
      sums, "sum", shape, [=] { return Array::scalar(xt::sum(view_of(x))()); },
      [=] { return along_rows(x, {}, x.size(), sum_of); }, [=] { return sum(x); }, sums_differ_by);
  add_case(
      maxima, "max", shape, [=] { return Array::scalar(xt::amax(view_of(x))()); },
      [=] { return along_rows(x, {}, x.size(), max_of); }, [=] { return max(x); });
}

void over_the_last_axis(Cases& sums, Cases& maxima, const Shape& shape) {
  const Array x = numbers(shape, 0, 1);
  const int last = shape.rank() - 1;
  const std::int64_t length = columns_of(shape);
  const Shape rest = reduced_shape(shape, {last}, false);
  const std::vector<std::size_t> axes{static_cast<std::size_t>(last)};
  add_case(
      sums, "sum last axis", shape, [=] { return evaluated(rest, xt::sum(view_of(x), axes)); },
      [=] { return along_rows(x, rest, length, sum_of); }, [=] { return sum(x, {last}); }, sums_differ_by);
  add_case(
      maxima, "max last axis", shape, [=] { return evaluated(rest, xt::amax(view_of(x), axes)); },
      [=] { return along_rows(x, rest, length, max_of); }, [=] { return max(x, {last}); });
}

void over_the_first_axis(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape, 0, 1);
  const Shape rest = reduced_shape(shape, {0}, false);
  const std::vector<std::size_t> axes{0};
  add_case(
      cases, "sum first axis", shape, [=] { return evaluated(rest, xt::sum(view_of(x), axes)); },
      [=] {
        Array out = zeros(rest);
        Real* to = out.mutable_data().data();
        const std::int64_t length = rest.numel();
        for (const Real *from = x.data().data(), *end = from + x.size(); from != end; from += length) {
          for (std::int64_t i = 0; i < length; ++i) to[i] += from[i];
        }
        return out;
      },
      [=] { return sum(x, {0}); }, sums_differ_by);
}

void place_of_the_largest(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape);
  const int last = shape.rank() - 1;
  const std::int64_t length = columns_of(shape);
  const Shape rest = reduced_shape(shape, {last}, false);
  add_case(
      cases, "argmax", shape,
      [=] {
        Indices out = Indices::on(Device::cpu, rest);
        auto to = view_of(out.mutable_data().data(), rest);
        xt::noalias(to) = xt::argmax(view_of(x), static_cast<std::size_t>(last));
        return out;
      },
      [=] {
        Indices out = Indices::on(Device::cpu, rest);
        const Real* from = x.data().data();
        for (std::int32_t& place : out.mutable_data()) {
          place = static_cast<std::int32_t>(place_of(from, length));
          from += length;
        }
        return out;
      },
      [=] { return argmax(x); });
}

}  // namespace

void add_reductions(Cases& cases) {
  const Shape small{64, 10}, medium{64, 512}, large{16, 64, 4, 32};
  Cases maxima;
  for (const Shape& shape : {Shape{8}, medium, large}) over_all(cases, maxima, shape);
  for (const Shape& shape : {small, medium, large}) over_the_last_axis(cases, maxima, shape);
  for (const Shape& shape : {small, medium, large}) over_the_first_axis(cases, shape);
  cases.insert(cases.end(), maxima.begin(), maxima.end());
  for (const Shape& shape : {small, medium, large}) place_of_the_largest(cases, shape);
}

}  // namespace benchmarks
