// sources.hpp: data sets that show what a loader does with them.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "08_dataloader/dataloader.hpp"
#include "support/rush_test.hpp"

namespace rushlight {

// How gtest shows a place in a failure.
inline void PrintTo(const LoaderState& s, std::ostream* out) {
  *out << "epoch " << s.epoch << ", position " << s.position << ", seed " << s.seed << ", of " << s.examples
       << " examples in batches of " << s.batch_size << (s.shuffle ? ", shuffled" : "")
       << (s.drop_last ? ", drop_last" : "");
}

}  // namespace rushlight

namespace rushlight::test {

// Example i: features (i, a draw from its random stream), label 10 · i. Counts who reads what.
class ProbeDataset : public Dataset {
 public:
  explicit ProbeDataset(std::int64_t size) : size_(size) {}

  std::int64_t size() const override { return size_; }
  Shape shape() const override { return {2}; }
  std::int32_t item(std::int64_t index, std::span<Real> features, Generator& random) const override {
    if (before) before(index);
    features[0] = static_cast<Real>(index);
    features[1] = static_cast<Real>(random.uniform());
    ++reads;
    const std::lock_guard lock(mutex_);
    threads_.insert(std::this_thread::get_id());
    return static_cast<std::int32_t>(10 * index);
  }

  std::set<std::thread::id> threads() const {
    const std::lock_guard lock(mutex_);
    return threads_;
  }

  std::function<void(std::int64_t)> before;  // may wait or throw
  mutable std::atomic<std::int64_t> reads = 0;

 private:
  std::int64_t size_;
  mutable std::mutex mutex_;
  mutable std::set<std::thread::id> threads_;
};

// The next batch of a loader or a prefetcher, or nothing.
template <class Source>
std::optional<Batch> next_of(Source& source) {
  Batch batch;
  if (!source.next(batch)) return std::nullopt;
  return batch;
}

inline std::vector<Batch> rest_of_epoch(DataLoader& loader) {
  std::vector<Batch> batches;
  for (Batch batch; loader.next(batch);) batches.push_back(batch);
  return batches;
}

inline std::vector<Batch> batches_of(DataLoader& loader, std::int64_t epoch) {
  loader.start_epoch(epoch);
  return rest_of_epoch(loader);
}

// The examples' numbers, in the order in which they came.
inline std::vector<int> visited(const std::vector<Batch>& batches) {
  std::vector<int> numbers;
  for (const Batch& batch : batches) {
    for (const std::int32_t label : batch.labels.data()) numbers.push_back(label / 10);
  }
  return numbers;
}

inline testing::AssertionResult same_batches(const std::vector<Batch>& actual, const std::vector<Batch>& expected) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure() << actual.size() << " batches, expected " << expected.size();
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const auto labels = expected[i].labels.data();
    if (const auto result = same_bits(actual[i].inputs, expected[i].inputs); !result) {
      return testing::AssertionFailure() << "inputs of batch " << i << ": " << result.message();
    }
    if (const auto result = same(actual[i].labels, expected[i].labels.shape(), {labels.begin(), labels.end()});
        !result) {
      return testing::AssertionFailure() << "labels of batch " << i << ": " << result.message();
    }
  }
  return testing::AssertionSuccess();
}

// Waits until the condition holds, at most two seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

template <class Number>
std::vector<Number> sorted(std::vector<Number> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace rushlight::test
