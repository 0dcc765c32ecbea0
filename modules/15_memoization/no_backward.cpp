// no_backward.cpp: given. A result of cached numbers says so when somebody wants its gradient.
#include "15_memoization/cached_gpt.hpp"

namespace rushlight {
namespace {

constexpr const char* op = "kv_cache";  // not spelt out in record(): its gradient is meant to be missing

}  // namespace

Tensor no_backward(const Array& value, GPT& model) {
  if (!grad_enabled()) return value;
  return record(op, value, model.parameters(), Save::nothing, [](const Backward&) -> Arrays {
    throw GraphError(
        "kv_cache: there is no backward pass through a cache: it keeps the past as numbers, without the graph that "
        "made them, so every gradient would lack a part. Use the model itself to train, and NoGrad to generate.");
  });
}

void check_new_ids(const Indices& ids, const GPT& model, const KVCache& cache) {
  const Shape& shape = ids.shape();
  if (shape.rank() != 2 || shape[0] != cache.options().batch || shape[1] < 1) {
    throw ShapeError("cached GPT: the ids are {}: needs ({}, T), T at least 1.", {shape, cache.options().batch});
  }
  cache.check_room(shape[1]);
  for (const std::int32_t id : ids.data()) {
    if (id >= 0 && id < model.options().vocabulary) continue;
    throw IndexError("cached GPT: the id {} is outside 0..{}.", {id, model.options().vocabulary - 1});
  }
}

}  // namespace rushlight
