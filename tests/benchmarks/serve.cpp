#include "serve.hpp"

#include <cblas.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "networks.hpp"

namespace benchmarks {
namespace {

using Json = nlohmann::json;

template <class Work>
Json times_ms(std::int64_t count, Work work) {
  Json result = Json::array();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    result.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  return result;
}

// The floor: whatever else a step does, it has to multiply these matrices.
class Floor {
 public:
  explicit Floor(const std::string& network) : products_(products(network)) {
    std::int64_t largest = 0;
    for (const Product& p : products_) largest = std::max({largest, p.m * p.k, p.k * p.n, p.m * p.n});
    a_ = uniform("a", largest, 1);
    b_ = uniform("b", largest, 1);
    c_.resize(static_cast<std::size_t>(largest));
  }

  void run() {
    for (const Product& p : products_) {
      const auto m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
      for (std::int64_t i = 0; i < p.times; ++i) {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a_.data(), k, b_.data(), n, 0, c_.data(), n);
      }
    }
  }

 private:
  std::vector<Product> products_;
  std::vector<float> a_, b_, c_;
};

Json write_gradients(Network& network, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  Json tensors = Json::array();
  for (const Named& each : network.gradients()) {
    file.write(reinterpret_cast<const char*>(each.values.data()),
               static_cast<std::streamsize>(each.values.size() * sizeof(float)));
    tensors.push_back({each.name, each.values.size()});
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  return {{"tensors", tensors}};
}

// The peak since this program began. getrusage's ru_maxrss would be at least that of whoever started it.
double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib / 1024;
  }
  throw std::runtime_error("/proc/self/status does not say VmHWM");
}

Json memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {{"peak_mib", peak_mib()}, {"page_faults", usage.ru_minflt}};
}

Json answer(const Json& request, Network& network, Floor& floor) {
  const std::string what = request.at("do");
  const std::int64_t count = request.value("count", std::int64_t{1});
  if (what == "time") return {{"ms", times_ms(count, [&] { network.step(); })}};
  if (what == "products") return {{"ms", times_ms(count, [&] { floor.run(); })}};
  if (what == "gradients") return write_gradients(network, request.at("file"));
  if (what == "memory") return memory();
  if (what == "accelerate") return {{"ops", network.accelerate(request.value("ops", std::vector<std::string>{"all"}))}};
  if (what != "steps") throw std::runtime_error("cannot do " + what);
  Json losses = Json::array();
  for (std::int64_t i = 0; i < count; ++i) losses.push_back(network.step());
  return {{"losses", losses}};
}

}  // namespace

int serve(int argc, char** argv, MakeNetwork make) {
  try {
    if (argc != 3) throw std::runtime_error("usage: PROGRAM NETWORK THREADS, with requests on standard input");
    const std::unique_ptr<Network> network = make(argv[1], std::stoi(argv[2]));
    Floor floor(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << answer(Json::parse(line), *network, floor).dump() << std::endl;
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 2;
  }
}

}  // namespace benchmarks
