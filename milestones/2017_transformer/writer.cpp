#include "2017_transformer/writer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "07_training/clip.hpp"
#include "13_transformers/hooks.hpp"
#include "13_transformers/sampling.hpp"
#include "2017_transformer/trigram.hpp"
#include "common/learner_state.hpp"

namespace rushlight::milestone {
namespace {

constexpr std::int64_t warmup = 100;  // steps

// Up in a straight line, down along a cosine to a tenth.
double learning_rate(double peak_lr, std::int64_t step, std::int64_t steps) {
  if (step < warmup) return peak_lr * static_cast<double>(step + 1) / warmup;
  const double way =
      static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
  return peak_lr * (0.1 + 0.9 * (1 + std::cos(std::numbers::pi * way)) / 2);
}

}  // namespace

// What follows each of these windows' characters is the window one further on.
Windows windows(const TokenIds& ids, const std::vector<std::int64_t>& starts, std::int64_t length) {
  TokenIds inputs, targets;
  for (const std::int64_t start : starts) {
    inputs.insert(inputs.end(), ids.begin() + start, ids.begin() + start + length);
    targets.insert(targets.end(), ids.begin() + start + 1, ids.begin() + start + length + 1);
  }
  const auto count = static_cast<std::int64_t>(starts.size());
  return {Indices({count, length}, inputs), Indices({count, length}, targets)};
}

Tensor next_character_loss(GPT& model, const Windows& windows) {
  return cross_entropy(model(windows.inputs), windows.targets);
}

double loss_on_text(GPT& model, const TokenIds& text, std::int64_t length) {
  const NoGrad no_grad;
  const EvaluationMode evaluation(model);
  std::vector<std::int64_t> starts;
  for (std::int64_t at = 0; at + length < static_cast<std::int64_t>(text.size()); at += length) starts.push_back(at);
  double sum = 0;
  for (std::size_t i = 0; i < starts.size(); i += Writer::batch) {
    const std::vector<std::int64_t> some(
        starts.begin() + static_cast<std::ptrdiff_t>(i),
        starts.begin() + static_cast<std::ptrdiff_t>(std::min(i + Writer::batch, starts.size())));
    sum += next_character_loss(model, windows(text, some, length)).item() * static_cast<double>(some.size());
  }
  return sum / static_cast<double>(starts.size());
}

Writer::Writer(const Corpus& corpus, std::uint64_t seed, const WriterOptions& options)
    : tokenizer_(CharTokenizer::train(corpus.train + corpus.validation)),
      train_(tokenizer_.encode(corpus.train)),
      validation_(tokenizer_.encode(corpus.validation)),
      random_(seed),
      model_({.vocabulary = tokenizer_.vocabulary_size(),
              .context = context,
              .width = options.width,
              .layers = options.layers,
              .heads = options.heads,
              .hidden = options.hidden,
              .dropout = options.dropout},
             random_),
      peak_lr_(options.lr) {}

double Writer::step(std::int64_t step, std::int64_t steps, AdamW& optimizer, const WindowLoss& loss_of) {
  optimizer.set_lr(learning_rate(peak_lr_, step, steps));
  std::vector<std::int64_t> starts;
  const auto room = static_cast<std::int64_t>(train_.size()) - context;
  for (std::int64_t i = 0; i < batch; ++i) starts.push_back(random_.below(room));
  optimizer.zero_grad();
  const Tensor loss = loss_of(model_, windows(train_, starts, context));
  loss.backward();
  clip_grad_norm(optimizer.parameters(), 1.0);
  optimizer.step();
  return loss.item();
}

AdamW Writer::optimizer() {
  return AdamW(model_.parameters(), {.lr = peak_lr_, .betas = {0.9, 0.99}, .weight_decay = 0.1});
}

void Writer::load(const SafeTensors& state) {
  AdamW unused = optimizer();
  restore_learner(state, model_, unused, random_);
}

void Writer::train(std::int64_t rounds, const Watch& watch, const WindowLoss& loss_of, const SafeTensors& begun) {
  AdamW optimizer = this->optimizer();
  const std::int64_t steps = rounds * round;
  double sum = 0;
  for (std::int64_t i = is_empty(begun) ? 0 : restore_learner(begun, model_, optimizer, random_); i < steps; ++i) {
    const double loss = step(i, steps, optimizer, loss_of);
    sum += loss;
    if ((i + 1) % 10 == 0) watch.on_step(i + 1, loss);
    if ((i + 1) % round != 0) continue;
    watch.on_round((i + 1) / round, sum / round, validation_loss());
    if (watch.on_state) watch.on_state(learner_state(model_, optimizer, random_, i + 1));
    sum = 0;
  }
}

double Writer::validation_loss() { return loss_on_text(model_, validation_, context); }

double Writer::trigram_loss() const { return Trigram(train_, tokenizer_.vocabulary_size()).best_loss(validation_); }

std::string Writer::write(const std::string& beginning, std::int64_t characters, double temperature) {
  const std::vector<std::int32_t> ids =
      generate(model_, tokenizer_.encode(beginning), random_,
               {.tokens = characters, .sampling = {.temperature = temperature, .top_p = 0.95}});
  return tokenizer_.decode(ids);
}

Array Writer::attention(const std::string& text, std::int64_t layer, std::int64_t head) {
  const NoGrad no_grad;
  const EvaluationMode evaluation(model_);
  const TokenIds ids = tokenizer_.encode(text);
  const auto tokens = static_cast<std::int64_t>(ids.size());
  const std::string name = fmt::format("blocks.{}.attn.hook_pattern", layer);
  const ActivationCache seen = run_with_cache(model_,
                                              [&] {
                                                return model_(Indices({1, tokens}, ids));
                                              },
                                              {.names = name})
                                   .cache;
  return slice(seen.at(name), 1, {head, head + 1}).with_shape({tokens, tokens});
}

std::vector<std::string> Writer::labels(const std::string& text) const {
  std::vector<std::string> names;
  for (const char c : text) names.emplace_back(c == ' ' ? "_" : c == '\n' ? "/" : std::string(1, c));
  return names;
}

}  // namespace rushlight::milestone
