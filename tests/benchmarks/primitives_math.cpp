// primitives_math.cpp: functions of one array, number by number.
#include <algorithm>
#include <xsimd/xsimd.hpp>

#include "01_tensor/fast_exp.hpp"
#include "primitives.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

// A loop that the compiler turns into vector instructions by itself.
template <class Function>
Array by_number(const Array& x, Function function) {
  Array out(x.shape());
  std::transform(x.data().begin(), x.data().end(), out.mutable_data().begin(), function);
  return out;
}

// One that it cannot: a vector at a time, through xsimd. What is left over at the end goes through a vector as well.
template <class Function>
Array by_vector(const Array& x, Function function) {
  using Vector = xsimd::batch<Real>;
  constexpr std::int64_t width = Vector::size;
  Array out(x.shape());
  const Real* from = x.data().data();
  Real* to = out.mutable_data().data();
  std::int64_t left = x.size();
  for (; left >= width; left -= width, from += width, to += width) {
    function(Vector::load_unaligned(from)).store_unaligned(to);
  }
  if (left > 0) {
    Real rest[width] = {};
    std::copy_n(from, left, rest);
    function(Vector::load_unaligned(rest)).store_unaligned(rest);
    std::copy_n(rest, left, to);
  }
  return out;
}

// textbook: a view to an expression; loop: an Array to an Array.
template <class Textbook, class Loop, class Ours>
void add_function(Cases& cases, const std::string& name, Textbook textbook, Loop loop, Ours ours) {
  for (const Shape& shape : {Shape{8}, Shape{64, 512}, Shape{16, 64, 4, 32}}) {
    const Array x = numbers(shape, 0.1, 3);
    add_case(
        cases, name, shape, [=] { return evaluated(shape, textbook(view_of(x))); }, [=] { return loop(x); },
        [=] { return ours(x); });
  }
}

}  // namespace

void add_math(Cases& cases) {
  add_function(
      cases, "neg", [](const auto& x) { return -x; },
      [](const Array& x) { return by_number(x, [](Real v) { return -v; }); }, [](const Array& x) { return neg(x); });
  add_function(
      cases, "abs", [](const auto& x) { return xt::abs(x); },
      [](const Array& x) { return by_number(x, [](Real v) { return std::abs(v); }); },
      [](const Array& x) { return abs(x); });
  add_function(
      cases, "sqrt", [](const auto& x) { return xt::sqrt(x); },
      [](const Array& x) { return by_number(x, [](Real v) { return std::sqrt(v); }); },
      [](const Array& x) { return sqrt(x); });
  add_function(
      cases, "exp", [](const auto& x) { return xt::exp(x); },
      [](const Array& x) { return by_number(x, [](Real v) { return exp_of(v); }); },
      [](const Array& x) { return exp(x); });
  add_function(
      cases, "log", [](const auto& x) { return xt::log(x); },
      [](const Array& x) { return by_vector(x, [](const auto& v) { return xsimd::log(v); }); },
      [](const Array& x) { return log(x); });
  add_function(
      cases, "tanh", [](const auto& x) { return xt::tanh(x); },
      [](const Array& x) { return by_vector(x, [](const auto& v) { return xsimd::tanh(v); }); },
      [](const Array& x) { return tanh(x); });
  add_function(
      cases, "erf", [](const auto& x) { return xt::erf(x); },
      [](const Array& x) { return by_vector(x, [](const auto& v) { return xsimd::erf(v); }); },
      [](const Array& x) { return erf(x); });
  add_function(
      cases, "pow 2", [](const auto& x) { return xt::pow(x, Real{2}); },
      [](const Array& x) { return by_number(x, [](Real v) { return v * v; }); },
      [](const Array& x) { return pow(x, 2); });
  add_function(
      cases, "pow 1.5", [](const auto& x) { return xt::pow(x, Real{1.5}); },
      [](const Array& x) {  // right for the numbers here; std::pow also for 0, inf and NaN
        return by_vector(x, [](const auto& v) { return xsimd::pow(v, std::decay_t<decltype(v)>(Real{1.5})); });
      },
      [](const Array& x) { return pow(x, Real{1.5}); });
}

}  // namespace benchmarks
