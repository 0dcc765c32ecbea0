// given_parts.cpp: given. What starts and stops threads, and what is only a table of numbers.

#include <algorithm>
#include <charconv>
#include <utility>

#include "01_tensor/error.hpp"
#include "08_dataloader/cifar10.hpp"
#include "08_dataloader/csv.hpp"
#include "08_dataloader/dataloader.hpp"
#include "08_dataloader/prefetcher.hpp"

namespace rushlight {

// --- Prefetcher -------------------------------------------------------------------------------------------------

Prefetcher::Prefetcher(Make make, std::int64_t first, std::int64_t end, int workers, std::int64_t ahead)
    : make_(std::move(make)),
      end_(end),
      claimed_(first),
      delivered_(first),
      slots_(static_cast<std::size_t>(std::clamp<std::int64_t>(ahead, 1, std::max<std::int64_t>(end - first, 1)))) {
  for (int i = 0; i < std::max(workers, 1); ++i) {
    threads_.emplace_back([this](std::stop_token stop) { run(std::move(stop)); });
  }
}

Prefetcher::~Prefetcher() {
  for (std::jthread& thread : threads_) thread.request_stop();  // all of them first, so that they finish side by side
}  // jthread's own destructor waits

// An exception that leaves a thread ends the program. Whatever gets past work() is put where next() will meet it.
void Prefetcher::run(std::stop_token stop) {
  try {
    work(std::move(stop));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    for (Slot& each : slots_) each = {true, {}, std::current_exception()};
    ready_.notify_all();
  }
}

// --- DataLoader -------------------------------------------------------------------------------------------------

DataLoader::DataLoader(std::shared_ptr<const Dataset> dataset, LoaderOptions options)
    : dataset_(std::move(dataset)), options_(options) {
  if (dataset_ == nullptr) throw ValueError("DataLoader: there is no data set.");
  if (options_.batch_size < 1 || options_.prefetch < 1 || options_.workers < 0) {
    throw ValueError(
        "DataLoader: batch_size is {}, prefetch {} and workers {}, but the first two must be "
        "at least 1 and workers at least 0.",
        {options_.batch_size, options_.prefetch, options_.workers});
  }
  go_to(0, 0);
}

DataLoader::~DataLoader() = default;

std::int64_t DataLoader::batches() const {
  return batch_count(dataset_->size(), options_.batch_size, options_.drop_last);
}

void DataLoader::go_to(std::int64_t epoch, std::int64_t position) {
  std::vector<std::int64_t> order = epoch_order(dataset_->size(), options_.shuffle, options_.seed, epoch);
  prefetcher_.reset();  // its threads read the members that change below
  order_ = std::move(order);
  epoch_ = epoch;
  position_ = position;
}

Batch DataLoader::fetch() {
  if (options_.workers == 0) return make_batch(position_);
  if (prefetcher_ == nullptr) {
    const std::int64_t ahead = std::min(options_.prefetch, batches()) * options_.workers;
    prefetcher_ = std::make_unique<Prefetcher>([this](std::int64_t number) { return make_batch(number); }, position_,
                                               batches(), options_.workers, ahead);
  }
  Batch batch;
  try {
    if (!prefetcher_->next(batch)) throw Error("DataLoader: the workers ended before batch {}.", {position_});
  } catch (...) {
    prefetcher_.reset();  // who asks again has it made again, as without workers
    throw;
  }
  return batch;
}

// --- transforms -------------------------------------------------------------------------------------------------

std::size_t image_bytes(const char* op, std::int64_t channels, std::int64_t height, std::int64_t width) {
  constexpr std::int64_t most = std::int64_t{1} << 32;
  std::int64_t bytes = 1;
  for (const std::int64_t size : {channels, height, width}) {
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) bytes = INT64_MAX;
    if (bytes > most) {
      throw ValueError("{}: an image of {} x {} x {} is none: its sizes must be positive, and it may take {} bytes.",
                       {op, channels, height, width, most});
    }
  }
  return static_cast<std::size_t>(bytes);
}

void Normalize::check(std::int64_t channels) const {
  const bool fits =
      mean.size() == deviation.size() && (mean.empty() || static_cast<std::int64_t>(mean.size()) == channels);
  if (!fits) {
    throw ValueError("Normalize: {} means and {} deviations for an image of {} channels.",
                     {mean.size(), deviation.size(), channels});
  }
  for (std::size_t channel = 0; channel < deviation.size(); ++channel) {
    if (!(deviation[channel] > 0)) {
      throw ValueError("Normalize: the deviation of channel {} is {}, but it must be above 0.",
                       {channel, deviation[channel]});
    }
  }
}

Normalize cifar10_normalize() { return {.mean = {.4914, .4822, .4465}, .deviation = {.2470, .2435, .2616}}; }

Normalize fashion_mnist_normalize() { return {.mean = {.2860}, .deviation = {.3530}}; }

// --- csv --------------------------------------------------------------------------------------------------------

bool is_below_one(std::string_view number) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const std::size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  // In scientific notation the exponent is what is written there, moved by the place of the first digit before the point.
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto place = static_cast<std::int64_t>(first);
  std::string_view text = number.substr(std::min(e + 1, number.size()));
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), exponent).ec;
  if (error == std::errc::result_out_of_range) return text.starts_with('-');
  return exponent + point - place - (place < point ? 1 : 0) < 0;
}

// --- cifar10 ----------------------------------------------------------------------------------------------------

ImageSet cifar10(const std::string& folder, Split split) {
  std::vector<std::string> paths;
  if (split == Split::test) return read_cifar10({folder + "/test_batch.bin"});
  for (int i = 1; i <= 5; ++i) paths.push_back(formatted("{}/data_batch_{}.bin", {folder, i}));
  return read_cifar10(paths);
}

}  // namespace rushlight
