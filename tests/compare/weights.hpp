// weights.hpp: other weights for the same model. Each of these changes what stands in a GPT's matrices and leaves every
// log-probability as it was, so that a circuit can be read off more easily (Nanda and Bloom, TransformerLens, 2022).
//
// Letters: D width, H heads, G key/value heads, K width of a head, V vocabulary.
#pragma once

#include "13_transformers/gpt.hpp"

namespace rushlight::compare {

// The state of a GPT with a head of its own and a bias there: where both were tied, a copy and zeros. The others take
// and give such a state.
StateDict with_own_head(StateDict state);
GPTOptions with_own_head(GPTOptions options);

// A norm's weight w and bias b go into every matrix that reads it: W' = W·diag(w), bias' = bias + W·b; then w = 1, b = 0.
StateDict fold_layer_norm(StateDict state, const GPTOptions& options);

// What writes into the stream loses its mean over D, which every reader's norm takes off anyway.
StateDict centre_writing_weights(StateDict state, const GPTOptions& options);

// The head's scores lose their mean over V, which softmax takes off anyway.
StateDict centre_unembed(StateDict state);

// The rows of a pattern add up to 1, so the values' bias reaches the output as a constant: out.bias += W_O·b_V, b_V = 0.
StateDict fold_value_bias(StateDict state, const GPTOptions& options);

}  // namespace rushlight::compare
