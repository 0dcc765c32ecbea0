// attention_table.cpp: given. Sizes and strides of one attention for 22.8's kernels.
#include "01_tensor/strided.hpp"
#include "22_cuda/attention.hpp"
#include "22_cuda/table.hpp"

namespace rushlight::cuda {
namespace {

AttentionSizes sizes_of(const Array& q, const Array& k, const Array& v, const AttentionCall& call) {
  AttentionSizes sizes{.batch = q.dim(0),
                       .heads = q.dim(1),
                       .groups = k.dim(1),
                       .queries = q.dim(2),
                       .keys = k.dim(2),
                       .depth = q.dim(3),
                       .values = v.dim(3),
                       .causal = call.causal,
                       .scale = call.scale};
  if (sizes.depth > attention_most_depth || sizes.values > attention_most_depth) {
    throw ShapeError("attention: the kernel of the device takes heads of at most {} numbers, not {} and {}.",
                     {attention_most_depth, sizes.depth, sizes.values});
  }
  if (call.mask.defined()) {
    const Shape scores{sizes.batch, sizes.heads, sizes.queries, sizes.keys};
    sizes.mask = table::layout_of(scores);
    table::set_strides(sizes.mask, 0, broadcast_strides(call.mask.shape(), scores));
  }
  return sizes;
}

Mask mask_there(const AttentionCall& call) { return call.mask.defined() ? call.mask.to(Device::cuda) : call.mask; }

}  // namespace

AttentionForward attention(const Array& q, const Array& k, const Array& v, const AttentionCall& call) {
  const AttentionSizes sizes = sizes_of(q, k, v, call);
  AttentionForward result{table::fresh({sizes.batch, sizes.heads, sizes.queries, sizes.values}),
                          table::fresh({sizes.batch, sizes.heads, sizes.queries})};
  const Mask mask = mask_there(call);
  attention_rows(view_to_write(result.out), view_to_write(result.statistics), view(q), view(k), view(v), view(mask),
                 sizes);
  return result;
}

Arrays attention_gradients(const Array& grad, const Array& q, const Array& k, const Array& v, const Array& out,
                           const Array& statistics, const AttentionCall& call) {
  const AttentionSizes sizes = sizes_of(q, k, v, call);
  const Mask mask = mask_there(call);
  const Array inner = sum(grad * out, {-1});
  Array dq = table::fresh(q.shape()), dk = table::fresh(k.shape()), dv = table::fresh(v.shape());
  attention_backward_q(view_to_write(dq), view(grad), view(inner), view(q), view(k), view(v), view(statistics),
                       view(mask), sizes);
  attention_backward_kv(view_to_write(dk), view_to_write(dv), view(grad), view(inner), view(q), view(k), view(v),
                        view(statistics), view(mask), sizes);
  return {dq, dk, dv};
}

}  // namespace rushlight::cuda
