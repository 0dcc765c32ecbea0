// kv_cache.cpp: given. What surrounds the blocks: checks, sizes, and a model's layers together.
#include "15_memoization/kv_cache.hpp"

#include <algorithm>

namespace rushlight {
namespace {

void check_at_least(const char* name, std::int64_t value, std::int64_t least) {
  if (value < least) throw ValueError("KVCache: {} is {}, but it must be at least {}.", {name, value, least});
}

KVCacheOptions checked(const GPTOptions& model, const KVCacheOptions& options) {
  check_at_least("batch", options.batch, 1);
  check_at_least("block", options.block, 1);
  check_at_least("window", options.window, 0);
  if (options.window > model.context) {
    throw ValueError("KVCache: window is {}, but the model's context is {}.", {options.window, model.context});
  }
  const auto rows = static_cast<std::int64_t>(options.padding.size());
  if (rows != 0 && rows != options.batch) {
    throw ValueError("KVCache: padding has {} numbers for a batch of {}.", {rows, options.batch});
  }
  for (const std::int64_t columns : options.padding) check_at_least("padding", columns, 0);
  return options;
}

}  // namespace

LayerCache::LayerCache(const Shape& block) : block_(block) {
  if (block.rank() != 4 || *std::min_element(block.begin(), block.end()) < 1) {
    throw ShapeError("LayerCache: a block of {}: needs (B, G, P, K), all at least 1.", {block});
  }
}

std::int64_t LayerCache::end() const { return first_ + places() * static_cast<std::int64_t>(blocks_.size()); }

void LayerCache::check_columns(const Array& k, const Array& v) {
  const Shape& shape = k.shape();
  const bool fits = shape.rank() == 4 && shape[0] == block_[0] && shape[1] == block_[1] && shape[3] == block_[3];
  if (!fits || v.shape() != shape) {
    throw ShapeError("LayerCache: k {} and v {} do not fit: needs twice ({}, {}, T, {}).",
                     {shape, v.shape(), block_[0], block_[1], block_[3]});
  }
}

KVCache::KVCache(const GPTOptions& model, KVCacheOptions options)
    : options_(checked(model, options)), context_(model.context), rotary_(model.positions == Positions::rotary) {
  const std::int64_t groups = model.groups == 0 ? model.heads : model.groups;
  const Shape block{options_.batch, groups, options_.block, model.width / model.heads};
  layers.assign(static_cast<std::size_t>(model.layers), LayerCache(block));
}

std::int64_t KVCache::bytes() const {
  std::int64_t count = 0;
  for (const LayerCache& layer : layers) {
    for (const KVBlock& block : layer.blocks()) count += block.k.size() + block.v.size();
  }
  return count * static_cast<std::int64_t>(sizeof(Real));
}

bool KVCache::reaches(std::int64_t length) const {
  if (length < 0 || length > this->length()) return false;
  if (length == 0) return true;
  const std::int64_t oldest = options_.window == 0 ? 0 : std::max<std::int64_t>(0, length - options_.window + 1);
  return std::all_of(layers.begin(), layers.end(),
                     [&](const LayerCache& layer) { return layer.first() <= std::min(oldest, length); });
}

void KVCache::truncate(std::int64_t length) {
  if (!reaches(length)) {
    throw ValueError("KVCache: cannot go back to {} columns: {} are held from {} on, and the window is {}.",
                     {length, this->length() - layers.back().first(), layers.back().first(), options_.window});
  }
  for (LayerCache& layer : layers) layer.truncate(length);
}

void KVCache::check_room(std::int64_t tokens) const {
  if (rotary_ && options_.window > 0) return;
  std::int64_t least = 0;
  if (!options_.padding.empty()) least = *std::min_element(options_.padding.begin(), options_.padding.end());
  const std::int64_t needed = length() + tokens - least;
  if (needed <= context_) return;
  throw ValueError(
      "KVCache: {} tokens and {} more need {} positions, and the context has {}. Take fewer, or use rotary positions "
      "with a window.",
      {length() - least, tokens, needed, context_});
}

}  // namespace rushlight
