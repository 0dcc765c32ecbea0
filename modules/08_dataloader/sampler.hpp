// sampler.hpp: in which order examples are visited, and where the chance comes from. Nothing here has state: the order
// of epoch 7 follows from the seed and the number 7, so that a resumed run needs no history.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "01_tensor/random.hpp"

namespace rushlight {

// Scrambles 64 bits: a change of one bit of the input changes about half of the output (splitmix64's finaliser;
// Steele, Lea and Flood, 2014). Given.
constexpr std::uint64_t scramble(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// --- 08.5, written by you in sampler.cpp ----------------------------------------------------------------------

// A source of its own for every (seed, epoch, index): the same three numbers give the same source, and any other
// three an unrelated one; (1, 2, 3) and (1, 3, 2) too. So it does not matter which thread augments an image, or when.
Generator stream(std::uint64_t seed, std::int64_t epoch, std::int64_t index);

// 0, 1, ..., count-1, or with `shuffle` the permutation that belongs to (seed, epoch): permutation() of random.hpp with
// stream(seed, epoch, -1), which no example has.
std::vector<std::int64_t> epoch_order(std::int64_t count, bool shuffle, std::uint64_t seed, std::int64_t epoch);

// How many batches `count` examples make: the last one may be short, unless drop_last leaves it out.
std::int64_t batch_count(std::int64_t count, std::int64_t batch_size, bool drop_last);

// The part of `order` that makes batch number `batch`; short for the last one, perhaps.
std::span<const std::int64_t> batch_indices(std::span<const std::int64_t> order, std::int64_t batch_size,
                                            std::int64_t batch);

}  // namespace rushlight
