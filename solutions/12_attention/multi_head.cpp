// multi_head.cpp: attention with learned queries, keys and values.
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {
namespace {

std::int64_t groups_of(const MultiHeadOptions& options) { return options.groups == 0 ? options.heads : options.groups; }

MultiHeadOptions checked(const MultiHeadOptions& options) {
  const std::int64_t groups = groups_of(options);
  if (options.width < 1 || options.heads < 1 || options.width % options.heads != 0) {
    throw ValueError("MultiHeadAttention: width {} is not a positive multiple of {} heads.",
                     {options.width, options.heads});
  }
  if (groups < 1 || options.heads % groups != 0) {
    throw ValueError("MultiHeadAttention: {} heads do not form {} groups.", {options.heads, groups});
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) {  // written so that NaN fails too
    throw ValueError("MultiHeadAttention: dropout is {}, but it must be at least 0 and below 1.", {options.dropout});
  }
  return options;
}

std::int64_t key_width(const MultiHeadOptions& options) { return options.width / options.heads * groups_of(options); }

}  // namespace

MultiHeadAttention::MultiHeadAttention(MultiHeadOptions options, Generator& generator)
    : q({.in = checked(options).width, .out = options.width, .bias = options.bias}, generator),
      k({.in = options.width, .out = key_width(options), .bias = options.bias}, generator),
      v({.in = options.width, .out = key_width(options), .bias = options.bias}, generator),
      out({.in = options.width, .out = options.width, .bias = options.bias}, generator),
      options_(options),
      dropout_generator_(generator.next()) {}

// 12.7 forward  x (B, T, D), context (B, S, D) -> (B, T, D)
//   out(merge(attention(split(q(x)), split(k(context)), split(v(context)))))
// options.dropout is the layer's in training and 0 in evaluation, options.generator the layer's; the rest is as given.
// Hint: copy the options and change those two. q splits into H heads, k and v into G (groups_of, above).
Tensor MultiHeadAttention::forward(const Tensor& x, const Tensor& context, const AttentionOptions& options) {
  AttentionOptions mine = options;
  mine.dropout = training() ? options_.dropout : 0;
  mine.generator = &dropout_generator_;
  const std::int64_t groups = groups_of(options_);
  const Tensor heads = scaled_dot_product_attention(split_heads(q(x), options_.heads), split_heads(k(context), groups),
                                                    split_heads(v(context), groups), mine);
  return out(merge_heads(heads));
}

// 12.7 forward  x (B, T, D) -> (B, T, D);  self-attention: the context is x
// Hint: one line, the function above.
Tensor MultiHeadAttention::forward(const Tensor& x, const AttentionOptions& options) { return forward(x, x, options); }

void MultiHeadAttention::members(Members& m) {
  m("q", q);
  m("k", k);
  m("v", v);
  m("out", out);
  m("dropout", dropout_generator_);
}

}  // namespace rushlight
