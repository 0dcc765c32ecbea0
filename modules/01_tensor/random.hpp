// random.hpp: a random source whose numbers are the same on every machine and whose state can be saved. The standard
// library's distributions differ between implementations, so uniform and normal are our own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight {

// xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64.
class Generator {
 public:
  using State = std::array<std::uint64_t, 4>;

  explicit Generator(std::uint64_t seed = 0);

  std::uint64_t next();                    // 64 random bits
  double uniform();                        // [0, 1), 53 bits
  double normal();                         // mean 0, deviation 1; Box-Muller, two draws a call, nothing kept back
  std::int64_t below(std::int64_t limit);  // 0 <= result < limit, without bias; throws ValueError if limit < 1

  const State& state() const { return state_; }
  void set_state(const State& state);  // throws ValueError on four zeros, which only ever give zeros

 private:
  State state_;
};

// Uniform in [low, high]; rounding to float can just reach `high`.
Array rand(const Shape& shape, Generator& generator, double low = 0, double high = 1);
Array randn(const Shape& shape, Generator& generator, double mean = 0, double deviation = 1);

// 0..count-1 in random order (Fisher and Yates). Throws ValueError when count is negative.
std::vector<std::int64_t> permutation(std::int64_t count, Generator& generator);

}  // namespace rushlight
