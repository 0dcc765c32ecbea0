// parts.cpp: given. What the classes of this module need and no task asks for.
#include <algorithm>

#include "21_distributed/distributed.hpp"

namespace rushlight {

std::vector<Straggler> stragglers(World& world, double seconds) {
  std::vector<Real> each(static_cast<std::size_t>(world.size()));
  each[static_cast<std::size_t>(world.rank())] = static_cast<Real>(seconds);
  ring_all_reduce(world, each);
  std::vector<Real> sorted = each;
  std::sort(sorted.begin(), sorted.end());
  const auto usual = static_cast<double>(sorted[(sorted.size() - 1) / 2]);
  std::vector<Straggler> slow;
  for (std::size_t rank = 0; rank < each.size(); ++rank) {
    const auto took = static_cast<double>(each[rank]);
    if (took > 1.5 * usual) slow.push_back({static_cast<int>(rank), took / usual});
  }
  return slow;
}

DistributedLoader::DistributedLoader(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options, int rank,
                                     int ranks, Uneven uneven)
    : dataset_(std::move(dataset)), options_(options), rank_(rank), ranks_(ranks), uneven_(uneven) {
  if (dataset_ == nullptr) throw ValueError("DistributedLoader: there is no data set.");
  if (options_.batch_size < 1)
    throw ValueError("DistributedLoader: batch_size is {}; needs 1 or more.", {options_.batch_size});
  if (options_.workers != 0) throw ValueError("DistributedLoader: workers is {}, but it has none.", {options_.workers});
  if (rank < 0 || rank >= ranks) throw ValueError("DistributedLoader: rank {} of {} ranks.", {rank, ranks});
  order_ = epoch_order(dataset_->size(), options_.shuffle, options_.seed, 0);
}

std::int64_t DistributedLoader::batches() const {
  return batch_count(dataset_->size(), options_.batch_size, options_.drop_last);
}

Batch DistributedLoader::read(std::span<const std::int64_t> examples) const {
  const auto count = static_cast<std::int64_t>(examples.size());
  Shape shape{count};
  for (const std::int64_t size : dataset_->shape()) shape.push_back(size);
  Batch batch{Array(shape), Indices({count})};
  const auto features = batch.inputs.mutable_data();
  const auto labels = batch.labels.mutable_data();
  const auto row = static_cast<std::size_t>(dataset_->shape().numel());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    Generator random = stream(options_.seed, epoch_, examples[i]);
    labels[i] = dataset_->item(examples[i], features.subspan(i * row, row), random);
  }
  return batch;
}

LoaderState DistributedLoader::state() const {
  return {epoch_,           position_,         options_.seed, dataset_->size(), options_.batch_size,
          options_.shuffle, options_.drop_last};
}

void DistributedLoader::load_state(const LoaderState& state) {
  const LoaderState here = this->state();
  const auto same = [](const char* field, std::uint64_t mine, std::uint64_t theirs) {
    if (mine == theirs) return;
    throw ValueError("DistributedLoader: the state has {} {}, but here it is {}.", {field, theirs, mine});
  };
  same("seed", here.seed, state.seed);
  same("examples", static_cast<std::uint64_t>(here.examples), static_cast<std::uint64_t>(state.examples));
  same("batch_size", static_cast<std::uint64_t>(here.batch_size), static_cast<std::uint64_t>(state.batch_size));
  same("shuffle", here.shuffle ? 1 : 0, state.shuffle ? 1 : 0);
  same("drop_last", here.drop_last ? 1 : 0, state.drop_last ? 1 : 0);
  if (state.epoch < 0 || state.position < 0 || state.position > batches()) {
    throw ValueError("DistributedLoader: the state is at batch {} of epoch {}, and an epoch has {}.",
                     {state.position, state.epoch, batches()});
  }
  start_epoch(state.epoch);
  position_ = state.position;
}

BucketBuffer::BucketBuffer(const Bucket& bucket)
    : bucket_(bucket), numbers_(static_cast<std::size_t>(bucket.numbers) + bucket.parameters.size()) {}

DataParallel::DataParallel(World& world, Module& model, const DataParallelOptions& options)
    : world_(world), model_(model), options_(options), ledger_(world) {
  const Doing doing(world, "DataParallel");
  broadcast_module(world, model);
  separate_generators(model, world.rank());
  std::vector<std::int64_t> sizes;
  for (const Tensor& parameter : model.parameters()) {
    if (!parameter.requires_grad()) continue;
    parameters_.push_back(parameter);
    sizes.push_back(parameter.size());
  }
  buckets_ = make_buckets(sizes, options.bucket_bytes);
  place_of_.resize(parameters_.size());
  for (std::size_t b = 0; b < buckets_.size(); ++b) {
    buffers_.emplace_back(buckets_[b]);
    for (std::size_t p = 0; p < buckets_[b].parameters.size(); ++p) place_of_.at(buckets_[b].parameters[p]) = {b, p};
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    hooks_.push_back(register_hook(parameters_[i], [this, i](const Array& gradient) {
      arrived(i, gradient);
      return Array();
    }));
  }
}

void DataParallel::launch() {
  const std::size_t b = launched_.size();
  if (options_.check_order) ledger_.enter(formatted("sum of bucket {}", {b}), buckets_[b].numbers);
  launched_.push_back(b);
  sums_.push_back(world_.start_sum(buffers_[b].numbers()));
}

void DataParallel::share_buffers() {
  for (auto& [name, buffer] : model_.named_buffers()) broadcast(world_, buffer.mutable_value().mutable_data(), 0);
}

void ShardedOptimizer::set_lr(double lr) {
  if (mine_ != nullptr) mine_->set_lr(lr);
}

void ShardedOptimizer::zero_grad() {
  for (Tensor& parameter : parameters_) parameter.zero_grad();
}

std::int64_t ShardedOptimizer::state_numbers() const {
  std::int64_t numbers = 0;
  if (mine_ == nullptr) return 0;
  for (const auto& [name, array] : mine_->state_dict().arrays) numbers += array.size();
  return numbers;
}

std::string bytes_as_text(const SafeTensors& state) {
  const std::vector<std::uint8_t> bytes = encode_safetensors(state);
  return {bytes.begin(), bytes.end()};
}

SafeTensors state_of_text(const std::string& text, const std::string& file) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return decode_safetensors({bytes, text.size()}, file);
}

}  // namespace rushlight
