// floor.cpp: the matrix products of a training step and nothing else, by one kernel or another. `rush bench` starts it
// once for every kernel of OpenBLAS that this processor may run, and learns which are right and which is fastest.
//   bench_floor NETWORK THREADS   with one JSON object a line on standard input, and one a line out:
//   {"do": "check"}   -> {"core": "Haswell", "error": 2e-07}, the name of OpenBLAS's kernel, and how far products are
//                        from those in double precision at worst, relative to the sum of what was added up
//   {"do": "shapes"}  -> {"shapes": [[m, n, k, times], ...]}, each shape once
//   {"do": "each", "kernel": "tiles"}   -> {"ms": [...]}, for each shape all of its products in a step; empty if the
//                        kernel is not written yet
//   {"do": "products", "kernel": "openblas", "which": [0, 2], "count": 50}   -> {"ms": [...]}, of so many steps; only
//                        the shapes at these places
// Kernels: openblas; tiles, module 18's on one thread; bands, module 18's on all of them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "01_tensor/blas.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/ladder.hpp"
#include "networks.hpp"

extern "C" char* openblas_get_corename();

namespace benchmarks {
namespace {

using Json = nlohmann::json;
using rushlight::Gemm;
using rushlight::Real;
using Kernel = decltype(&rushlight::blas_gemm);

Kernel kernel_of(const std::string& name) {
  if (name == "openblas") return rushlight::blas_gemm;
  if (name == "tiles") return rushlight::tiled_gemm;
  if (name == "bands") return rushlight::threaded_gemm;
  throw std::runtime_error("there is no kernel " + name);
}

std::vector<Real> numbers(const std::string& name, std::int64_t count) {
  const std::vector<float> values = uniform(name, count, 1);
  return {values.begin(), values.end()};
}

// One number of the product in double precision, and the sum of its terms without their signs.
std::pair<double, double> exact(const Gemm& s, const Real* a, const Real* b, std::int64_t i, std::int64_t j) {
  double sum = 0, size = 0;
  for (std::int64_t p = 0; p < s.k; ++p) {
    const double x = a[s.transpose_a ? p * s.m + i : i * s.k + p], y = b[s.transpose_b ? j * s.k + p : p * s.n + j];
    sum += x * y;
    size += std::abs(x * y);
  }
  return {sum, size};
}

// The worst error of one product. Of a large one, some rows: the last one, where kernels stumble, is among them.
double error_of(const Gemm& s) {
  constexpr std::int64_t most_rows = 16;
  const std::vector<Real> a = numbers("a", s.m * s.k), b = numbers("b", s.k * s.n);
  std::vector<Real> c(static_cast<std::size_t>(s.m * s.n), Real{1});
  rushlight::blas_gemm(s, a.data(), b.data(), c.data());
  const std::int64_t step = std::max<std::int64_t>(1, s.m / most_rows);
  double worst = 0;
  for (std::int64_t i = s.m - 1; i >= 0; i -= step) {
    for (std::int64_t j = 0; j < s.n; ++j) {
      auto [sum, size] = exact(s, a.data(), b.data(), i, j);
      if (s.accumulate) sum += 1, size += 1;
      const double error = std::abs(c[static_cast<std::size_t>(i * s.n + j)] - sum) / size;
      worst = error <= worst ? worst : error;  // a NaN stays
    }
  }
  return worst;
}

// Those of the network, and sizes that fill no tile.
double worst_error(std::vector<Product> products) {
  for (const Product& odd : {Product{1, 1, 1}, {3, 5, 7}, {17, 33, 9}, {31, 65, 127}, {1, 300, 77}, {129, 1, 64}}) {
    products.push_back(odd);
  }
  double worst = 0;
  for (const Product& p : products) {
    for (int flags = 0; flags < 8; ++flags) {
      const Gemm sizes{.m = p.m,
                       .n = p.n,
                       .k = p.k,
                       .transpose_a = (flags & 1) != 0,
                       .transpose_b = (flags & 2) != 0,
                       .accumulate = (flags & 4) != 0};
      const double error = error_of(sizes);
      worst = error <= worst ? worst : error;
    }
  }
  return worst;
}

class Floor {
 public:
  explicit Floor(const std::string& network) {
    std::int64_t largest = 0;
    for (const Product& p : products(network)) {
      const auto same = [&](const Product& q) { return q.m == p.m && q.n == p.n && q.k == p.k; };
      const auto found = std::find_if(products_.begin(), products_.end(), same);
      if (found == products_.end()) {
        products_.push_back(p);
      } else {
        found->times += p.times;
      }
      largest = std::max({largest, p.m * p.k, p.k * p.n, p.m * p.n});
    }
    if (products_.empty()) throw std::runtime_error("there is no network " + network);
    a_ = numbers("a", largest);
    b_ = numbers("b", largest);
    c_.resize(static_cast<std::size_t>(largest));
  }

  Json answer(const Json& request) {
    const std::string what = request.at("do");
    if (what == "check") return check();
    if (what == "shapes") return shapes();
    const Kernel kernel = kernel_of(request.at("kernel"));
    if (what == "each") return each(kernel);
    if (what == "products") return steps(kernel, request.at("which"), request.value("count", std::int64_t{1}));
    throw std::runtime_error("cannot do " + what);
  }

 private:
  Json check() const {
    const double error = worst_error(products_);
    return {{"core", openblas_get_corename()}, {"error", std::isfinite(error) ? error : 1.0}};
  }

  Json shapes() const {
    Json list = Json::array();
    for (const Product& p : products_) list.push_back({p.m, p.n, p.k, p.times});
    return {{"shapes", list}};
  }

  // The shortest of a few times. Short ones are repeated, or the clock would be a part of them.
  Json each(Kernel kernel) {
    constexpr int tries = 5;
    constexpr double long_enough = 0.05;  // ms
    Json list = Json::array();
    try {
      for (const Product& p : products_) {
        multiply(kernel, p);
        const double once = ms([&] { multiply(kernel, p); });
        const int repeats = std::max(1, static_cast<int>(long_enough / once));
        double best = INFINITY;
        for (int i = 0; i < tries; ++i) {
          const double time = ms([&] {
            for (int turn = 0; turn < repeats; ++turn) multiply(kernel, p);
          });
          best = std::min(best, time / repeats);
        }
        list.push_back(best);
      }
    } catch (const rushlight::Todo&) {
      list.clear();
    }
    return {{"ms", list}};
  }

  Json steps(Kernel kernel, const std::vector<std::size_t>& which, std::int64_t count) {
    Json list = Json::array();
    for (std::int64_t i = 0; i < count; ++i) {
      list.push_back(ms([&] {
        for (const std::size_t place : which) multiply(kernel, products_.at(place));
      }));
    }
    return {{"ms", list}};
  }

  void multiply(Kernel kernel, const Product& p) {
    const Gemm sizes{.m = p.m, .n = p.n, .k = p.k};
    for (std::int64_t i = 0; i < p.times; ++i) kernel(sizes, a_.data(), b_.data(), c_.data());
  }

  template <class Work>
  static double ms(Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

  std::vector<Product> products_;
  std::vector<Real> a_, b_, c_;
};

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("usage: bench_floor NETWORK THREADS, with requests on standard input");
    rushlight::set_blas_threads(std::stoi(argv[2]));
    benchmarks::Floor floor(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << floor.answer(nlohmann::json::parse(line)).dump() << std::endl;
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 2;
  }
}
