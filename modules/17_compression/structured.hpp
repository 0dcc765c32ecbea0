// structured.hpp: pruning that makes layers smaller. Zeros inside a matrix are multiplied like all other numbers; a row
// that is gone is not. So whole neurons, channels and heads go, and the next layer loses the inputs that came from
// them. As torch.nn.utils.prune.ln_structured chooses, but here nothing is masked: weights are new, smaller leaves.
// Make the optimizer afterwards: one that was made before still holds the old ones. A layer that has a stand-in
// (Module::replace_with) would not become smaller where it matters: every function here throws ValueError for one.
// Letters: O outputs, I inputs, C channels, K width of a head, H heads, G key/value heads, D width of a model.
#pragma once

#include "03_layers/linear.hpp"
#include "09_spatial/spatial.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// --- 17.4 smaller layers (structured.cpp) --------------------------------------------------------------------------

// weight (O, ...) -> (O): the L2 norm of what makes each output. Throws ShapeError below rank 1.
Array output_norms(const Array& weight);

// scores (N) -> the places of the `keep` largest, in ascending order; among equals the one that comes first stays.
// Throws ShapeError unless scores has rank 1, ValueError for a NaN among them and unless 1 <= keep <= N.
Indices strongest(const Array& scores, std::int64_t keep);

// x -> only the given places of one axis, in the given order. Throws IndexError for a place outside it.
Array kept_along(const Array& x, int axis, const Indices& places);

// first (M, I), second (O, M), with something elementwise between them -> M becomes `keep`: the neurons with the
// largest output_norms of first.weight stay, with their bias, and so do their columns of second. Returns those that
// stayed. Throws ShapeError when second does not read what first gives, ValueError unless 1 <= keep <= M. Nothing has
// changed then.
Indices prune_neurons(Linear& first, Linear& second, std::int64_t keep);

// The same for channels, first (M, C, KH, KW). What follows first is another convolution that reads its M channels, or,
// behind a Flatten, a Linear whose inputs are M blocks of equal size, one a channel. Elementwise functions and pooling
// may stand between; a batch norm is for keep_channels. Throws as prune_neurons does, and
// ValueError that says how many groups a convolution has, unless that is 1.
Indices prune_channels(Conv2d& first, Conv2d& second, std::int64_t keep);
Indices prune_channels(Conv2d& first, Linear& second, std::int64_t keep);

// A batch norm for those channels of `norm` alone: weight, bias and running statistics. `options` are those that `norm`
// was made with; its features become the number of channels. It is in training if `norm` is.
BatchNorm2d keep_channels(BatchNorm2d& norm, BatchNormOptions options, const Indices& channels);

// A key/value head goes with all query heads that read it (with as many groups as heads: one head); `keep` groups stay,
// those with the largest L2 norm over their rows of q, k and v and their columns of out. q becomes (H'·K, D), k and v
// (G'·K, D), out (D, H'·K); x and the result keep their width, and a head its. Returns the groups that stayed. Throws
// ValueError unless 1 <= keep <= attention.groups().
Indices prune_heads(MultiHeadAttention& attention, std::int64_t keep);

}  // namespace rushlight
