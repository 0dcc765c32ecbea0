// reward.hpp: part three. A small GPT knows what an answer looks like, and nothing of sums. By GRPO it learns to add, from
// nothing but a program's word on which digits are right.
#pragma once

#include <cstdint>
#include <functional>

#include "07_training/checkpoint.hpp"
#include "13_transformers/transformer.hpp"

namespace rushlight::alignment {

struct RewardOptions {
  std::int64_t steps = 0;
  std::uint64_t seed = 1;
  bool shuffled = false;  // the control
};

struct RewardReport {
  double before = 0, after = 0;  // mean reward over all questions
  double gain() const { return after / before; }
};

// (count, 6): questions, each with the right answer to some other one.
Indices wrong_sums(std::int64_t count, Generator& random);

// The mean reward over all hundred questions, each answered ten times.
double mean_reward(GPT& policy, Generator& random);

// The same rewards in another order: every answer gets that of some other, of whatever question.
Array dealt_anew(const Array& rewards, Generator& random);

struct RewardWatch {
  std::function<void(std::int64_t step, double reward)> on_step;
  std::function<void(const SafeTensors& state, std::int64_t step)> on_state = {};  // now and then
};

// Shows the policy wrong sums, so that it answers with digits, measures, lets it learn, and measures again. From such a
// state, if one is given, it goes on: what comes out is the same, bit for bit.
RewardReport learn_sums(const RewardOptions& options, const RewardWatch& watch, const SafeTensors& begun = {});

}  // namespace rushlight::alignment
