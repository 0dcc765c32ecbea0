#include "2018_compression/measured.hpp"

#include <filesystem>
#include <set>
#include <system_error>

#include "14_profiling/trace.hpp"
#include "16_quantization/quantized_layers.hpp"

namespace rushlight::compression {

Speed speed_of(const bench::Work& one, const bench::Work& many, std::int64_t count, const SpeedOptions& options,
               bench::Clock& clock) {
  std::vector<double> seconds = bench::closed_loop(one, options.answers, clock).waited;
  seconds.erase(seconds.begin(), seconds.begin() + options.answers / 10);
  const bench::Samples samples = bench::measure(many, {.samples = options.samples, .calls = 1}, clock);
  const double together = bench::median(bench::without_warm_up(samples.seconds));
  return {.median = bench::median(seconds),
          .p99 = bench::nearest_rank(seconds, 0.99),
          .rate = static_cast<double>(count) / together};
}

std::int64_t held_bytes(Module& model) {
  constexpr auto number = static_cast<std::int64_t>(sizeof(Real));
  std::int64_t bytes = 0;
  std::set<const void*> counted;
  const auto count = [&](const void* what, std::int64_t size) {
    if (counted.insert(what).second) bytes += size;
  };
  const auto count_tensor = [&](const std::string&, Tensor& tensor) {
    count(tensor.identity(), number * tensor.size());
  };
  visit_members(model, {.parameter = count_tensor, .buffer = count_tensor});
  for (const auto& [path, module] : model.named_modules()) {
    const auto* small = dynamic_cast<QuantizedLinear*>(module->stand_in().get());
    if (small == nullptr) continue;
    const QuantizedWeight& weight = *small->weight();
    count(&weight, bytes_of(weight) + 4 * static_cast<std::int64_t>(weight.sums.size()));
    if (small->bias().defined()) count(small->bias().identity(), number * small->bias().size());
  }
  return bytes;
}

std::int64_t memory_of(Module& model, const bench::Work& answer) {
  Tracer tracer;
  tracer.start();
  answer();
  return held_bytes(model) + tracer.stop().peak_bytes;
}

std::int64_t size_of_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw FileError("{}: {}.", {path, error.message()});
  return static_cast<std::int64_t>(size);
}

}  // namespace rushlight::compression
