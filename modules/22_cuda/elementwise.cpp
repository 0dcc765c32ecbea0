// elementwise.cpp: one thread computes one number, then the one a grid further on, until there are no more.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

// 22.1 map_kernel  out, x (count) -> out[i] = f(x[i]) for every i, whatever the number of blocks
// Hint: for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()).
template <class F>
__global__ void map_kernel(F f, Global<Real> out, Reals x) {
  todo("22.1");
}

// 22.1 zip_kernel  out (count), a, b (at the layout's places 0 and 1) -> out[i] = f(a, b)
// Hint: place(layout, 0, i) says where a has its number for element i.
template <class F, class Result>
__global__ void zip_kernel(F f, Global<Result> out, Reals a, Reals b, Layout layout) {
  todo("22.1");
}

// 22.1 select_kernel  out (count), condition, a, b (places 0, 1 and 2) -> out[i] = condition ? a : b
// Hint: read only the number that was chosen.
__global__ void select_kernel(Global<Real> out, Bytes condition, Reals a, Reals b, Layout layout) {
  todo("22.1");
}

void map(Unary op, Global<Real> out, Reals x, Real parameter) {
  visit_op(op, parameter, [&](auto f) { launch(map_kernel<decltype(f)>, grid_for(out.size()), f, out, x); });
}

void zip(Binary op, Global<Real> out, Reals a, Reals b, const Layout& layout) {
  visit_op(op, [&](auto f) { launch(zip_kernel<decltype(f), Real>, grid_for(out.size()), f, out, a, b, layout); });
}

void compare(Comparison op, Global<std::uint8_t> out, Reals a, Reals b, const Layout& layout) {
  visit_op(op,
           [&](auto f) { launch(zip_kernel<decltype(f), std::uint8_t>, grid_for(out.size()), f, out, a, b, layout); });
}

void select(Global<Real> out, Bytes condition, Reals a, Reals b, const Layout& layout) {
  launch(select_kernel, grid_for(out.size()), out, condition, a, b, layout);
}

}  // namespace rushlight::cuda
