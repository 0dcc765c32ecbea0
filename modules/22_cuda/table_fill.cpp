// table_fill.cpp: given. Two simple kernels that are nobody's task.
#include "22_cuda/table.hpp"

namespace rushlight::cuda::table {

__global__ void fill_kernel(Global<Real> out, Real value) {
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) out[i] = value;
}

// The first NaN, or else the first of the largest, of each line.
__global__ void argmax_kernel(Global<std::int32_t> out, Reals x, std::int64_t size, std::int64_t inner) {
  for (std::int64_t line = grid_first(); line < out.size(); line += grid_stride()) {
    const std::int64_t begin = line / inner * size * inner + line % inner;
    std::int32_t best = 0;
    Real most = x[begin];
    for (std::int64_t k = 1; k < size && most == most; ++k) {
      const Real value = x[begin + k * inner];
      if (value > most || value != value) best = static_cast<std::int32_t>(k), most = value;
    }
    out[line] = best;
  }
}

Array full(const Shape& shape, Real value) {
  Array out = fresh(shape);
  launch(fill_kernel, grid_for(out.size()), view_to_write(out), value);
  return out;
}

Indices argmax(const Array& x, int axis) {
  const int along = normalize_axis("argmax", axis, x.rank());
  const std::int64_t size = x.shape()[along];
  if (size == 0) throw ShapeError("argmax: axis {} of shape {} is empty.", {along, x.shape()});
  Indices out = Indices::on(Device::cuda, reduced_shape(x.shape(), {along}, false));
  const Global<std::int32_t> places(out.mutable_data_on(Device::cuda), out.size());
  launch(argmax_kernel, grid_for(out.size()), places, view(x), size, strides_of(x.shape())[along]);
  return out;
}

}  // namespace rushlight::cuda::table
