#include "2025_alignment/texts.hpp"

#include <algorithm>

#include "05_autograd/autograd.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight::alignment {
namespace {

constexpr std::int64_t at_once = 64;  // texts in one forward pass

}  // namespace

Indices texts_at(const TokenIds& ids, const std::vector<std::int64_t>& starts, std::int64_t length) {
  TokenIds all;
  for (const std::int64_t start : starts) all.insert(all.end(), ids.begin() + start, ids.begin() + start + length);
  return Indices({std::ssize(starts), length}, all);
}

Indices rows_of(const Indices& texts, const std::vector<std::int64_t>& rows) {
  const std::int64_t length = texts.shape()[1];
  std::vector<std::int64_t> starts;
  for (const std::int64_t row : rows) starts.push_back(row * length);
  return texts_at(TokenIds(texts.data().begin(), texts.data().end()), starts, length);
}

Array rows_of(const Array& numbers, const std::vector<std::int64_t>& rows) {
  Array some({std::ssize(rows)});
  const auto to = some.mutable_data();
  for (std::size_t i = 0; i < rows.size(); ++i) to[i] = numbers.data()[static_cast<std::size_t>(rows[i])];
  return some;
}

Mask everywhere(const Shape& shape) {
  return Mask(shape, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.numel()), 1));
}

std::vector<std::int64_t> draw(std::int64_t count, std::int64_t limit, Generator& random) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(random.below(limit));
  return numbers;
}

Array log_probabilities(GPT& model, const Indices& texts) {
  const NoGrad no_grad;
  const EvaluationMode evaluation(model);
  const std::int64_t count = texts.shape()[0];
  Array found({count});
  for (std::int64_t from = 0; from < count; from += at_once) {
    std::vector<std::int64_t> rows;
    for (std::int64_t row = from; row < std::min(from + at_once, count); ++row) rows.push_back(row);
    const Indices some = rows_of(texts, rows);
    const Array sums = sequence_logprobs(model(some), some).value();
    std::ranges::copy(sums.data(), found.mutable_data().begin() + from);
  }
  return found;
}

double loss_on(GPT& model, const Indices& texts) {
  double sum = 0;
  const Array logs = log_probabilities(model, texts);
  for (const Real each : logs.data()) sum -= each;
  return sum / static_cast<double>(texts.shape()[0] * (texts.shape()[1] - 1));
}

}  // namespace rushlight::alignment
