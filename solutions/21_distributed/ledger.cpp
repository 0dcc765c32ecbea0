// ledger.cpp: ranks compare what they do, and what they have.
#include "21_distributed/ledger.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

std::string text_of(const LedgerLine& line) { return formatted("'{}' over {} numbers", {line.op, line.numbers}); }

void add_bytes(std::uint64_t& hash, std::span<const Real> numbers) {
  for (const std::byte byte : std::as_bytes(numbers)) {
    hash = (hash ^ static_cast<std::uint64_t>(byte)) * 1099511628211u;
  }
}

// On rank 0: which ranks sent another text than its own.
std::string others_than(World& world, const std::string& mine) {
  std::string different;
  for (int rank = 1; rank < world.size(); ++rank) {
    if (world.receive_text(rank) != mine) different += (different.empty() ? "" : ", ") + std::to_string(rank);
  }
  return different;
}

}  // namespace

// 21.4 Ledger::enter  op, numbers -> a line more, the same on the left neighbour or a WorldError
// Hint: send_text to (rank + 1) mod R, receive_text from (rank - 1 + R) mod R. A text of op and number that both sides
// make alike is all that must travel.
void Ledger::enter(const std::string& op, std::int64_t numbers) {
  const Doing doing(world_, "the ledger");
  // solution 21.4
  lines_.push_back({op, numbers});
  const int ranks = world_.size(), left = (world_.rank() + ranks - 1) % ranks;
  if (ranks == 1) return;
  const std::string here = text_of(lines_.back());
  world_.send_text(here, (world_.rank() + 1) % ranks);
  const std::string there = world_.receive_text(left);
  if (here == there) return;
  throw WorldError(
      "{}: collective {} is {} here, but {} on rank {}. All ranks must call the same collectives in the same order.",
      {world_.whereabouts(), lines_.size() - 1, here, there, left});
  // end solution
}

// 21.4 checksum  a model -> FNV-1a over the bytes of its parameters, then its buffers
// Hint: std::as_bytes of value().cpu().data().
std::uint64_t checksum(Module& module) {
  std::uint64_t hash = 14695981039346656037u;
  for (const Tensor& parameter : module.parameters()) add_bytes(hash, parameter.value().cpu().data());
  for (const auto& [name, buffer] : module.named_buffers()) add_bytes(hash, buffer.value().cpu().data());
  return hash;
}

// 21.4 require_agreement  WorldError on every rank that lists the ranks whose checksum is not rank 0's
// Hint: all send theirs to rank 0 as a text; rank 0 sends back the list, and an empty one is good news.
void require_agreement(World& world, Module& module) {
  const Doing doing(world, "require_agreement");
  // solution 21.4
  const std::string mine = std::to_string(checksum(module));
  std::string different;
  if (world.rank() == 0) {
    different = others_than(world, mine);
    for (int rank = 1; rank < world.size(); ++rank) world.send_text(different, rank);
  } else {
    world.send_text(mine, 0);
    different = world.receive_text(0);
  }
  if (!different.empty()) {
    throw WorldError("{}: the model of rank {} is no longer that of rank 0. Something ran on some ranks alone.",
                     {world.whereabouts(), different});
  }
  // end solution
}

}  // namespace rushlight
