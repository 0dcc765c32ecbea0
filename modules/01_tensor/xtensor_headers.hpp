// xtensor_headers.hpp: xtensor's headers, wherever this version of it keeps them (from 0.26 on in folders), and the mend
// of one trap. Given; included by views.hpp and by nothing else.
#pragma once

#if __has_include(<xtensor/xstorage.hpp>)
#include <xtensor/xexpression_traits.hpp>
#include <xtensor/xstorage.hpp>
#else
#include <xtensor/containers/xstorage.hpp>
#include <xtensor/core/xexpression_traits.hpp>
#endif

// With g++ and -std=c++20, xtensor 0.24 mistakes a dynamic shape for a shape of rank 4 (its own mend is guarded by
// `__cplusplus == 201703L`), and xt::eval, immediate reducers and strided views crash. This restores what C++17 does;
// tests/given/xtensor_traps.cpp pins it.
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
#include <xtensor/xtensor.hpp>
#else
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#endif
