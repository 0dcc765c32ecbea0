// primitives_products.cpp: the matrix product. Nobody multiplies by a loop of a few lines, so OpenBLAS called directly
// stands in its place; module 18's `rush bench ladder` shows what loops can do.
#include "primitives.hpp"

#include <xtensor-blas/xlinalg.hpp>

#include "01_tensor/blas.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

void add_product(Cases& cases, std::int64_t m, std::int64_t k, std::int64_t n) {
  const Array a = numbers({m, k}), b = numbers({k, n});
  add_case(
      cases, "matmul", {m, k, n},
      [=] {
        Array out({m, n});
        auto to = view_of(out.mutable_data().data(), out.shape());
        xt::noalias(to) = xt::linalg::dot(view_of(a), view_of(b));
        return out;
      },
      [=] {
        Array out({m, n});
        blas_gemm({.m = m, .n = n, .k = k}, a.data().data(), b.data().data(), out.mutable_data().data());
        return out;
      },
      [=] { return matmul(a, b); }, 1e-4);
}

}  // namespace

void add_products(Cases& cases) {
  add_product(cases, 8, 8, 8);
  add_product(cases, 64, 64, 64);
  add_product(cases, 64, 784, 256);
  add_product(cases, 1024, 128, 384);
}

}  // namespace benchmarks
