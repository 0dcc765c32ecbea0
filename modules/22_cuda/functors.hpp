// functors.hpp: what happens to one number, or to two. A kernel is a template over one of these, so that one kernel is
// every elementwise op. Given.
#pragma once

#include "22_cuda/device_code.hpp"

namespace rushlight::cuda {

enum class Unary : std::uint8_t { neg, exp, log, sqrt, tanh, erf, abs, pow, divide, gelu, gelu_tanh };
enum class Binary : std::uint8_t { add, sub, mul, div, maximum, minimum, gelu_backward, gelu_tanh_backward };
enum class Comparison : std::uint8_t { greater, less, equal };
enum class Reduction : std::uint8_t { sum, max };

namespace functors {

// Of gelu: √½, √(2/π), 1/√(2π), and the number in front of x³.
constexpr Real root_of_half = Real(0.70710678118654752), gelu_root = Real(0.79788456080286536);
constexpr Real normal_peak = Real(0.39894228040143268), gelu_cubic = Real(0.044715);

#define RUSHLIGHT_UNARY(name, expression)                                 \
  struct name {                                                           \
    Real parameter;                                                       \
    __device__ Real operator()(Real x) const { return Real(expression); } \
  };
RUSHLIGHT_UNARY(Neg, -x)
RUSHLIGHT_UNARY(Exp, std::exp(x))
RUSHLIGHT_UNARY(Log, std::log(x))
RUSHLIGHT_UNARY(Sqrt, std::sqrt(x))
RUSHLIGHT_UNARY(Tanh, std::tanh(x))
RUSHLIGHT_UNARY(Erf, std::erf(x))
RUSHLIGHT_UNARY(Abs, std::fabs(x))
RUSHLIGHT_UNARY(Pow, std::pow(x, parameter))
RUSHLIGHT_UNARY(Divide, x / parameter)
RUSHLIGHT_UNARY(Gelu, x / 2 * (1 + std::erf(x * root_of_half)))
RUSHLIGHT_UNARY(GeluTanh, x / 2 * (1 + std::tanh(gelu_root * (x + gelu_cubic * x * x * x))))
#undef RUSHLIGHT_UNARY

#define RUSHLIGHT_BINARY(name, Result, expression)                                    \
  struct name {                                                                       \
    __device__ Result operator()(Real a, Real b) const { return Result(expression); } \
  };
RUSHLIGHT_BINARY(Add, Real, a + b)
RUSHLIGHT_BINARY(Sub, Real, a - b)
RUSHLIGHT_BINARY(Mul, Real, a* b)
RUSHLIGHT_BINARY(Div, Real, a / b)
RUSHLIGHT_BINARY(Maximum, Real, a > b || a != a ? a : b)  // NaN in either gives NaN
RUSHLIGHT_BINARY(Minimum, Real, a < b || a != a ? a : b)
RUSHLIGHT_BINARY(Greater, std::uint8_t, a > b)
RUSHLIGHT_BINARY(Less, std::uint8_t, a < b)
RUSHLIGHT_BINARY(Equal, std::uint8_t, a == b)
#undef RUSHLIGHT_BINARY

// dL/dx from a = dL/dy and b = x:  Φ(x) + x φ(x)
struct GeluBackward {
  __device__ Real operator()(Real grad, Real x) const {
    const Real below = (1 + std::erf(x * root_of_half)) / 2;
    return grad * (below + x * normal_peak * std::exp(-x * x / 2));
  }
};

struct GeluTanhBackward {
  __device__ Real operator()(Real grad, Real x) const {
    const Real t = std::tanh(gelu_root * (x + gelu_cubic * x * x * x));  // 1 - t² is 0 long before x² is infinite
    return grad * ((1 + t) / 2 + x / 2 * (1 - t * t) * gelu_root * (1 + 3 * gelu_cubic * std::fmin(x * x, Real(1e30))));
  }
};

// What a reduction needs: an op, and the number that changes nothing.
struct Sum : Add {
  __device__ static Real identity() { return 0; }
};

struct Max : Maximum {
  __device__ static Real identity() { return Real(-INFINITY); }
};

}  // namespace functors

// Calls visit(functor) for the functor of `op`:  visit_op(op, parameter, [&](auto f) { ... map_kernel<decltype(f)> ... });
template <class Visit>
void visit_op(Unary op, Real parameter, Visit visit) {
  using namespace functors;
  switch (op) {
    case Unary::neg:
      return visit(Neg{parameter});
    case Unary::exp:
      return visit(Exp{parameter});
    case Unary::log:
      return visit(Log{parameter});
    case Unary::sqrt:
      return visit(Sqrt{parameter});
    case Unary::tanh:
      return visit(Tanh{parameter});
    case Unary::erf:
      return visit(Erf{parameter});
    case Unary::abs:
      return visit(Abs{parameter});
    case Unary::pow:
      return visit(Pow{parameter});
    case Unary::divide:
      return visit(Divide{parameter});
    case Unary::gelu:
      return visit(Gelu{parameter});
    case Unary::gelu_tanh:
      return visit(GeluTanh{parameter});
  }
}

template <class Visit>
void visit_op(Binary op, Visit visit) {
  using namespace functors;
  switch (op) {
    case Binary::add:
      return visit(Add{});
    case Binary::sub:
      return visit(Sub{});
    case Binary::mul:
      return visit(Mul{});
    case Binary::div:
      return visit(Div{});
    case Binary::maximum:
      return visit(Maximum{});
    case Binary::minimum:
      return visit(Minimum{});
    case Binary::gelu_backward:
      return visit(GeluBackward{});
    case Binary::gelu_tanh_backward:
      return visit(GeluTanhBackward{});
  }
}

template <class Visit>
void visit_op(Comparison op, Visit visit) {
  using namespace functors;
  switch (op) {
    case Comparison::greater:
      return visit(Greater{});
    case Comparison::less:
      return visit(Less{});
    case Comparison::equal:
      return visit(Equal{});
  }
}

template <class Visit>
void visit_op(Reduction op, Visit visit) {
  if (op == Reduction::sum) return visit(functors::Sum{});
  visit(functors::Max{});
}

}  // namespace rushlight::cuda
