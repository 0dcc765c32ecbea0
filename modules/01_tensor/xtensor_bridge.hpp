// xtensor_bridge.hpp: the only door to xtensor. Include it from module 01's .cpp files and from nowhere else:
// every xtensor expression costs about half a second to compile.
//
// Three of xtensor 0.24's traps are closed or named here:
//  - With g++ and -std=c++20 it mistakes a dynamic shape for a shape of rank 4 (its own mend is guarded by
//    `__cplusplus == 201703L`), and xt::eval, immediate reducers and strided views crash. The specialisations below
//    restore what C++17 does; tests/01_tensor pins it.
//  - `e / xt::sum(e, {1}, xt::keep_dims)` is wrong: a lazy reducer inside a broadcasting expression. Materialise it.
//  - `auto y = a + b;` keeps references to temporaries. Assign to a view of a buffer that you own, as below.
#pragma once

#if __has_include(<xtensor/xstorage.hpp>)
#include <xtensor/xexpression_traits.hpp>
#include <xtensor/xstorage.hpp>
#else  // from 0.26 on the headers live in folders
#include <xtensor/containers/xstorage.hpp>
#include <xtensor/core/xexpression_traits.hpp>
#endif

#if defined(__GNUC__) && !defined(__clang__) && __cplusplus > 201703L
namespace xt::detail {
template <>
struct xtype_for_shape<svector<std::size_t, 4>> {
  template <class T, layout_type L>
  using type = xarray<T, L>;
};
template <>
struct xtype_for_shape<svector<std::ptrdiff_t, 4>> {
  template <class T, layout_type L>
  using type = xarray<T, L>;
};
}  // namespace xt::detail
#endif

#if __has_include(<xtensor/xadapt.hpp>)
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#else
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#endif

#include "01_tensor/array.hpp"

namespace rushlight {

using XShape = xt::svector<std::size_t, 4>;

inline XShape xshape(const Shape& shape) { return XShape(shape.begin(), shape.end()); }

// An xtensor view of an Array's buffer, any rank. Nothing is copied; the Array must outlive it.
inline auto view(const Array& array) {
  return xt::adapt(array.data().data(), array.data().size(), xt::no_ownership(), xshape(array.shape()));
}

inline auto mutable_view(Array& array) {
  return xt::adapt(array.mutable_data().data(), array.data().size(), xt::no_ownership(), xshape(array.shape()));
}

}  // namespace rushlight
