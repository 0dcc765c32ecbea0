// distillation.hpp: losses that pull a student's distribution towards a teacher's, token by token. The teacher is a
// constant: whatever graph its logits have, no gradient goes there.
// Letters: B batch, T tokens, V vocabulary; S the student's probabilities, P the teacher's, τ temperature.
//
// In all of them, student and teacher are logits (B, T, V) of finite numbers, and row t is compared with row t: nothing
// is shifted, both are about the same next token. Throws ShapeError when the two differ or the mask is not (B, T).
#pragma once

#include <cstdint>
#include <optional>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 20.3 arithmetic with logarithms (log_space.cpp) ---------------------------------------------------------------

// log σ(x) = -log(1 + e⁻ˣ) for finite x: -10000 gives -10000, not -inf. Any shape.
Tensor log_sigmoid(const Tensor& x);

// log(eᵃ + eᵇ), shapes broadcast, for finite a and b. Neither is ever raised to e.
Tensor logaddexp(const Tensor& a, const Tensor& b);

// Each summand of KL(p || q) = Σ p·(log p - log q), given both as logarithms. The sum is over the last axis, and is
// yours to take.
Tensor kl_elements(const Tensor& log_p, const Tensor& log_q);

// logits (..., V) -> (..., min(k, V)): the places of the k largest, the largest first, and of equals the lower first.
// Throws ValueError when k < 1. Looked for on the CPU; the result lies beside the logits.
Indices top_k_indices(const Array& logits, std::int64_t k);

// --- 20.3 the generalised Jensen-Shannon divergence (jsd.cpp) -----------------------------------------------------

// What becomes of the tokens' losses. `batchmean` divides by the number of tokens that count if there is a mask, and by
// B (not by B·T) if there is none: as in TRL's GKD.
enum class TokenReduction : std::uint8_t { batchmean, sum, none };
Tensor reduce_tokens(const Tensor& tokens, const Mask& mask, TokenReduction reduction);  // none: (B, T), with 0 where
                                                                                         // a token does not count
struct JsdOptions {
  double beta = 0.5;                      // in [0, 1]: the teacher's share of the mixture
  double temperature = 1;                 // τ > 0. The loss is not multiplied by τ²
  std::int64_t top_k = 0;                 // over the teacher's k most probable tokens only, renormalised; 0: all
  std::optional<double> token_clip = {};  // no summand of the sum over V counts for more
  TokenReduction reduction = TokenReduction::batchmean;
};

// With S = softmax(student/τ), P = softmax(teacher/τ) and M = (1-β)S + βP, for each token
//   β·KL(P || M) + (1-β)·KL(S || M);   β = 0: KL(P || S), forward;   β = 1: KL(S || P), reverse
// (Agarwal et al., 2024). The two ends are not the limits of the formula, which are 0; that is intended. With β = 1/2
// it lies between 0 and ln 2. Throws ValueError that names beta, temperature, top_k or token_clip.
Tensor generalized_jsd_loss(const Tensor& student, const Tensor& teacher, const Mask& mask = {},
                            const JsdOptions& options = {});

// --- 20.4 TAID: a teacher that walks ahead (taid.cpp, taid_scheduler.cpp) ---------------------------------------------

// Cross-entropy with the target p = softmax((1-t)·student + t·teacher), the mixture of logits, where the student in the
// target is a constant, too (Shing et al., 2025):
//   -Σ p·log softmax(student), the mean over the tokens that count
// At t = 0 the loss is the student's entropy and its gradient 0; at t = 1 it is distillation with soft labels. A token
// of the vocabulary whose student logit is infinite adds nothing. Throws ValueError unless 0 <= t <= 1.
Tensor taid_loss(const Tensor& student, const Tensor& teacher, double t, const Mask& mask = {});

struct TAIDSchedulerOptions {
  std::int64_t steps = 0;           // of the whole training; at least 1
  double t_start = 0.4, t_end = 1;  // 0 <= t_start <= t_end <= 1
  double alpha = 5e-4;              // in [0, 1]: how far t may run ahead of the straight line in one step
  double beta = 0.99;               // in [0, 1]: the momentum's memory
  bool disable_adaptive = false;    // the straight line only
};

// Moves t from t_start to t_end, faster while the loss falls. Throws ValueError that names the option.
class TAIDScheduler {
 public:
  struct State {
    double t = 0;
    double momentum = 0;
    std::optional<double> previous_loss = {};
  };

  explicit TAIDScheduler(const TAIDSchedulerOptions& options);

  // To be called after each step with its loss; returns the t of the next. The first call only notes the loss. Then,
  // with c = (previous - loss)/(previous + 1e-15):
  //   m ← β·m + (1-β)·c,   δ = α·σ(m)·(1-t),   line = t_start + (t_end - t_start)·step/steps
  //   t ← min(t_end, max(line, t + δ));   without the adaptive part: min(t_end, line)
  // Throws ValueError, and changes nothing, when loss is not finite.
  double update(double loss, std::int64_t step);

  double t() const { return state_.t; }
  const State& state() const { return state_; }  // for a checkpoint
  void set_state(const State& state) { state_ = state; }

 private:
  TAIDSchedulerOptions options_;
  State state_;
};

// --- 20.5 entropy-aware distillation (entropy_opd.cpp) -----------------------------------------------------------

enum class EntropyMode : std::uint8_t { blend, gate };

struct EntropyOpdOptions {
  EntropyMode mode = EntropyMode::blend;
  double temperature = 1;            // τ > 0
  std::optional<double> h_max = {};  // blend: the entropy at which only the forward KL is left; log V unless given
  double tau = 0.8;                  // gate: opens above this entropy
  double alpha = 1;                  // gate: the weight of what it lets through
  std::int64_t top_k = 16;           // gate: of the teacher's tokens; all if there are fewer
};

// Two ways of asking the teacher how sure it is, H = -Σ P·log P, and of using both KLs for each token:
//   blend:  w·KL(P || S) + (1-w)·KL(S || P),   w = clamp(H/h_max, 0, 1)
//   gate:   KL(S || P) + α·[H > tau]·KL(P̃ || S),   P̃ the teacher's top_k, renormalised (arXiv 2603.07079)
// H, w and the gate are constants. Reduced as `batchmean`. Throws ValueError that names the option.
Tensor entropy_aware_opd_loss(const Tensor& student, const Tensor& teacher, const Mask& mask = {},
                              const EntropyOpdOptions& options = {});

}  // namespace rushlight
