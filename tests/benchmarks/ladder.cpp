// ladder.cpp: the matrix products of module 18, rung by rung, in turns with OpenBLAS, and what the machine could do.
//   bench_ladder SIZE ROUNDS   prints {"size": 384, "threads": 2, "core": "Haswell", "peak_gflops": [...],
//   "gflops": {"naive": [...], ...}, "wrong": {}}; core: the kernels that OpenBLAS has chosen
// Every product that is timed is looked at, with numbers that are others in each round: what is wrong, or faster than the
// processor, is named in "wrong" and has no speed.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <xsimd/xsimd.hpp>

#include "01_tensor/blas.hpp"
#include "01_tensor/primitives.hpp"
#include "01_tensor/random.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/ladder.hpp"
#include "support/timed_kernel.hpp"

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

struct Rung {
  const char* name;
  test::Kernel kernel;
  bool with_bias = false;
  bool ours = true;  // compiled as the peak is; OpenBLAS has instructions of its own
};

const std::vector<Rung> rungs = {
    {"naive", [](const Arrays& in) { return matmul_naive(in[0], in[1]); }},
    {"blocked", [](const Arrays& in) { return matmul_blocked(in[0], in[1]); }},
    {"vectorised", [](const Arrays& in) { return matmul_vectorised(in[0], in[1]); }},
    {"threaded", [](const Arrays& in) { return matmul_threaded(in[0], in[1]); }},
    {"with bias and relu", [](const Arrays& in) { return matmul_bias_relu(in[0], in[1], in[2]); }, true},
    {"OpenBLAS", [](const Arrays& in) { return matmul(in[0], in[1]); }, false, false},
};

// Above zero, so that no sum loses its digits; the bias takes every other column far below it.
Arrays numbers(std::int64_t size, std::uint64_t seed) {
  Generator random(seed);
  Array a = rand({size, size}, random, 0.5, 1.5), b = rand({size, size}, random, 0.5, 1.5), bias = rand({size}, random);
  for (std::int64_t i = 1; i < size; i += 2) bias.mutable_data()[i] = static_cast<Real>(-10 * size);
  return {a, b, bias};
}

struct Expected {
  std::vector<double> product, rectified;
};

Expected expected_of(const Arrays& in) {
  const auto size = static_cast<std::size_t>(in[0].dim(0));
  Expected all{std::vector<double>(size * size), {}};
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < size; ++k) {
      const double factor = in[0].data()[i * size + k];
      const Real* row = in[1].data().data() + k * size;
      for (std::size_t j = 0; j < size; ++j) all.product[i * size + j] += factor * static_cast<double>(row[j]);
    }
  }
  for (std::size_t i = 0; i < size * size; ++i) {
    all.rectified.push_back(std::max(0.0, all.product[i] + static_cast<double>(in[2].data()[i % size])));
  }
  return all;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void climb(std::int64_t size, int rounds) {
  const double operations = 2e-9 * static_cast<double>(size * size * size);
  nlohmann::ordered_json report{{"size", size},
                                {"threads", blas_threads()},
                                {"core", openblas_get_corename()},
                                {"todo", nlohmann::json::object()},
                                {"wrong", nlohmann::json::object()}};
  std::map<std::string, std::vector<double>> speeds;
  double peak = 0;
  for (int round = -1; round < rounds; ++round) {  // the first warms up, and finds out which rungs there are
    const Arrays in = numbers(size, static_cast<std::uint64_t>(round + 2));
    const Expected expected = expected_of(in);
    if (round >= 0) report["peak_gflops"].push_back(peak_gflops());
    if (round >= 0) peak = std::max(peak, report["peak_gflops"].back().get<double>());
    for (const Rung& rung : rungs) {
      if (report["todo"].contains(rung.name)) continue;
      try {
        const auto& wanted = rung.with_bias ? expected.rectified : expected.product;
        const test::KernelTime time = test::timed(rung.kernel, in, {size, size}, wanted);
        if (!time.wrong.empty()) report["wrong"][rung.name] = time.wrong;
        if (round >= 0) speeds[rung.name].push_back(operations / time.seconds);
      } catch (const Todo& todo) {
        report["todo"][rung.name] = todo.id;
      }
    }
  }
  for (const Rung& rung : rungs) {
    if (report["todo"].contains(rung.name)) continue;
    const double floor_seconds = operations / (blas_threads() * peak);
    if (rung.ours && !test::believable(operations / median(speeds[rung.name]), floor_seconds)) {
      report["wrong"][rung.name] = "it took less time than the processor needs";
    }
    if (!report["wrong"].contains(rung.name)) report["gflops"][rung.name] = speeds[rung.name];
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
