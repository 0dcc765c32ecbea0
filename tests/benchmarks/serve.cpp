#include "serve.hpp"

#include <dlfcn.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

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

// The kernels that OpenBLAS has chosen in this process, whichever library brought it; none: somebody else multiplies.
std::string core_name() {
  void* function = dlsym(RTLD_DEFAULT, "openblas_get_corename");
  return function == nullptr ? "none" : reinterpret_cast<char* (*)()>(function)();
}

Json answer(const Json& request, Network& network) {
  const std::string what = request.at("do");
  const std::int64_t count = request.value("count", std::int64_t{1});
  if (what == "time") return {{"ms", times_ms(count, [&] { network.step(); })}};
  if (what == "core") return {{"core", core_name()}};
  if (what == "gradients") return write_gradients(network, request.at("file"));
  if (what == "memory") return memory();
  if (what == "accelerate") return {{"ops", network.accelerate(request.value("ops", std::vector<std::string>{"all"}))}};
  if (what != "steps") throw std::runtime_error("cannot do " + what);
  Json losses = Json::array();
  for (std::int64_t i = 0; i < count; ++i) losses.push_back(network.step());
  return {{"losses", losses}};
}

template <class Work>
int reported(const char* program, Work work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << program << ": " << error.what() << "\n";
    return 2;
  }
}

}  // namespace

int serve(int argc, char** argv, MakeNetwork make) {
  return reported(argv[0], [&] {
    if (argc != 3) throw std::runtime_error("usage: PROGRAM NETWORK THREADS, with requests on standard input");
    const std::unique_ptr<Network> network = make(argv[1], std::stoi(argv[2]));
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << answer(Json::parse(line), *network).dump() << std::endl;
    }
  });
}

int serve_or_write(int argc, char** argv, MakeNetwork make, WriteNetwork write) {
  if (argc != 4 || std::string(argv[1]) != "write") return serve(argc, argv, make);
  return reported(argv[0], [&] { write(argv[2], argv[3]); });
}

}  // namespace benchmarks
