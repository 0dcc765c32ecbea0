// more_elementwise.cpp: given. Element by element, of ops that are there.
#include <cmath>

#include "01_tensor/more.hpp"

namespace rushlight {

Tensor clamp(const Tensor& x, std::optional<Real> low, std::optional<Real> high) {
  if (!low && !high) throw ValueError("clamp: neither low nor high is given; give at least one of them.");
  Array cut = x.value();
  if (low) cut = maximum(cut, Array::scalar(*low).to(x.device()));
  if (high) cut = minimum(cut, Array::scalar(*high).to(x.device()));
  Mask inside = equal(cut, x.value());
  if (low && high && *low > *high) inside = Mask(x.shape()).to(x.device());
  return where(inside, x, cut);  // a number that was cut is a constant: maximum would give it half at the bound
}

Tensor masked_fill(const Tensor& x, const Mask& mask, Real value) {
  return where(mask, Array::scalar(value).to(x.device()), x);
}

namespace {

// No primitive takes two arrays to a power, so this is computed on the CPU, wherever the numbers lie.
Array power(const Array& base, const Array& exponent) {
  const Shape shape = broadcast_shapes("pow", base.shape(), exponent.shape());
  const Array b = broadcast_to(base, shape).cpu(), e = broadcast_to(exponent, shape).cpu();
  Array out(shape);
  const auto to = out.mutable_data();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = std::pow(b.data()[i], e.data()[i]);
  return out.to(base.device());
}

Array to_base(const Array& grad, const Array& base, const Array& exponent) {
  const Array zero = zeros_like(exponent), slope = exponent * power(base, exponent - ones_like(exponent));
  return where(equal(exponent, zero), zero, grad * slope);
}

Array to_exponent(const Array& grad, const Array& base, const Array& exponent, const Array& out) {
  const Array zero = zeros_like(base);
  const Array at_zero = where(less(exponent, zeros_like(exponent)), out * log(base), zero);  // 0^e for e >= 0 stays
  const Array slope = where(equal(base, zero), at_zero, out * log(base));
  return grad * slope;
}

}  // namespace

// (bᵉ)' = e·bᵉ⁻¹ for b, and bᵉ·log b for e
Tensor pow(const Tensor& base, const Tensor& exponent) {
  return record("pow_tensor", power(base.value(), exponent.value()), {base, exponent}, Save::all,
                [](const Backward& bw) -> Arrays {
                  return {bw.needs(0) ? to_base(bw.grad, bw.in(0), bw.in(1)) : Array(),
                          bw.needs(1) ? to_exponent(bw.grad, bw.in(0), bw.in(1), bw.out) : Array()};
                });
}

}  // namespace rushlight
