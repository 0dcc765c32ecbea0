// multi_head.cpp: attention with learned queries, keys and values.
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {
namespace {

MultiHeadOptions checked(MultiHeadOptions options) {
  if (options.groups == 0) options.groups = options.heads;
  if (options.width < 1 || options.heads < 1 || options.width % options.heads != 0) {
    throw ValueError("MultiHeadAttention: width {} is not a positive multiple of {} heads.",
                     {options.width, options.heads});
  }
  if (options.groups < 1 || options.heads % options.groups != 0) {
    throw ValueError("MultiHeadAttention: {} heads do not form {} groups.", {options.heads, options.groups});
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) {  // written so that NaN fails too
    throw ValueError("MultiHeadAttention: dropout is {}, but it must be at least 0 and below 1.", {options.dropout});
  }
  return options;
}

std::int64_t key_width(const MultiHeadOptions& options) {
  return options.width / options.heads * checked(options).groups;
}

}  // namespace

MultiHeadAttention::MultiHeadAttention(MultiHeadOptions options, Generator& generator)
    : q({.in = checked(options).width, .out = options.width, .bias = options.bias}, generator),
      k({.in = options.width, .out = key_width(options), .bias = options.bias}, generator),
      v({.in = options.width, .out = key_width(options), .bias = options.bias}, generator),
      out({.in = options.width, .out = options.width, .bias = options.bias}, generator),
      options_(checked(options)),
      dropout_generator_(generator.next()) {}

// 12.7 with_own_dropout  options -> the same, but dropout is the layer's in training and 0 in evaluation, and generator
// is the layer's, so that a checkpoint finds it
// Hint: copy the options and change those two.
AttentionOptions MultiHeadAttention::with_own_dropout(const AttentionOptions& options) {
  AttentionOptions own = options;
  own.dropout = training() ? options_.dropout : 0;
  own.generator = &dropout_generator_;
  return own;
}

// 12.7 forward  x (B, T, D), context (B, S, D) -> (B, T, D)
//   out(merge(attention(split(q(x)), split(k(context)), split(v(context)))))
// Hint: with_own_dropout(options). q splits into heads(), k and v into groups().
Tensor MultiHeadAttention::forward(const Tensor& x, const Tensor& context, const AttentionOptions& options) {
  const Tensor queries = split_heads(q(x), heads());
  const Tensor keys = split_heads(k(context), groups()), values = split_heads(v(context), groups());
  return out(merge_heads(scaled_dot_product_attention(queries, keys, values, with_own_dropout(options))));
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
