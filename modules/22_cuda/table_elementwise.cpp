// table_elementwise.cpp: given. The elementwise primitives: shapes broadcast here, numbers in 22.1's kernels.
#include "01_tensor/strided.hpp"
#include "22_cuda/table.hpp"

namespace rushlight::cuda::table {

Layout layout_of(const Shape& shape) {
  Layout layout;
  layout.rank = shape.rank();
  for (int axis = 0; axis < shape.rank(); ++axis) layout.sizes[axis] = shape[axis];
  return layout;
}

void set_strides(Layout& layout, int operand, const Shape& strides) {
  for (int axis = 0; axis < strides.rank(); ++axis) layout.strides[operand][axis] = strides[axis];
}

namespace {

// Axes that all operands run through evenly are joined: fewer divisions in the kernel.
Layout broadcasting(Shape shape, const Shape& a, const Shape& b) {
  std::array strides{broadcast_strides(a, shape), broadcast_strides(b, shape)};
  join_last_axes(shape, strides);
  Layout layout = layout_of(shape);
  set_strides(layout, 0, strides[0]);
  set_strides(layout, 1, strides[1]);
  return layout;
}

Mask compared(const char* name, Comparison op, const Array& a, const Array& b) {
  const Shape shape = broadcast_shapes(name, a.shape(), b.shape());
  Mask out = Mask::on(Device::cuda, shape);
  const Global<std::uint8_t> to(out.mutable_data_on(Device::cuda), out.size());
  cuda::compare(op, to, view(a), view(b), broadcasting(shape, a.shape(), b.shape()));
  return out;
}

Array where(const Mask& condition, const Array& a, const Array& b) {
  const Shape shape = broadcast_shapes("where", broadcast_shapes("where", condition.shape(), a.shape()), b.shape());
  Layout layout = layout_of(shape);
  set_strides(layout, 0, broadcast_strides(condition.shape(), shape));
  set_strides(layout, 1, broadcast_strides(a.shape(), shape));
  set_strides(layout, 2, broadcast_strides(b.shape(), shape));
  Array out = fresh(shape);
  select(view_to_write(out), view(condition), view(a), view(b), layout);
  return out;
}

template <Unary op>
Array unary(const Array& x) {
  return map(op, x);
}

Array pow(const Array& x, Real exponent) { return map(Unary::pow, x, exponent); }

}  // namespace

Array map(Unary op, const Array& x, Real parameter) {
  Array out = fresh(x.shape());
  cuda::map(op, view_to_write(out), view(x), parameter);
  return out;
}

Array zip(const char* name, Binary op, const Array& a, const Array& b) {
  const Shape shape = broadcast_shapes(name, a.shape(), b.shape());
  Array out = fresh(shape);
  cuda::zip(op, view_to_write(out), view(a), view(b), broadcasting(shape, a.shape(), b.shape()));
  return out;
}

}  // namespace rushlight::cuda::table

namespace rushlight::cuda {

const Primitives& primitives() {
  using namespace table;
  static const Primitives all{
      .full = full,
      .add = [](const Array& a, const Array& b) { return zip("add", Binary::add, a, b); },
      .sub = [](const Array& a, const Array& b) { return zip("sub", Binary::sub, a, b); },
      .mul = [](const Array& a, const Array& b) { return zip("mul", Binary::mul, a, b); },
      .div = [](const Array& a, const Array& b) { return zip("div", Binary::div, a, b); },
      .maximum = [](const Array& a, const Array& b) { return zip("maximum", Binary::maximum, a, b); },
      .minimum = [](const Array& a, const Array& b) { return zip("minimum", Binary::minimum, a, b); },
      .neg = unary<Unary::neg>,
      .exp = unary<Unary::exp>,
      .log = unary<Unary::log>,
      .sqrt = unary<Unary::sqrt>,
      .tanh = unary<Unary::tanh>,
      .erf = unary<Unary::erf>,
      .abs = unary<Unary::abs>,
      .pow = table::pow,
      .greater = [](const Array& a, const Array& b) { return compared("greater", Comparison::greater, a, b); },
      .less = [](const Array& a, const Array& b) { return compared("less", Comparison::less, a, b); },
      .equal = [](const Array& a, const Array& b) { return compared("equal", Comparison::equal, a, b); },
      .where = table::where,
      .sum = table::sum,
      .mean = table::mean,
      .max = table::max,
      .argmax = table::argmax,
      .matmul = table::matmul,
      .permute = table::permute,
      .broadcast_to = table::broadcast_to,
      .concat = table::concat,
      .slice = table::slice,
      .unslice = table::unslice,
      .take = table::take,
      .take_adjoint = table::take_adjoint,
      .gather = table::gather,
      .gather_adjoint = table::gather_adjoint,
  };
  return all;
}

}  // namespace rushlight::cuda
