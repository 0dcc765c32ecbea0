// primitives_choices.cpp: comparing two arrays, and choosing between them.
#include "primitives.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

void add_maximum(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape), y = numbers(shape, -0.5, 1.5);
  add_case(
      cases, "maximum", shape, [=] { return evaluated(shape, xt::maximum(view_of(x), view_of(y))); },
      [=] {
        Array out(shape);
        const Real *a = x.data().data(), *b = y.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0, n = shape.numel(); i < n; ++i) to[i] = a[i] > b[i] || std::isnan(a[i]) ? a[i] : b[i];
        return out;
      },
      [=] { return maximum(x, y); });
}

void add_greater(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape), y = numbers(shape, -0.5, 1.5);
  add_case(
      cases, "greater", shape, [=] { return evaluated<Mask>(shape, view_of(x) > view_of(y)); },
      [=] {
        Mask out = Mask::on(Device::cpu, shape);
        const Real *a = x.data().data(), *b = y.data().data();
        std::uint8_t* to = out.mutable_data().data();
        for (std::int64_t i = 0, n = shape.numel(); i < n; ++i) to[i] = a[i] > b[i];
        return out;
      },
      [=] { return greater(x, y); });
}

void add_where(Cases& cases, const Shape& shape) {
  const Array x = numbers(shape), y = numbers(shape, -0.5, 1.5);
  const Mask choose = greater(numbers(shape), Array::scalar(0));
  add_case(
      cases, "where", shape,
      [=] { return evaluated(shape, xt::where(xt::cast<bool>(view_of(choose)), view_of(x), view_of(y))); },
      [=] {
        Array out(shape);
        const std::uint8_t* c = choose.data().data();
        const Real *a = x.data().data(), *b = y.data().data();
        Real* to = out.mutable_data().data();
        for (std::int64_t i = 0, n = shape.numel(); i < n; ++i) {
          const Real yes = a[i], no = b[i];  // both are read, so no number waits for a decision
          to[i] = c[i] ? yes : no;
        }
        return out;
      },
      [=] { return where(choose, x, y); });
}

}  // namespace

void add_choices(Cases& cases) {
  for (const auto add : {add_maximum, add_greater, add_where}) {
    for (const Shape& shape : {Shape{8}, Shape{64, 512}, Shape{16, 64, 4, 32}}) add(cases, shape);
  }
}

}  // namespace benchmarks
