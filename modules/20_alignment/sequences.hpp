// sequences.hpp: which tokens count, and how likely a model finds the rest of a text. Every loss of this module stands
// on these. Letters: B batch, T tokens, V vocabulary.
//
// THE MASK CONVENTION: true = this token counts. A mask that is not defined() means that every token counts. What does
// not count leaves no trace: its logits may be NaN or infinite, they change no value and receive a gradient of exactly 0.
#pragma once

#include <cstdint>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 20.2 what counts (masks.cpp) ----------------------------------------------------------------------------------

// How many places of the mask are true, which is every number but 0.
std::int64_t count_true(const Mask& mask);

// logits (B, T, V), mask (B, T) -> the logits, with zeros in the rows that do not count. Throws ShapeError.
Tensor keep_tokens(const Tensor& logits, const Mask& mask);

// tokens (B, T), mask (B, T) -> scalar: the sum over the tokens that count, divided by how many those are. Where none
// does, it is exactly 0, with gradients of exactly 0: an empty mask is no division by zero. Throws ShapeError.
Tensor masked_mean(const Tensor& tokens, const Mask& mask);

// --- 20.2 the next token (sequences.cpp) ---------------------------------------------------------------------------

// For the functions below, mask[b, t] says whether token t of text b is to be predicted. Nobody predicts the first one,
// so what the mask says of it is never looked at. All throw ShapeError unless logits are (B, T, V), T >= 1, and ids and
// mask (B, T), and IndexError that names an id that counts and is outside 0..V-1.

// mask (B, T) -> (B, T-1): the mask of what is predicted. ShapeError unless it has rank 2 and T >= 1.
Mask next_mask(const Mask& mask);

// -> (B, T-1): log p(ids[b, t+1]) by row t of the logits; 0, without a gradient, where the token does not count.
Tensor token_logprobs(const Tensor& logits, const Indices& ids, const Mask& mask = {});

// -> scalar: minus the mean of the above over the tokens that count, cross-entropy as for any language model. Exactly 0
// where none counts, with gradients of exactly 0 (cross_entropy's own mean over nothing is NaN).
Tensor lm_ce_loss(const Tensor& logits, const Indices& ids, const Mask& mask = {});

// -> (B): log p of the tokens of each text that count, given those before: the sum, not the mean.
Tensor sequence_logprobs(const Tensor& logits, const Indices& ids, const Mask& mask = {});

// mask (B, T) -> (B): how many tokens of each text sequence_logprobs adds up.
Array sequence_lengths(const Mask& mask);

// --- given (checks.cpp): each throws, with `op` in front and the argument's name ----------------------------------

void check_logits(const char* op, const char* name, const Shape& logits);                  // (B, T, V): ShapeError
void check_mask(const char* op, const char* name, const Shape& tokens, const Mask& mask);  // (B, T): ShapeError
void check_same_shape(const char* op, const char* name, const Shape& shape, const Shape& other_shape);  // ShapeError
void check_between(const char* op, const char* name, double value, double low, double high);  // ends too: ValueError
void check_above_zero(const char* op, const char* name, double value);                        // and finite: ValueError

}  // namespace rushlight
