#include "2017_transformer/reversal.hpp"

#include <algorithm>
#include <vector>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight::milestone {
namespace {

using Ids = std::vector<std::int32_t>;

Ids sequence(Generator& random) {
  Ids ids;
  for (std::int64_t i = 0; i < Reversal::length; ++i) ids.push_back(static_cast<std::int32_t>(random.below(10)));
  ids.push_back(Reversal::separator);
  ids.insert(ids.end(), ids.rbegin() + 1, ids.rend());
  return ids;
}

// Row t of every pattern: 1/(t+1) for the tokens up to t.
Tensor uniform_pattern(const Tensor& pattern) {
  Array same(pattern.shape());
  const std::int64_t columns = pattern.dim(-1), rows = pattern.dim(-2);
  Real* to = same.mutable_data().data();
  for (std::int64_t line = 0; line < pattern.size() / columns; ++line, to += columns) {
    const std::int64_t seen = line % rows + 1;
    std::fill_n(to, columns, Real{0});
    std::fill_n(to, seen, Real{1} / static_cast<Real>(seen));
  }
  return same;
}

}  // namespace

ReversalBatch Reversal::batch(std::int64_t size, Generator& random) {
  Ids inputs, targets;
  for (std::int64_t b = 0; b < size; ++b) {
    const Ids ids = sequence(random);
    inputs.insert(inputs.end(), ids.begin(), ids.end() - 1);
    targets.insert(targets.end(), length, CrossEntropyOptions{}.ignore_index);
    targets.insert(targets.end(), ids.begin() + length + 1, ids.end());
  }
  const Shape shape{size, context};
  return {Indices(shape, inputs), Indices(shape, targets)};
}

Reversal::Score Reversal::score(GPT& model, std::int64_t sequences, Generator& random) {
  const NoGrad no_grad;
  std::vector<Ids> truth, written;
  for (std::int64_t i = 0; i < sequences; ++i) {
    truth.push_back(sequence(random));
    written.emplace_back(truth.back().begin(), truth.back().begin() + length + 1);
  }
  for (std::int64_t step = 0; step < length; ++step) {  // all sequences at once, one digit more each time
    const auto tokens = static_cast<std::int64_t>(written[0].size());
    Ids flat;
    for (const Ids& ids : written) flat.insert(flat.end(), ids.begin(), ids.end());
    const Array logits = model(Indices({sequences, tokens}, flat)).value();
    const Indices best = argmax(slice(logits, 1, {tokens - 1, tokens}), -1);
    for (std::int64_t i = 0; i < sequences; ++i) written[i].push_back(best.data()[i]);
  }
  std::int64_t digits = 0, exact = 0;
  for (std::int64_t i = 0; i < sequences; ++i) {
    std::int64_t right = 0;
    for (std::int64_t k = length + 1; k <= 2 * length; ++k) right += written[i][k] == truth[i][k];
    digits += right;
    exact += right == length;
  }
  return {static_cast<double>(exact) / static_cast<double>(sequences),
          static_cast<double>(digits) / static_cast<double>(sequences * length)};
}

std::vector<HookPointHandle> make_attention_uniform(GPT& model) {
  const auto is_pattern = [](const std::string& name) { return name.ends_with("attn.hook_pattern"); };
  return add_hooks(model, {{.at = is_pattern,
                            .forward = [](const Tensor& pattern, HookPlace&) { return uniform_pattern(pattern); }}});
}

}  // namespace rushlight::milestone
