// roofs.cpp: kernels that move numbers against a copy, products and attention against cuBLAS. What is timed is also checked,
// at that shape, after the last run: outputs held NaN before.
#include "roofs.hpp"

#include <algorithm>
#include <cmath>

#include "22_cuda/cuda.hpp"
#include "22_cuda/table.hpp"
#include "products.hpp"
#include "stopwatch.hpp"

namespace rushlight {
namespace {

constexpr Device gpu = Device::cuda;
constexpr std::int64_t rows = 8192, width = 1024;  // 32 MiB an array: no cache holds it

Array numbers(const Shape& shape) {
  Array x(shape);
  for (std::int64_t i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<Real>(0.5 + (i * 7919 % 1009) / 1009.0);
  return x;
}

bool near(const Array& there, const Array& here) {
  const Array back = there.cpu();
  for (std::int64_t i = 0; i < here.size(); ++i) {
    const double expected = static_cast<double>(here.data()[i]), found = static_cast<double>(back.data()[i]);
    if (!(std::fabs(found - expected) <= 1e-5 + 1e-3 * std::fabs(expected))) return false;  // false for NaN, too
  }
  return back.size() == here.size();
}

bool untouched(const Array& there, const Array& here) {
  const Array back = there.cpu();
  return std::equal(here.data().begin(), here.data().end(), back.data().begin(), back.data().end());
}

double copy_gb_per_s() {
  const Array from = numbers({rows, width}).to(gpu);
  Array to = Array::on(gpu, from.shape());
  const std::size_t bytes = static_cast<std::size_t>(from.size()) * sizeof(Real);
  const double ms = milliseconds(
      [&] { cudaMemcpyAsync(to.mutable_data_on(gpu), from.data_on(gpu), bytes, cudaMemcpyDeviceToDevice, nullptr); });
  return 2 * static_cast<double>(bytes) / ms / 1e6;
}

// Kernels whose floor is the bytes of `arrays` arrays (rows, width).
class Movers {
 public:
  explicit Movers(Roofs& roofs) : roofs_(roofs) {}

  void time(const char* kernel, int arrays, const std::function<void(Array& out)>& call, const Array& expected) {
    Array out = cuda::table::full(expected.shape(), NAN);
    const double floor_ms = static_cast<double>(arrays * rows * width) * sizeof(Real) / roofs_.copy_gb_per_s / 1e6;
    roofs_.kernels.push_back({kernel, Shape{rows, width}.str(), "bytes", milliseconds([&] { call(out); }), floor_ms});
    if (!near(out, expected)) roofs_.wrong.push_back(kernel);
  }

 private:
  Roofs& roofs_;
};

void time_movers(Roofs& roofs) {
  using namespace cuda;
  const Array x = numbers({rows, width}), row = numbers({width});
  const Array there = x.to(gpu), row_there = row.to(gpu);
  Array spare = Array::on(gpu, {rows}), other = Array::on(gpu, {rows}), partials = Array::on(gpu, {1024});
  Layout flat = table::layout_of(x.shape()), repeating = flat;
  table::set_strides(flat, 0, {width, 1});
  table::set_strides(flat, 1, {width, 1});
  table::set_strides(repeating, 0, {width, 1});
  table::set_strides(repeating, 1, {0, 1});
  Movers movers(roofs);
  const auto write = [](Array& out) { return view_to_write(out); };
  movers.time(
      "map exp", 2, [&](Array& out) { map(Unary::exp, write(out), view(there)); }, exp(x));
  movers.time(
      "add", 3, [&](Array& out) { zip(Binary::add, write(out), view(there), view(there), flat); }, x + x);
  movers.time(
      "add a row", 2, [&](Array& out) { zip(Binary::add, write(out), view(there), view(row_there), repeating); },
      x + row);
  movers.time(
      "sum of rows", 1, [&](Array& out) { reduce_rows(Reduction::sum, write(out), view(there), rows, width); },
      sum(x, {1}));
  movers.time(
      "sum of all", 1, [&](Array& out) { reduce_all(Reduction::sum, write(out), view(there), write(partials)); },
      sum(x));
  movers.time(
      "transpose", 2, [&](Array& out) { transpose_tiled(write(out), view(there), 1, rows, width); },
      transpose(x, 0, 1));
  const Array e = exp(x - max(x, {1}, true));
  movers.time(
      "softmax", 2, [&](Array& out) { softmax_rows(write(out), view(there), rows, width); }, e / sum(e, {1}, true));
  const Array centred = x - mean(x, {1}, true);
  movers.time(
      "layer norm", 2,
      [&](Array& out) {
        layer_norm_rows(write(out), write(spare), write(other), view(there), {}, {}, rows, width, Real(1e-5));
      },
      centred / sqrt(mean(centred * centred, {1}, true) + Real(1e-5)));
  if (!untouched(there, x) || !untouched(row_there, row)) roofs.wrong.emplace_back("what a kernel only reads");
}

// Its result is another one each time, so that only the first step is checked: with m = v = 0 it moves by lr·sign.
void time_adam(Roofs& roofs) {
  using namespace cuda;
  const Array x = numbers({rows, width});
  const Array grad = x.to(gpu);
  Array value = x.to(gpu), m = table::full(x.shape(), 0), v = table::full(x.shape(), 0);
  const AdamNumbers how{Real(0.9), Real(0.1), Real(0.999), Real(0.001), Real(0.01), Real(std::sqrt(0.001)), 0, 0, 1};
  const auto step = [&] { adam_step(view_to_write(value), view(grad), view_to_write(m), view_to_write(v), how); };
  step();
  if (!near(value, x - Real(0.1) * Real(0.01))) roofs.wrong.emplace_back("Adam");
  const double floor_ms = 7 * static_cast<double>(rows * width) * sizeof(Real) / roofs.copy_gb_per_s / 1e6;
  roofs.kernels.push_back({"Adam", Shape{rows, width}.str(), "bytes", milliseconds(step), floor_ms});
}

}  // namespace

Roofs measure_roofs() {
  Roofs roofs;
  roofs.copy_gb_per_s = copy_gb_per_s();
  time_movers(roofs);
  time_adam(roofs);
  time_products(roofs);
  return roofs;
}

}  // namespace rushlight
