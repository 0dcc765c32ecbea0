// svd.cpp: given. xtensor-blas computes, and this brings the numbers there and back.
#include <algorithm>
#include <cmath>

#include "17_compression/low_rank.hpp"
#include "17_compression/xtensor_svd.hpp"

#include <xtensor-blas/xlinalg.hpp>

namespace rushlight {
namespace {

void check_matrix(const Array& matrix) {
  if (matrix.rank() != 2 || matrix.size() == 0) {
    throw ShapeError("svd: {} is no matrix; needs two axes of at least 1.", {matrix.shape()});
  }
  const auto values = matrix.data();
  if (!std::all_of(values.begin(), values.end(), [](Real value) { return std::isfinite(value); })) {
    throw ValueError("svd: the matrix holds a number that is not finite.");
  }
}

// Element by element: LAPACK's results lie in columns.
template <class Matrix>
Array rows_of(const Matrix& from) {
  Array to({static_cast<std::int64_t>(from.shape()[0]), static_cast<std::int64_t>(from.shape()[1])});
  const auto out = to.mutable_data();
  for (std::size_t i = 0, place = 0; i < from.shape()[0]; ++i) {
    for (std::size_t j = 0; j < from.shape()[1]; ++j) out[place++] = from(i, j);
  }
  return to;
}

}  // namespace

Svd svd(const Array& matrix) {
  const Array host = matrix.cpu();
  check_matrix(host);
  xt::xtensor<Real, 2> whole({static_cast<std::size_t>(host.dim(0)), static_cast<std::size_t>(host.dim(1))});
  std::copy(host.data().begin(), host.data().end(), whole.begin());
  const auto [u, s, vt] = xt::linalg::svd(whole, false, true);
  const std::vector<Real> values(s.begin(), s.end());
  return {rows_of(u), Array({static_cast<std::int64_t>(values.size())}, values), rows_of(vt)};
}

}  // namespace rushlight
