// compose.cpp: one tiny model under module 20's composed loss. What each channel costs step by step, how often the model
// ran for it, and what each sends to every parameter.
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "20_alignment/compose.hpp"
#include "20_alignment/sequences.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t vocabulary = 32, hidden = 16, texts = 8, tokens = 12, schedule = 300;

// The reference of the pairs is the model as it begins, so that DPO begins at ln 2.
ComposeBatch batch_for(TinyLM& model, std::uint64_t seed) {
  ComposeBatch batch = make_toy_batch({.vocabulary = vocabulary, .batch = texts, .tokens = tokens, .seed = seed});
  const NoGrad constant;
  const auto says = [&](const Indices& ids, const Mask& mask) {
    return sequence_logprobs(model.forward(ids), ids, mask).value();
  };
  batch.dpo_chosen_ref_logprobs = says(batch.dpo_chosen_input_ids, batch.dpo_chosen_response_mask);
  batch.dpo_rejected_ref_logprobs = says(batch.dpo_rejected_input_ids, batch.dpo_rejected_response_mask);
  return batch;
}

struct Lesson {
  Lesson(const ComposeConfig& wanted, std::uint64_t seed)
      : random(seed),
        model({.vocabulary = vocabulary, .hidden = hidden}, random),
        batch(batch_for(model, seed)),
        config(wanted),
        adam(model.parameters(), {.lr = 0.01}),
        walk({.steps = schedule}) {}
  Generator random;
  TinyLM model;
  ComposeBatch batch;
  ComposeConfig config;
  Adam adam;
  TAIDScheduler walk;  // of t, for TAID
  std::int64_t steps = 0;
};
std::optional<Lesson> lesson;

Lesson& now() {
  if (!lesson) throw GraphError("compose: no model yet; ask for {} first.", {"compose new"});
  return *lesson;
}

SdpoWrapper wrapper_of(const std::string& name) {
  if (name == "jsd") return SdpoWrapper::none;
  if (name == "taid") return SdpoWrapper::taid;
  if (name == "entropy") return SdpoWrapper::entropy_opd;
  throw ValueError("compose: there is no wrapper {}; there are jsd, taid and entropy.", {name});
}

ComposedLoss loss_by(Lesson& at, ComposeConfig config) {
  if (config.sdpo_wrapper == SdpoWrapper::taid) config.taid_t = at.walk.t();
  return compose_loss(at.model, at.batch, config);
}

// The losses are those before each step: [total, lm_ce, sdpo, dpo, t].
std::string train(std::int64_t steps) {
  Lesson& at = now();
  std::string rows;
  std::int64_t passes = 0;
  for (std::int64_t i = 0; i < steps; ++i) {
    at.model.forward_calls = 0;
    const ComposedLoss loss = loss_by(at, at.config);
    passes = at.model.forward_calls;
    rows += (rows.empty() ? "[" : ",[") + number(loss.total.item()) + "," + number(loss.lm_ce.item()) + "," +
            number(loss.sdpo_jsd.item()) + "," + number(loss.trace_replay_dpo.item()) + "," + number(at.walk.t()) + "]";
    at.adam.zero_grad();
    loss.total.backward();
    at.adam.step();
    at.walk.update(loss.total.item(), ++at.steps);
  }
  return "{\"steps\":" + std::to_string(at.steps) + ",\"passes\":" + std::to_string(passes) + ",\"rows\":[" + rows +
         "]}";
}

using Gradients = std::map<std::string, Array>;

Gradients gradients_with(double alpha, double beta) {
  Lesson& at = now();
  ComposeConfig config = at.config;
  config.alpha_sdpo = alpha, config.beta_replay = beta;
  at.model.zero_grad();
  loss_by(at, config).total.backward();
  return named_grad_snapshot(at.model);
}

double length_of(const Array& x) {
  double sum = 0;
  for (const Real value : x.data()) sum += double(value) * double(value);
  return std::sqrt(sum);
}

// For each parameter the length of what arrives: from cross-entropy, and what each channel adds to that.
std::string look() {
  const ComposeConfig& config = now().config;
  const Gradients alone = gradients_with(0, 0);
  const Gradients with_sdpo = gradients_with(config.alpha_sdpo, 0);
  const Gradients with_replay = gradients_with(0, config.beta_replay);
  return "{\"parameters\":" +
         list(alone,
              [&](const auto& entry) {
                const auto& [name, gradient] = entry;
                return "{\"name\":" + quoted(name) + ",\"lm_ce\":" + number(length_of(gradient)) +
                       ",\"sdpo\":" + number(length_of(with_sdpo.at(name) - gradient)) +
                       ",\"dpo\":" + number(length_of(with_replay.at(name) - gradient)) + "}";
              }) +
         "}";
}

}  // namespace

std::string compose(Request& request) {
  const std::string what = request.word();
  if (what == "new") {  // new WRAPPER alpha beta seed
    ComposeConfig config{.sdpo_wrapper = wrapper_of(request.word())};
    config.alpha_sdpo = request.real();
    config.beta_replay = request.real();
    lesson.emplace(config, static_cast<std::uint64_t>(request.whole(0, 1000000)));
    return "{}";
  }
  if (what == "train") return train(request.whole(1, 1000));
  if (what == "look") return look();
  throw ValueError("compose: it cannot {}.", {what});
}

}  // namespace rushlight::live
