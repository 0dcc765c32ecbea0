// helpers.hpp: small models, the whole text at once as oracle, and counters that tell what was computed.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "01_tensor/device.hpp"
#include "05_autograd/autograd.hpp"
#include "15_memoization/memoization.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

constexpr double logits_tolerance = double_precision ? 1e-12 : 1e-5;  // relative to the largest logit

// --- models ------------------------------------------------------------------------------------------------------

inline GPTOptions tiny(Positions positions, std::int64_t groups, std::int64_t context = 48) {
  return {.vocabulary = 13,
          .context = context,
          .width = 16,
          .layers = 2,
          .heads = 4,
          .groups = groups,
          .dropout = 0.3,  // which nobody should notice
          .tied = false,   // a tied head likes to repeat the last token: greedy texts would soon be one word
          .positions = positions};
}

// GPT-2's start is so quiet that most mistakes would drown in rounding. Here every number is between -0.6 and 0.6, and
// what stands for tokens is louder still, so that greedy texts have many words and no near ties.
inline GPT audible(const GPTOptions& options, std::uint64_t seed = 1) {
  Generator generator(seed);
  GPT gpt(options, generator);
  for (auto& [name, parameter] : gpt.named_parameters()) {
    Array value(parameter.shape());
    const double loudest = name.ends_with("embed.weight") && name != "pos_embed.weight" ? 2.4 : 0.6;
    for (Real& each : value.mutable_data()) each = static_cast<Real>(loudest * (2 * generator.uniform() - 1));
    parameter.set_value(value);
  }
  return gpt;
}

struct Kind {
  std::string name;
  GPTOptions options;
};

inline std::vector<Kind> kinds(std::int64_t context = 48) {
  return {{"learned, a group for every head", tiny(Positions::learned, 4, context)},
          {"learned, grouped queries", tiny(Positions::learned, 2, context)},
          {"rotary, a group for every head", tiny(Positions::rotary, 4, context)},
          {"rotary, grouped queries", tiny(Positions::rotary, 2, context)}};
}

// --- texts -------------------------------------------------------------------------------------------------------

inline Tokens some_text(std::int64_t length, std::uint64_t seed, std::int64_t vocabulary = 13) {
  Generator generator(seed);
  Tokens text;
  for (std::int64_t i = 0; i < length; ++i) text.push_back(static_cast<std::int32_t>(generator.below(vocabulary)));
  return text;
}

inline Indices row(const Tokens& text) { return Indices({1, static_cast<std::int64_t>(text.size())}, text); }

// Texts of the lengths given, in one matrix, each at the right end of its row. Padding holds a token that would do harm.
struct Ragged {
  std::vector<Tokens> texts;
  std::vector<std::int64_t> padding;
  Indices ids;
};

inline Ragged ragged(const std::vector<std::int64_t>& lengths) {
  const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  Ragged result;
  Tokens all;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    result.texts.push_back(some_text(lengths[i], 100 + i));
    result.padding.push_back(longest - lengths[i]);
    all.insert(all.end(), static_cast<std::size_t>(result.padding.back()), 12);
    all.insert(all.end(), result.texts.back().begin(), result.texts.back().end());
  }
  result.ids = Indices({static_cast<std::int64_t>(lengths.size()), longest}, all);
  return result;
}

inline Indices columns_of(const Indices& ids, std::int64_t from, std::int64_t to) {
  const std::int64_t rows = ids.shape()[0], width = ids.shape()[1];
  std::vector<std::int32_t> values;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = from; c < to; ++c) values.push_back(ids.data()[r * width + c]);
  }
  return Indices({rows, to - from}, values);
}

// --- the oracle: the model without memory ------------------------------------------------------------------------

inline Array whole(GPT& gpt, const Tokens& text) {
  const EvaluationMode evaluation(gpt);
  const NoGrad no_grad;
  return gpt(row(text)).value().with_shape({static_cast<std::int64_t>(text.size()), gpt.options().vocabulary});
}

// The same where no token sees further back than the window: full attention under a mask.
inline Array whole_with_window(GPT& gpt, const Tokens& text, std::int64_t window) {
  const EvaluationMode evaluation(gpt);
  const NoGrad no_grad;
  const auto length = static_cast<std::int64_t>(text.size());
  Mask band(Shape{length, length});
  for (std::int64_t t = 0; t < length; ++t) {
    for (std::int64_t s = 0; s < length; ++s) band.mutable_data()[t * length + s] = s <= t && s > t - window;
  }
  Tensor stream = gpt.embed(row(text));
  if (gpt.pos_embed) stream = stream + gpt.pos_embed->forward(length);
  for (TransformerBlock& block : gpt.blocks) stream = block.forward(stream, {.mask = band});
  return gpt.unembed(gpt.ln_final(stream)).value().with_shape({length, gpt.options().vocabulary});
}

// The largest difference, relative to the largest number expected. NaN where one of them is.
inline double difference(const Array& actual, const Array& expected) {
  if (actual.shape() != expected.shape()) {
    ADD_FAILURE() << "the shape is " << actual.shape().str() << ", expected " << expected.shape().str();
    return 1;
  }
  double most = 0, largest = 0;
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    const double a = actual.data()[i], e = expected.data()[i];
    most = std::isnan(a) ? a : std::max(most, std::abs(a - e));
    largest = std::max(largest, std::abs(e));
    if (std::isnan(most)) break;
  }
  return most / largest;
}

// Rows from..to of a matrix, or of one row of a batch (B, T, V).
inline Array rows(const Array& x, std::int64_t from, std::int64_t to) { return slice(x, 0, {from, to}); }
inline Array rows(const Array& x, std::int64_t batch_row, std::int64_t from, std::int64_t to) {
  const Array part = slice(slice(x, 0, {batch_row, batch_row + 1}), 1, {from, to});
  return part.with_shape({part.dim(1), part.dim(2)});
}

// In pieces of so many columns; 0: all at once.
inline Array in_pieces(GPT& gpt, const Indices& ids, KVCache& cache, std::int64_t piece) {
  const std::int64_t columns = ids.shape()[1], step = piece == 0 ? columns : piece;
  Arrays parts;
  for (std::int64_t c = 0; c < columns; c += step) {
    parts.push_back(cached_logits(gpt, columns_of(ids, c, std::min(c + step, columns)), cache).value());
  }
  return concat(parts, 1);
}

inline std::int32_t largest_of(std::span<const Real> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

// The oracle's choice, where rounding cannot have made it: otherwise two right programs may write different texts.
inline std::int32_t certain_choice(const Array& logits) {
  std::vector<double> sorted = to_doubles(logits);
  std::sort(sorted.rbegin(), sorted.rend());
  EXPECT_GT(sorted[0] - sorted[1], 5e-5 * sorted[0]) << "nearly a tie: this example needs another seed";
  return largest_of(logits.data());
}

// --- counters ----------------------------------------------------------------------------------------------------

// While it lives: how often every op ran, and how many numbers it gave.
class WatchedOps {
 public:
  WatchedOps() {
    before_ = set_op_observer([this](const char* op, const Array& value) {
      calls[op] += 1;
      numbers[op] += value.size();
    });
  }
  ~WatchedOps() { set_op_observer(std::move(before_)); }
  WatchedOps(const WatchedOps&) = delete;
  WatchedOps& operator=(const WatchedOps&) = delete;

  std::map<std::string, std::int64_t> calls, numbers;

 private:
  OpObserver before_;
};

// While it lives: `numbers` of each call of a primitive on the CPU, added up.
template <auto primitive, auto numbers>
class Counted;

template <class... Operands, Array (*Primitives::*primitive)(Operands...), auto numbers>
class Counted<primitive, numbers> {
 public:
  Counted() : before_(primitives_of(Device::cpu)) {
    original_ = before_.*primitive;
    count = 0;
    Primitives mine = before_;
    mine.*primitive = &counting;
    install_primitives(mine);
  }
  ~Counted() { install_primitives(before_); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  static inline std::int64_t count = 0;

 private:
  static Array counting(Operands... operands) {
    Array result = original_(operands...);
    count += numbers(result, operands...);
    return result;
  }

  static inline Array (*original_)(Operands...) = nullptr;
  Primitives before_;
};

inline std::int64_t multiplied(const Array& product, const Array& a, const Array&, MatmulFlags flags) {
  return product.size() * a.dim(a.rank() > 1 && flags.transpose_a ? a.rank() - 2 : a.rank() - 1);
}
inline std::int64_t laid_side_by_side(const Array& whole, const Arrays&, int) { return whole.size(); }

using CountedProducts = Counted<&Primitives::matmul, multiplied>;
using CountedConcats = Counted<&Primitives::concat, laid_side_by_side>;

}  // namespace rushlight::test
