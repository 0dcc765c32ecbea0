#include "2025_alignment/reward.hpp"

#include <algorithm>

#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "07_training/clip.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/sequences.hpp"
#include "common/learner_state.hpp"

namespace rushlight::alignment {
namespace {

constexpr std::int64_t P = sums::prompt_tokens, T = P + sums::answer_tokens;
constexpr std::int64_t questions = 16, answers = 8;  // of one step
constexpr std::int64_t looks = 2;                    // at what was drawn: in the second, the ratios are no longer 1
constexpr std::int64_t warmup = 100;                 // steps on wrong sums
constexpr std::int64_t state_every = 10;             // steps

void step(AdamW& optimizer, const Tensor& loss) {
  optimizer.zero_grad();
  loss.backward();
  clip_grad_norm(optimizer.parameters(), 1.0);
  optimizer.step();
}

Mask answer_mask(const Shape& shape) {
  Mask mask(shape);
  for (std::int64_t i = 0; i < shape.numel(); ++i) mask.mutable_data()[static_cast<std::size_t>(i)] = i % T >= P;
  return mask;
}

void learn_the_form(GPT& policy, AdamW& optimizer, Generator& random) {
  for (std::int64_t i = 0; i < warmup; ++i) {
    const Indices texts = wrong_sums(questions * answers, random);
    step(optimizer, lm_ce_loss(policy(texts), texts, answer_mask(texts.shape())));
  }
}

// The mean reward of what was drawn.
double learn_from_answers(GPT& policy, AdamW& optimizer, bool shuffled, Generator& random) {
  const Rollout drawn =
      rollout(std::ref(policy), sums::prompts(questions, answers, random), sums::answer_tokens, random);
  const Array rewards = sums::rewards(drawn.ids);
  const Array told = shuffled ? dealt_anew(rewards, random) : rewards;
  const Array advantages = group_advantages(told.with_shape({questions, answers})).with_shape({questions * answers});
  for (std::int64_t look = 0; look < looks; ++look) {
    step(optimizer, grpo_loss(token_logprobs(policy(drawn.ids), drawn.ids, drawn.mask), drawn, advantages).loss);
  }
  return mean(rewards).item();
}

}  // namespace

Indices wrong_sums(std::int64_t count, Generator& random) {
  const Indices asked = sums::prompts(count, 1, random), others = sums::prompts(count, 1, random);
  Indices texts(Shape{count, T});
  auto to = texts.mutable_data().begin();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto other = others.data().subspan(static_cast<std::size_t>(i * P), static_cast<std::size_t>(P));
    const std::int32_t sum = other[0] + other[2];
    to = std::copy_n(asked.data().begin() + i * P, P, to);
    *to++ = sum / 10;
    *to++ = sum % 10;
  }
  return texts;
}

double mean_reward(GPT& policy, Generator& random) {
  constexpr std::int64_t numbers = 100, times = 10;
  Indices all(Shape{numbers * times, P});
  auto to = all.mutable_data().begin();
  for (std::int32_t i = 0; i < numbers * times; ++i) {
    const std::int32_t question = i % numbers;
    for (const std::int32_t token : {question / 10, sums::plus, question % 10, sums::equals}) *to++ = token;
  }
  return mean(sums::rewards(rollout(std::ref(policy), all, sums::answer_tokens, random).ids)).item();
}

Array dealt_anew(const Array& rewards, Generator& random) {
  Array dealt(rewards.shape());
  const std::vector<std::int64_t> order = permutation(rewards.size(), random);
  const auto to = dealt.mutable_data();
  for (std::size_t i = 0; i < order.size(); ++i) to[i] = rewards.data()[static_cast<std::size_t>(order[i])];
  return dealt;
}

RewardReport learn_sums(const RewardOptions& options, const RewardWatch& watch, const SafeTensors& begun) {
  Generator random(options.seed);
  GPT policy({.vocabulary = sums::vocabulary, .context = T, .width = 32, .layers = 2, .heads = 2}, random);
  AdamW optimizer(policy.parameters(), {.lr = 2e-3, .betas = {0.9, 0.99}, .weight_decay = 0});
  RewardReport report;
  std::int64_t done = 0;
  if (milestone::is_empty(begun)) {
    learn_the_form(policy, optimizer, random);
    report.before = mean_reward(policy, random);
  } else {
    done = milestone::restore_learner(begun, policy, optimizer, random);
    report.before = number_at(begun.metadata, "before");
  }
  for (std::int64_t i = done + 1; i <= options.steps; ++i) {
    watch.on_step(i, learn_from_answers(policy, optimizer, options.shuffled, random));
    if (!watch.on_state || i % state_every != 0) continue;
    SafeTensors state = milestone::learner_state(policy, optimizer, random, i);
    put(state.metadata, "before", text_of(report.before));
    watch.on_state(state, i);
  }
  report.after = mean_reward(policy, random);
  return report;
}

}  // namespace rushlight::alignment
