// cost.hpp: how much an op computes and how many bytes it must move, from its name and its shapes alone. One table says
// it for every op of the course (cost_table.cpp).
//
// The convention, which every table and picture repeats: a sum, a product, a comparison and an elementary function
// (exp, log, sqrt, tanh, erf) count 1 each, so a multiply-add counts 2. Moving numbers and choosing between them
// counts 0. What is done once a row (beside once an element) does not count; a sum of n terms counts n. It is the work
// of the op's definition, not that of one implementation: a kernel that computes the scores of attention twice still did
// the work of one attention. As in PyTorch's FlopCounterMode a causal mask halves nothing; fvcore counts multiply-adds
// as 1, so its numbers are half as large.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "01_tensor/node.hpp"

namespace rushlight {

inline constexpr const char* flop_convention = "a multiply-add counts as 2 FLOPs";

enum class Phase : std::uint8_t { forward, backward };
const char* name_of(Phase phase);

// One run of an op, or of its rule.
struct Work {
  std::string_view op;
  Phase phase = Phase::forward;
  std::vector<Shape> inputs;  // of the op, in order; an absent bias is not there
  Shape output;
  std::vector<bool> needs = {};  // backward: which inputs want a gradient
  Save save = Save::nothing;     // backward: what the rule reads besides the incoming gradient
};

// Empty: unknown. Nothing that is unknown is ever counted as 0.
struct Cost {
  std::optional<std::int64_t> flops;
  std::optional<std::int64_t> bytes;
};

// --- 14.1 products (product_flops.cpp) ---------------------------------------------------------------------------

// FLOPs of one run, forward or backward. Backward, each gradient that somebody wants (work.needs) costs as much as the
// forward product; the gradient of a bias is a sum over the rows.

// inputs a, b as matmul of module 01 takes them, transposed or not; output (..., M, N): 2·(batch)·M·N·K forward.
// The flags are not in the shapes. K still is: an operand has M·K numbers per matrix, whichever way it lies.
std::int64_t matmul_flops(const Work& work);
// inputs x (..., I), weight (O, I), and bias (O) if there is one; rows = product of the leading axes:
// 2·rows·I·O, and rows·O more for the bias.
std::int64_t linear_flops(const Work& work);
// inputs x (N, C, H, W), weight (O, C/G, KH, KW), and bias (O) if there is one; output (N, O, OH, OW):
// 2·N·O·OH·OW·(C/G)·KH·KW, and N·O·OH·OW more for the bias.
std::int64_t conv2d_flops(const Work& work);
// The fused op. inputs q (B, H, T, K), k (B, G, S, K), v (B, G, S, V); output (B, H, T, V). Forward: q·kᵀ and pattern·v,
// 2·B·H·T·S·(K + V), and for each of the B·H·T·S scores 1 for the scale and 5 for softmax. Backward, all three gradients
// at once, whoever wants them: four products, 4·B·H·T·S·(K + V), and 5 a score.
std::int64_t attention_flops(const Work& work);

// --- the table (cost_table.cpp, given) -----------------------------------------------------------------------------

enum class Measure : std::uint8_t { output, input };             // elements of the output, or of input 0
enum class Traffic : std::uint8_t { everything, chosen, none };  // see bytes_of

struct CostRule {
  std::string_view op;
  // Either a product with a formula of its own, or so many FLOPs an element.
  std::int64_t (*product)(const Work& work) = nullptr;
  Measure measure = Measure::output;
  // forward[i] is what input i adds by being there; backward[i] what its gradient costs. Inputs past the end of a list
  // add nothing. Both lists empty and no product: FLOPs are unknown, since they depend on more than shapes.
  std::vector<std::int64_t> forward = {};
  std::vector<std::int64_t> backward = {};
  Traffic traffic = Traffic::everything;
};

// One rule for every op that any module records. The reasons for the numbers stand beside them.
const std::vector<CostRule>& cost_table();

// --- 14.2 every other op (cost.cpp) --------------------------------------------------------------------------------

// The rule of that name, or null.
const CostRule* find_rule(std::string_view op);

// Empty for a rule that knows neither product nor FLOPs an element. Otherwise product(work), or
//   forward:   elements · Σ forward[i] over the inputs that are there
//   backward:  elements · Σ backward[i] over the inputs that want a gradient
// where elements = the size of the output or of input 0, as rule.measure says.
std::optional<std::int64_t> flops_of(const CostRule& rule, const Work& work);

// The bytes that have to travel at least, each number read or written once, sizeof(Real) each.
//   everything  forward: all inputs and the output. backward: the incoming gradient (the output's size), every saved
//               input and the saved output (as work.save says), and each gradient that is wanted (its input's size)
//   chosen      forward: the output twice, once where its numbers are taken from and once where they go.
//               backward: as everything
//   none        0: the result shares the buffer of the input
std::int64_t bytes_of(const CostRule& rule, const Work& work);

// Both. An op that is not in the table: both empty.
Cost cost_of(const Work& work);

}  // namespace rushlight
