// kernels.hpp: the same functions as in modules 01, 02, 03, 04, 06, 09 and 12, made to pass over memory once, on all
// threads. Each equals the one it replaces up to rounding, takes the same arguments and needs the same checks to have
// been made. Their results do not depend on how many threads there are (parallel.hpp says why), but for the product's.
// Letters: R rows, D or N numbers in a row.
#pragma once

#include "01_tensor/blas.hpp"
#include "01_tensor/device.hpp"
#include "02_activations/activations.hpp"
#include "03_layers/layer_norm.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "09_spatial/conv.hpp"
#include "09_spatial/pool.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// --- 18.3 the product on our threads (threaded_gemm.cpp) --------------------------------------------------------

// As blas_gemm: a large product in one band of rows or columns for each thread of thread_pool(), and each band in that
// thread by tiled_gemm (ladder.hpp) or OpenBLAS, whichever suits its size. The same number of threads gives the same
// bits.
void threaded_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c);

// --- 18.4 what an expression costs (primitive_kernels.cpp) ------------------------------------------------------

// Primitives of module 01, for operands that a layer gives them: a bias that repeats along the rows, a rectifier's
// number, and the way back of a bias. plain::add and its kin, whatever the operands are, up to rounding.
Array looped_add(const Array& a, const Array& b);                           // b a row of a
Array looped_maximum(const Array& a, const Array& b);                       // b a number
Mask looped_equal(const Array& a, const Array& b);                          // b a number
Array looped_where(const Mask& condition, const Array& a, const Array& b);  // a a number
Array looped_sum(const Array& x, const Axes& axes, bool keepdim);           // over all axes but the last

// --- 18.5 activations (activation_kernels.cpp) ------------------------------------------------------------------

// GELU with tanh, in one pass and with one exp:  x/2·(1 + tanh u) = x·σ(2u),  u = √(2/π)·(x + 0.044715 x³). The exact
// variant goes to module 02's functions.
Array fused_gelu_forward(const Array& x, GeluApproximation approximation);
Array fused_gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation);

// Softmax along the last axis, a row at a time while it lies in the cache. Another axis goes to module 02's functions.
Array fused_softmax_forward(const Array& x, int axis);
Array fused_softmax_backward(const Array& grad, const Array& y, int axis);

// --- 18.6 layer norm and cross-entropy (row_kernels.cpp) --------------------------------------------------------

// As composed_layer_norm and its two derivatives.
LayerNormForward fused_layer_norm(const Array& x, const Array& weight, const Array& bias, Real eps);
Array fused_layer_norm_backward_x(const Array& grad, const Array& x, const Array& weight, const Array& row_mean,
                                  const Array& rstd);
Arrays fused_layer_norm_backward_affine(const Array& grad, const Array& x, const Array& row_mean, const Array& rstd);

// As cross_entropy_forward and _backward, without an array of the logits' size in between.
CrossEntropyRows fused_cross_entropy_forward(const Array& logits, const Indices& labels,
                                             const CrossEntropyOptions& options);
Array fused_cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                                   const CrossEntropyRows& rows, const CrossEntropyOptions& options);

// --- 18.7 Adam and AdamW (adam_kernels.cpp) ---------------------------------------------------------------------

// As adam_loop, up to rounding, divided among the threads.
void fused_adam(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq);

// --- 18.8 tiled attention (tiled_attention.cpp) -----------------------------------------------------------------

// Attention that never holds more than a tile of the (T, S) pattern, so that its memory grows with T and not with T·S
// (Dao et al., "FlashAttention", 2022; the online softmax: Milakov and Gimelshein, 2018). q (B, H, T, K),
// k (B, G, S, K), v (B, G, S, V). statistics is (B, H, T, 2): of every query the largest score m, and log Σ exp(score - m);
// -inf and 0 where it sees nothing. Values and gradients are finite, also at hidden keys (12.5).
inline constexpr std::int64_t attention_tile = 64;  // queries and keys of a tile
AttentionForward tiled_attention_forward(const Array& q, const Array& k, const Array& v, const AttentionCall& call);
Arrays tiled_attention_backward(const Array& grad, const Array& q, const Array& k, const Array& v, const Array& out,
                                const Array& statistics, const AttentionCall& call);

// --- 18.9 convolution along padded lines (line_conv.cpp) --------------------------------------------------------

// A convolution of stride 1 reads, for each tap, one unbroken stretch of the padded image: image rows follow each other
// in memory, so moving the window down by one is moving along by one padded width. The columns of im2col become copies
// of a few long stretches instead of many short ones, at the price of some outputs between the rows that nobody reads.
// Another stride goes to module 09's functions, and so does a backward pass whose weight or x is not finite: a NaN reaches
// what it reaches there, and nothing else.
Array line_conv2d_forward(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options);
Array line_conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options);
Array line_conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options);

// --- 18.9 max pooling in blocks of outputs (max_pool_blocks.cpp) ------------------------------------------------

// As max_pool2d_forward, to the bit, for windows of 2x2 side by side. Other windows go to module 09's function, and so
// does the backward pass.
MaxPoolForward blocked_max_pool2d_forward(const Array& x, const Window& window);

}  // namespace rushlight
