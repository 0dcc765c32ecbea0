// random.cpp: given.
#include "01_tensor/random.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace rushlight {

Generator::Generator(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {  // splitmix64: spreads even a small seed over all the bits
    seed += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    word = mixed ^ (mixed >> 31);
  }
}

std::uint64_t Generator::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Generator::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

double Generator::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is never 0
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::int64_t Generator::below(std::int64_t limit) {
  if (limit < 1) throw ValueError("below: the limit is {}, but it must be at least 1.", {limit});
  const auto bound = static_cast<std::uint64_t>(limit);
  const std::uint64_t reject = -bound % bound;  // 2^64 mod bound: drop the incomplete last block
  std::uint64_t draw = next();
  while (draw < reject) draw = next();
  return static_cast<std::int64_t>(draw % bound);
}

void Generator::set_state(const State& state) {
  if (state == State{}) throw ValueError("set_state: four zeros are no state: every number after it would be 0.");
  state_ = state;
}

Array rand(const Shape& shape, Generator& generator, double low, double high) {
  Array result(shape);
  for (Real& value : result.mutable_data()) value = static_cast<Real>(low + (high - low) * generator.uniform());
  return result;
}

Array randn(const Shape& shape, Generator& generator, double mean, double deviation) {
  Array result(shape);
  for (Real& value : result.mutable_data()) value = static_cast<Real>(mean + deviation * generator.normal());
  return result;
}

std::vector<std::int64_t> permutation(std::int64_t count, Generator& generator) {
  if (count < 0) throw ValueError("permutation: the count is {}, but it must not be negative.", {count});
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::int64_t last = count - 1; last > 0; --last) std::swap(order[last], order[generator.below(last + 1)]);
  return order;
}

}  // namespace rushlight
