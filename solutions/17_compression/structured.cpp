// structured.cpp: layers that become smaller.
#include "17_compression/structured.hpp"

#include "01_tensor/todo.hpp"
#include "17_compression/pruning.hpp"

namespace rushlight {
namespace {

void check_keep(const char* who, std::int64_t keep, std::int64_t have) {
  if (keep < 1 || keep > have) throw ValueError("{}: cannot keep {} of {}; needs 1 to {}.", {who, keep, have, have});
}

void check_reads(const char* who, const Shape& first, const Shape& second, bool fits) {
  if (!fits) {
    throw ShapeError("{}: the second layer, {}, does not read what the first, {}, gives.", {who, second, first});
  }
}

// A stand-in answers with weights of its own, and they would stay as they are.
void check_itself(const char* who, std::initializer_list<const Module*> layers) {
  for (const Module* layer : layers) {
    if (!layer->stand_in()) continue;
    throw ValueError("{}: a layer has a stand-in, which would stay as it is. Prune first, then replace.", {who});
  }
}

// Of a convolution with groups, each output reads a part of the channels only, and the parts must stay equally large.
void check_groups(std::initializer_list<const Conv2d*> layers) {
  for (const Conv2d* layer : layers) {
    const std::int64_t groups = layer->options().groups;
    if (groups != 1) throw ValueError("prune_channels: a convolution has {} groups; needs 1.", {groups});
  }
}

// A parameter becomes a new, smaller leaf. An empty one stays empty.
void shrink(Tensor& parameter, int axis, const Indices& places) {
  if (parameter.defined()) parameter = Tensor(kept_along(parameter.value(), axis, places), parameter.requires_grad());
}

// Places p·block, ..., p·block + block - 1 for every place p: all rows of a head, all inputs that a channel gives.
Indices blocks_of(const Indices& places, std::int64_t block) {
  std::vector<std::int32_t> all;
  for (const std::int32_t place : places.data()) {
    for (std::int64_t i = 0; i < block; ++i) all.push_back(static_cast<std::int32_t>(place * block + i));
  }
  return Indices({static_cast<std::int64_t>(all.size())}, all);
}

}  // namespace

// 17.4 output_norms  weight (O, ...) -> (O);  √Σ w² over all axes but the first
// Hint: as (O, rest), one sum along the last axis.
Array output_norms(const Array& weight) {
  if (weight.rank() == 0) throw ShapeError("output_norms: a scalar has no axis of outputs.");
  // solution 17.4
  const Array rows = weight.with_shape({weight.dim(0), weight.dim(0) == 0 ? 0 : weight.size() / weight.dim(0)});
  return sqrt(sum(rows * rows, {1}));
  // end solution
}

// 17.4 strongest  scores (N), how many -> their places, ascending; among equal scores the one that comes first stays
// Hint: mask_of_lowest of 17.2 says who goes; but of equals it lets the first go. Hand it the scores backwards.
Indices strongest(const Array& scores, std::int64_t keep) {
  if (scores.rank() != 1) throw ShapeError("strongest: scores are {}, but needs one axis.", {scores.shape()});
  check_keep("strongest", keep, scores.size());
  // solution 17.4
  const Array host = scores.cpu();
  const std::int64_t count = host.size();
  const Array backwards({count}, std::vector<Real>(host.data().rbegin(), host.data().rend()));
  const Array mask = mask_of_lowest(backwards, count - keep);
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < count; ++i) {
    if (mask.data()[count - 1 - i] != 0) places.push_back(static_cast<std::int32_t>(i));
  }
  return Indices({keep}, places);
  // end solution
}

// 17.4 kept_along  x, axis, places (N) -> x with N along that axis: those of x at the places
// Hint: take() of module 01 does it along axis 0, and transpose(x, 0, axis) brings any axis there and back.
Array kept_along(const Array& x, int axis, const Indices& places) {
  return transpose(take(transpose(x, 0, axis), places), 0, axis);
}

// 17.4 prune_neurons  first (M, I), second (O, M) -> first (keep, I), second (O, keep)
// Hint: strongest of output_norms; shrink (above) rows and bias of the first, and columns of the second. Not its bias.
Indices prune_neurons(Linear& first, Linear& second, std::int64_t keep) {
  check_itself("prune_neurons", {&first, &second});
  check_reads("prune_neurons", first.weight.shape(), second.weight.shape(),
              second.weight.dim(1) == first.weight.dim(0));
  check_keep("prune_neurons", keep, first.weight.dim(0));
  // solution 17.4
  const Indices stay = strongest(output_norms(first.weight.value()), keep);
  shrink(first.weight, 0, stay);
  shrink(first.bias, 0, stay);
  shrink(second.weight, 1, stay);
  return stay;
  // end solution
}

// 17.4 prune_channels  first (M, C, KH, KW), second (O, M, KH', KW') -> M becomes keep in both
// Hint: as prune_neurons: the channels of an image are axis 1 of the weight that reads them, too.
Indices prune_channels(Conv2d& first, Conv2d& second, std::int64_t keep) {
  check_itself("prune_channels", {&first, &second});
  check_groups({&first, &second});
  check_reads("prune_channels", first.weight.shape(), second.weight.shape(),
              second.weight.dim(1) == first.weight.dim(0));
  check_keep("prune_channels", keep, first.weight.dim(0));
  // solution 17.4
  const Indices stay = strongest(output_norms(first.weight.value()), keep);
  shrink(first.weight, 0, stay);
  shrink(first.bias, 0, stay);
  shrink(second.weight, 1, stay);
  return stay;
  // end solution
}

// 17.4 prune_channels  first (M, C, KH, KW), second (O, M·P) behind a Flatten -> (O, keep·P)
// Hint: Flatten writes the P pixels of a channel one after the other, so a channel is a block of P inputs: blocks_of.
Indices prune_channels(Conv2d& first, Linear& second, std::int64_t keep) {
  check_itself("prune_channels", {&first, &second});
  check_groups({&first});
  const std::int64_t channels = first.weight.dim(0), inputs = second.weight.dim(1);
  check_reads("prune_channels", first.weight.shape(), second.weight.shape(), inputs % channels == 0);
  check_keep("prune_channels", keep, channels);
  // solution 17.4
  const Indices stay = strongest(output_norms(first.weight.value()), keep);
  shrink(first.weight, 0, stay);
  shrink(first.bias, 0, stay);
  shrink(second.weight, 1, blocks_of(stay, inputs / channels));
  return stay;
  // end solution
}

// 17.4 keep_channels  a batch norm of C channels -> one of those that stay, whose statistics and mode stay, too
// Hint: make a new BatchNorm2d; its four Tensors are kept_along(…, 0, channels) of the old one's, num_batches_tracked
// is a copy, and train() sets the mode. weight and bias are empty in a norm without the affine part, and set_value
// keeps a buffer a buffer.
BatchNorm2d keep_channels(BatchNorm2d& norm, BatchNormOptions options, const Indices& channels) {
  check_itself("keep_channels", {&norm});
  options.features = channels.size();
  BatchNorm2d smaller(options);
  // solution 17.4
  const auto copy = [&](Tensor& to, const Tensor& from) {
    if (from.defined()) to.set_value(kept_along(from.value(), 0, channels));
  };
  copy(smaller.weight, norm.weight);
  copy(smaller.bias, norm.bias);
  copy(smaller.running_mean, norm.running_mean);
  copy(smaller.running_var, norm.running_var);
  smaller.num_batches_tracked.set_value(norm.num_batches_tracked.value().clone());
  smaller.train(norm.training());
  return smaller;
  // end solution
}

// 17.4 prune_heads  an attention with G groups of H/G heads -> with `keep` groups
// The norm of a group is over its rows of q, k and v (weights) and its columns of out.
// Hint: blocks_of(groups, (H/G)·K) are rows of q and columns of out, blocks_of(groups, K) rows of k and v. In the end
// set_heads tells the layer how many there are.
Indices prune_heads(MultiHeadAttention& attention, std::int64_t keep) {
  check_itself("prune_heads", {&attention, &attention.q, &attention.k, &attention.v, &attention.out});
  const std::int64_t groups = attention.groups(), queries = attention.heads() / groups;
  check_keep("prune_heads", keep, groups);
  // solution 17.4
  const std::int64_t width = attention.k.weight.dim(0) / groups;
  const auto squares = [&](const Array& rows) {
    const Array norms = output_norms(rows.with_shape({groups, rows.size() / groups}));
    return norms * norms;
  };
  const Indices stay =
      strongest(squares(attention.q.weight.value()) + squares(attention.k.weight.value()) +
                    squares(attention.v.weight.value()) + squares(transpose(attention.out.weight.value(), 0, 1)),
                keep);
  const Indices of_queries = blocks_of(stay, queries * width), of_keys = blocks_of(stay, width);
  shrink(attention.q.weight, 0, of_queries);
  shrink(attention.q.bias, 0, of_queries);
  for (Linear* layer : {&attention.k, &attention.v}) {
    shrink(layer->weight, 0, of_keys);
    shrink(layer->bias, 0, of_keys);
  }
  shrink(attention.out.weight, 1, of_queries);
  attention.set_heads(keep * queries, keep);
  return stay;
  // end solution
}

}  // namespace rushlight
