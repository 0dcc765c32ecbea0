// table_fill.cpp: given. Simple kernels that are nobody's task.
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

__global__ void label_kernel(Global<std::int32_t> at, Global<std::uint8_t> counts, Ids labels, std::int32_t ignored) {
  for (std::int64_t i = grid_first(); i < labels.size(); i += grid_stride()) {
    const std::int32_t label = labels[i];
    at[i] = label == ignored ? 0 : label;
    counts[i] = label != ignored;
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

LabelColumn label_column(const Indices& labels, const Shape& column, std::int32_t ignore_index) {
  LabelColumn out{Indices::on(Device::cuda, column), Mask::on(Device::cuda, column)};
  const Global<std::int32_t> at(out.at.mutable_data_on(Device::cuda), labels.size());
  const Global<std::uint8_t> counts(out.counts.mutable_data_on(Device::cuda), labels.size());
  launch(label_kernel, grid_for(labels.size()), at, counts, view(labels), ignore_index);
  return out;
}

}  // namespace rushlight::cuda::table
