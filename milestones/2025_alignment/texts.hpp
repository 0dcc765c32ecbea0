// texts.hpp: windows of text as batches. Letters: N texts, T characters.
#pragma once

#include <cstdint>
#include <vector>

#include "10_tokenization/tokenizer.hpp"
#include "13_transformers/transformer.hpp"

namespace rushlight::alignment {

// (N, T): the windows of ids that begin there.
Indices texts_at(const TokenIds& ids, const std::vector<std::int64_t>& starts, std::int64_t length);

// (N, T) -> (rows, T), and the same of (N) numbers.
Indices rows_of(const Indices& texts, const std::vector<std::int64_t>& rows);
Array rows_of(const Array& numbers, const std::vector<std::int64_t>& rows);

// A mask that is true everywhere.
Mask everywhere(const Shape& shape);

// `count` numbers from 0 to limit - 1.
std::vector<std::int64_t> draw(std::int64_t count, std::int64_t limit, Generator& random);

// (N): log p of each text by the model; without a graph, in evaluation.
Array log_probabilities(GPT& model, const Indices& texts);

// Nats a character, over all texts.
double loss_on(GPT& model, const Indices& texts);

}  // namespace rushlight::alignment
