// primitives.hpp: an op on arrays of one size in three forms, which bench_primitives times in turns:
//   textbook  as a reader of xtensor's documentation writes it: views whose rank is known at run time, one expression
//   loop      the best loop that fits into a few lines, on pointers; for a matrix product, OpenBLAS called directly
//   ours      the primitive
// Each returns a new array, so memory costs all three the same.
#pragma once

#include <chrono>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "01_tensor/primitives.hpp"
#include "01_tensor/views.hpp"
#include "networks.hpp"

namespace benchmarks {

using Seconds = std::function<double(std::int64_t calls)>;

struct Case {
  std::string op, size;
  Seconds textbook, loop, ours;
  std::function<void()> check;  // throws std::runtime_error unless the three agree
};

using Cases = std::vector<Case>;

template <class Work>
Seconds timed(Work work) {
  return [work](std::int64_t calls) {
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < calls; ++i) {
      const auto result = work();
      asm volatile("" : : "g"(&result) : "memory");  // somebody might read it: the work must be done
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
}

// Arrays, Masks or Indices. Sums in another order differ by the tolerance, relative to the number or to 1.
template <class T>
void expect_equal(const std::string& what, const T& a, const T& b, double tolerance) {
  if (a.shape() != b.shape()) throw std::runtime_error(what + ": the forms differ in shape");
  for (std::size_t i = 0; i < a.data().size(); ++i) {
    const double x = static_cast<double>(a.data()[i]), y = static_cast<double>(b.data()[i]);
    if (!(std::abs(x - y) <= tolerance * std::max(1.0, std::abs(y)))) {
      throw std::runtime_error(what + ": the forms differ: " + std::to_string(x) + " and " + std::to_string(y));
    }
  }
}

template <class Textbook, class Loop, class Ours>
void add_case(Cases& cases, const std::string& op, const rushlight::Shape& size, Textbook textbook, Loop loop,
              Ours ours, double tolerance = 1e-5) {
  const std::string text = size.str(), name = op + " " + text;
  cases.push_back({op, text, timed(textbook), timed(loop), timed(ours), [=] {
                     expect_equal(name + ", textbook", textbook(), ours(), tolerance);
                     expect_equal(name + ", loop", loop(), ours(), tolerance);
                   }});
}

// Numbers between low and high, the same in every run.
inline rushlight::Array numbers(const rushlight::Shape& shape, double low = -1, double high = 1) {
  std::vector<float> values = uniform(shape.str(), shape.numel(), (high - low) / 2);
  for (float& value : values) value += static_cast<float>((high + low) / 2);
  return {shape, std::vector<rushlight::Real>(values.begin(), values.end())};
}

inline rushlight::Indices ids(const rushlight::Shape& shape, std::int64_t limit) {
  const std::vector<std::int64_t> values = integers(shape.str(), shape.numel(), limit);
  return {shape, std::vector<std::int32_t>(values.begin(), values.end())};
}

// An array as (rows, columns), where columns is the last axis.
inline std::int64_t columns_of(const rushlight::Shape& shape) { return shape[shape.rank() - 1]; }
inline std::int64_t rows_of(const rushlight::Shape& shape) { return shape.numel() / columns_of(shape); }

inline xt::dynamic_shape<std::size_t> dynamic_shape(const rushlight::Shape& shape) {
  return {shape.begin(), shape.end()};
}

// The textbook's view: xt::adapt with a shape of any rank.
template <class T>
auto view_of(T* first, const rushlight::Shape& shape) {
  const std::size_t count = static_cast<std::size_t>(shape.numel());
  return xt::adapt(first, count, xt::no_ownership(), dynamic_shape(shape));
}
template <class T>
auto view_of(const T& array) {
  return view_of(array.data().data(), array.shape());
}

// The textbook's last line, for an Array or a Mask: a new one of `shape` that holds the expression.
template <class Out = rushlight::Array, class Expression>
Out evaluated(const rushlight::Shape& shape, const Expression& expression) {
  Out out(shape);
  auto to = view_of(out.mutable_data().data(), shape);
  xt::noalias(to) = expression;
  return out;
}

void add_arithmetic(Cases& cases);  // primitives_arithmetic.cpp, and so on
void add_math(Cases& cases);
void add_choices(Cases& cases);
void add_reductions(Cases& cases);
void add_movement(Cases& cases);
void add_indexing(Cases& cases);
void add_products(Cases& cases);

}  // namespace benchmarks
