// cost_table.cpp: given. What each op costs. FLOPs an element; the formula that was counted stands behind it.
#include "14_profiling/cost.hpp"

namespace rushlight {

const char* name_of(Phase phase) { return phase == Phase::forward ? "forward" : "backward"; }

namespace {

using Counts = std::vector<std::int64_t>;

CostRule product(std::string_view op, std::int64_t (*flops)(const Work&)) { return {.op = op, .product = flops}; }

// per element of the output
CostRule each(std::string_view op, Counts forward, Counts backward, Traffic traffic = Traffic::everything) {
  return {.op = op, .forward = std::move(forward), .backward = std::move(backward), .traffic = traffic};
}

// per element of the first input
CostRule each_read(std::string_view op, Counts forward, Counts backward) {
  return {.op = op, .measure = Measure::input, .forward = std::move(forward), .backward = std::move(backward)};
}

// What it costs depends on its window, which no shape tells.
CostRule by_window(std::string_view op) { return {.op = op}; }

std::vector<CostRule> make_table() {
  return {
      product("matmul", matmul_flops),
      product("linear", linear_flops),
      product("conv2d", conv2d_flops),
      product("attention", attention_flops),

      each("add", {1, 0}, {0, 0}),
      each("sub", {1, 0}, {0, 1}),  // -G
      each("mul", {1, 0}, {1, 1}),  // G·b, G·a
      each("div", {1, 0}, {1, 4}),  // G/b; -(G·a)/(b·b)
      each("neg", {1}, {1}),
      each("exp", {1}, {1}),                     // G·y
      each("log", {1}, {1}),                     // G/x
      each("sqrt", {1}, {2}),                    // G/(2·y)
      each("abs", {1}, {2}),                     // sign by one comparison, product
      each("pow", {1}, {3}),                     // p·x^(p-1)·G
      each("pow_tensor", {1, 0}, {3, 3}),        // b^e; e·b^(e-1)·G, y·log b·G
      each("maximum", {1, 0}, {2, 2}),           // whose it is, and the share of it
      each("minimum", {1, 0}, {2, 2}),           // the same
      each("where", {0, 0}, {0, 0}),             // a choice
      each_read("sum", {1}, {0}),                // G, broadcast
      each_read("mean", {1}, {0}),               // the division is one a row
      each_read("max", {1}, {2}),                // whose it is, and the share of it
      each("cumsum", {1}, {1}),                  // one sum each, from the start and from the end
      each_read("logsumexp", {4}, {3}),          // max, -, exp, Σ; exp(x - y)·G
      each("relu", {1}, {1}),                    // one comparison each
      each("leaky_relu", {2}, {2}),              // comparison, product
      each("sigmoid", {4}, {3}),                 // 1/(1 + exp(-x)); G·y·(1 - y)
      each("tanh", {1}, {3}),                    // G·(1 - y·y)
      each("silu", {5}, {9}),                    // x·σ(x); G·σ·(1 + x·(1 - σ)), σ computed anew
      each("gelu", {9}, {18}),                   // in the tanh form, x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
      each("softmax", {5}, {4}),                 // max, -, exp, Σ, /; (G - Σ G·p)·p
      each("masked_softmax", {5}, {4}),          // the same
      each("log_softmax", {5}, {4}),             // max, -, exp, Σ, -; G - exp(y)·Σ G
      each("dropout", {1}, {1}),                 // times the mask
      each("fake_quantize", {7}, {1}),           // ÷, round, +, two comparisons, -, ·; times the mask
      each("layer_norm", {5, 1, 1}, {9, 3, 1}),  // mean, -, square, mean, ·rstd; rstd·(h - mean(h) - x̂·mean(h·x̂))
      each("batch_norm", {2, 1, 1}, {9, 3, 1}),  // the statistics come from outside

      each("mse_loss", {2, 0}, {3, 1}),    // d·d; 2·d·G; the mean is an op of its own
      each("huber_loss", {6, 0}, {4, 1}),  // c·(|d| - c/2), c = min(|d|, δ); G·clamp(d)
      each("bce_loss", {8, 0}, {5, 5}),    // -(t·log p + (1-t)·log(1-p)); G·(p-t)/(p·(1-p)), G·(log(1-p) - log p)
      each("bce_with_logits_loss", {9, 0}, {6, 2}),  // max(x,0) - x·t + log(1 + exp(-|x|)); G·(σ(x) - t), -x·G
      each("nll_loss", {1}, {1}),                    // the sign
      each_read("cross_entropy", {4}, {3}),          // logsumexp of each row; G·exp(x - logsumexp)

      each("reshape", {0}, {0}, Traffic::none),
      each("hook", {0}, {0}, Traffic::none),
      each("permute", {0}, {0}),
      each("transpose", {0}, {0}),
      each("broadcast_to", {0}, {0}),
      each("concat", {0}, {0}),
      each("slice", {0}, {0}, Traffic::chosen),
      each("take", {0}, {1}, Traffic::chosen),       // rows that are taken twice are added up
      each("gather", {0}, {1}, Traffic::chosen),     // the same
      each("embedding", {0}, {1}, Traffic::chosen),  // the same
      each("rotary", {3}, {3}),                      // four products and two sums a pair

      {.op = "copy_to_ranks"},     // what the other ranks add is not done here
      {.op = "sum_over_ranks"},    // the same
      {.op = "quantized_linear"},  // its products are of whole numbers, which are no FLOPs

      by_window("max_pool2d"),
      by_window("avg_pool2d"),
      by_window("adaptive_avg_pool2d"),
  };
}

}  // namespace

const std::vector<CostRule>& cost_table() {
  static const std::vector<CostRule> table = make_table();
  return table;
}

}  // namespace rushlight
