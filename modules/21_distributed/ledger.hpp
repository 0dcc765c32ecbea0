// ledger.hpp: finding out that ranks do not agree before they hang or go apart in silence.
#pragma once

#include <string>
#include <vector>

#include "03_layers/module.hpp"
#include "21_distributed/world.hpp"

namespace rushlight {

// --- 21.4 (ledger.cpp) -----------------------------------------------------------------------------------------------

// One collective: what it is, and over how many numbers.
struct LedgerLine {
  std::string op;
  std::int64_t numbers = 0;
  bool operator==(const LedgerLine&) const = default;
};

// What this rank did together with the others, in order.
class Ledger {
 public:
  explicit Ledger(World& world) : world_(world) {}

  // Writes a line, tells it to rank + 1 and compares it with the one of rank - 1 (round a ring, by send_text). WorldError
  // where they differ: its message has the line's number (from 0), op and numbers here, and op and numbers there, with
  // both ranks. A rank that never comes is the world's patience to report. With one rank it only writes.
  void enter(const std::string& op, std::int64_t numbers);

  const std::vector<LedgerLine>& lines() const { return lines_; }

 private:
  World& world_;
  std::vector<LedgerLine> lines_;
};

// 64 bits that depend on every bit, and on the place, of all parameters and buffers: FNV-1a over the bytes of their
// values, parameters first, in the order of named_parameters() and named_buffers().
//   h = 14695981039346656037;  for every byte:  h = (h xor byte) · 1099511628211
// Source: Fowler, Noll and Vo; the constants are those of the 64-bit form.
std::uint64_t checksum(Module& module);

// WorldError on every rank, with the same list of ranks whose checksum is not rank 0's; nothing where there are none.
void require_agreement(World& world, Module& module);

}  // namespace rushlight
