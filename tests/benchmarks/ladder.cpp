// ladder.cpp: the matrix products of module 18, rung by rung, in turns with OpenBLAS, and what the machine could do.
//   bench_ladder SIZE ROUNDS   prints {"size": 384, "threads": 2, "core": "Haswell", "peak_gflops": [...],
//   "gflops": {"naive": [...], ...}}; core: the kernels that OpenBLAS has chosen
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <xsimd/xsimd.hpp>

#include "01_tensor/blas.hpp"
#include "01_tensor/primitives.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/ladder.hpp"

extern "C" char* openblas_get_corename();

namespace {

using namespace rushlight;

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What one core could do if it never waited for memory: multiplications and additions of vectors that stay in
// registers, in sixteen chains so that none waits for itself.
double peak_gflops() {
  using Vector = xsimd::batch<Real>;
  constexpr std::int64_t chains = 16, turns = 400'000;
  Vector sums[chains];
  for (std::int64_t i = 0; i < chains; ++i) sums[i] = Vector(static_cast<Real>(i));
  volatile Real almost_one = static_cast<Real>(0.999999);
  const Vector factor(almost_one), term(almost_one);
  const double time = seconds([&] {
    for (std::int64_t turn = 0; turn < turns; ++turn) {
      for (std::int64_t i = 0; i < chains; ++i) sums[i] = xsimd::fma(sums[i], factor, term);
    }
  });
  volatile Real sink = 0;
  for (const Vector& sum : sums) sink = sink + xsimd::hadd(sum);
  return 2e-9 * chains * turns * static_cast<double>(Vector::size) / time;
}

void climb(std::int64_t size, int rounds) {
  const Array a = add(arange(size * size) * Real{1e-6}, Array::scalar(-0.05)).with_shape({size, size});
  const Array bias = zeros({size});
  std::vector<std::pair<const char*, std::function<Array()>>> rungs = {
      {"naive", [&] { return matmul_naive(a, a); }},
      {"blocked", [&] { return matmul_blocked(a, a); }},
      {"vectorised", [&] { return matmul_vectorised(a, a); }},
      {"threaded", [&] { return matmul_threaded(a, a); }},
      {"with bias and relu", [&] { return matmul_bias_relu(a, a, bias); }},
      {"OpenBLAS", [&] { return matmul(a, a); }},
  };
  const double operations = 2e-9 * static_cast<double>(size * size * size);
  nlohmann::ordered_json report{{"size", size},
                                {"threads", blas_threads()},
                                {"core", openblas_get_corename()},
                                {"todo", nlohmann::json::object()}};
  std::erase_if(rungs, [&](const auto& rung) {  // warms up, and finds out which rungs there are
    try {
      rung.second();
      return false;
    } catch (const Todo& todo) {
      report["todo"][rung.first] = todo.id;
      return true;
    }
  });
  for (int round = 0; round < rounds; ++round) {
    report["peak_gflops"].push_back(peak_gflops());
    for (const auto& [name, product] : rungs) {
      report["gflops"][name].push_back(operations / seconds([&, &run = product] { run(); }));
    }
  }
  std::cout << report.dump() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " SIZE ROUNDS\n";
    return 2;
  }
  try {
    climb(std::atoll(argv[1]), std::atoi(argv[2]));
    return 0;
  } catch (const Todo& todo) {
    std::cerr << "task " << todo.id << " is not written yet\n";
    return 2;
  }
}
