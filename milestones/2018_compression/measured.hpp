// measured.hpp: what a network costs, as numbers that somebody took: nothing here is computed from a formula but the
// bytes that weights hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "03_layers/module.hpp"
#include "19_benchmarking/benchmarking.hpp"

namespace rushlight::compression {

struct Speed {
  double median = 0, p99 = 0;  // seconds of one answer, one at a time
  double rate = 0;             // answers a second, in the way that is fastest
};

// One state of a network, on its way to a small one.
struct Measured {
  std::string name;
  double quality = 0;             // accuracy, or nats a character
  std::int64_t file_bytes = 0;    // of the file that it was loaded from
  std::int64_t memory_bytes = 0;  // weights, and the most that was alive of everything else during one answer
  Speed speed;
  bool from_before = false;  // the run was stopped later, and went on: taken from its checkpoint
};

struct SpeedOptions {
  std::int64_t answers = 500;  // of which the first tenth is warm-up. The 99th percentile needs 368 others (module 19)
  std::int64_t samples = 20;   // of many answers at once; at least 8
};

// `one` gives one answer, `many` gives `count` of them. Times are those of `clock`.
Speed speed_of(const bench::Work& one, const bench::Work& many, std::int64_t count, const SpeedOptions& options = {},
               bench::Clock& clock = bench::steady_clock());

// Bytes of everything that a model computes with: parameters and buffers, and small weights with what is derived from
// them. What several layers share counts once. A table's small weight counts where a layer shares it (GPT's does).
std::int64_t held_bytes(Module& model);

// held_bytes, and the most that `answer` had alive at once of Arrays (by a Tracer of module 14). What a kernel keeps for
// itself while it runs is not seen.
std::int64_t memory_of(Module& model, const bench::Work& answer);

// Of a file. Throws FileError where there is none.
std::int64_t size_of_file(const std::string& path);

}  // namespace rushlight::compression
