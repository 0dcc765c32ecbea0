// sampler.cpp: the order of an epoch and the chance in it, both functions of plain numbers.
#include "08_dataloader/sampler.hpp"

#include <algorithm>
#include <numeric>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.5 stream  (seed, epoch, index) -> a Generator of its own
// Hint: seed + epoch + index would give (1, 2) and (2, 1) the same numbers. Scramble, add the next number, scramble.
Generator stream(std::uint64_t seed, std::int64_t epoch, std::int64_t index) {
  const std::uint64_t of_epoch = scramble(scramble(seed) + static_cast<std::uint64_t>(epoch));
  return Generator(scramble(of_epoch + static_cast<std::uint64_t>(index)));
}

// 08.5 epoch_order  count examples -> the order in which this epoch visits them, each once
// 0, 1, ..., count-1, or with `shuffle` the permutation() that stream(seed, epoch, -1) gives.
// Hint: no example has the index -1, so that the order shares no numbers with what is drawn for an image.
std::vector<std::int64_t> epoch_order(std::int64_t count, bool shuffle, std::uint64_t seed, std::int64_t epoch) {
  if (shuffle) {
    Generator random = stream(seed, epoch, -1);
    return permutation(count, random);
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// 08.5 batch_count  10 examples by 4 -> 3, or 2 with drop_last
// Hint: integer division rounds down. count + batch_size - 1 overflows for a huge batch size: ask for the remainder.
std::int64_t batch_count(std::int64_t count, std::int64_t batch_size, bool drop_last) {
  const bool short_one = !drop_last && count % batch_size > 0;
  return count / batch_size + (short_one ? 1 : 0);
}

// 08.5 batch_indices  order (10), batch_size 4, batch 2 -> the last two
// Hint: subspan takes a start and a count; the count must not reach past the end.
std::span<const std::int64_t> batch_indices(std::span<const std::int64_t> order, std::int64_t batch_size,
                                            std::int64_t batch) {
  const auto first = static_cast<std::size_t>(batch * batch_size);
  return order.subspan(first, std::min(static_cast<std::size_t>(batch_size), order.size() - first));
}

}  // namespace rushlight
