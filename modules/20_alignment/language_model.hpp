// language_model.hpp: what a loss asks of a language model, a model small enough to check by hand, and its gradients by
// name. Letters: B batch, T tokens, V vocabulary, H hidden width.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "03_layers/linear.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {

// What a model answers, as in Hugging Face's transformers: scores for the token after each position, with room for
// more. A model that returns the logits alone fits as well.
struct ModelOutput {
  ModelOutput(const Tensor& scores) : logits(scores) {}  // NOLINT: so that a Tensor will do
  Tensor logits;                                         // (B, T, V); row t says what may follow tokens 0..t
};

// Anything that takes ids (B, T):  LanguageModel model = std::ref(gpt);
using LanguageModel = std::function<ModelOutput(const Indices& ids)>;

// --- 20.1 a tiny language model (tiny_lm.cpp) ----------------------------------------------------------------------

struct TinyLMOptions {
  std::int64_t vocabulary = 32;  // V
  std::int64_t hidden = 16;      // H
};

// ids (B, T) -> logits (B, T, V) = head(tanh(fc(embed(ids)))). A token sees only itself, so every number can be checked
// by hand. Parameters: embed.weight (V, H), fc.weight (H, H), fc.bias, head.weight (V, H), head.bias, drawn in this
// order: equal seeds give equal models. Throws ValueError when a size is below 1, IndexError that names an id outside
// the vocabulary.
class TinyLM : public Module {
 public:
  TinyLM(TinyLMOptions options, Generator& generator);
  Tensor forward(const Indices& ids);
  ModelOutput operator()(const Indices& ids) {
    ++forward_calls;
    return forward(ids);
  }
  void members(Members& m) override;

  Embedding embed;
  Linear fc, head;
  std::int64_t forward_calls = 0;  // a loss that should leave the model alone can be caught here
};

// --- 20.1 gradients by name (gradients.cpp) ------------------------------------------------------------------------

// Copies of the gradients, by the parameter's path. A parameter that no gradient has reached is not in the map.
std::map<std::string, Array> named_grad_snapshot(Module& model);

// Σ |gradient| over every number of every parameter, added up in double.
double grad_abs_sum(Module& model);

// Whether every parameter has a gradient and every number of it is finite. A missing gradient is not a finite one.
bool grads_finite(Module& model);

}  // namespace rushlight
