// composing.hpp: the tiny model and the batch of compose_loss.json, and gradients of its channels.
#pragma once

#include "helpers.hpp"

namespace rushlight::test {

inline const json& compose_golden() {
  static const json all = golden_20("compose_loss");
  return all;
}

inline const json& compose_case(const std::string& name) {
  for (const json& one : compose_golden().at("cases")) {
    if (one.at("name") == name) return one;
  }
  throw std::runtime_error("compose_loss.json has no case " + name);
}

inline TinyLM golden_lm() {
  const json& all = compose_golden();
  Generator g(1);
  TinyLM model({.vocabulary = all.at("dims").at("V"), .hidden = all.at("dims").at("H")}, g);
  for (auto& [name, parameter] : model.named_parameters()) parameter.set_value(array_of(all.at("params").at(name)));
  return model;
}

enum class Include : std::uint8_t { everything, no_sdpo, no_dpo };

inline ComposeBatch golden_batch(Include what = Include::everything) {
  const json& all = compose_golden().at("batch");
  ComposeBatch batch{.input_ids = ids_of(all.at("input_ids")), .response_mask = mask_of(all.at("response_mask"))};
  if (what != Include::no_sdpo) {
    batch.ctx_teacher_input_ids = ids_of(all.at("ctx_teacher_input_ids"));
    batch.sdpo_loss_mask = mask_of(all.at("sdpo_loss_mask"));
  }
  if (what != Include::no_dpo) {
    batch.dpo_chosen_input_ids = ids_of(all.at("dpo_chosen_input_ids"));
    batch.dpo_rejected_input_ids = ids_of(all.at("dpo_rejected_input_ids"));
    batch.dpo_chosen_response_mask = mask_of(all.at("dpo_chosen_response_mask"));
    batch.dpo_rejected_response_mask = mask_of(all.at("dpo_rejected_response_mask"));
    batch.dpo_chosen_ref_logprobs = array_of(all.at("dpo_chosen_ref_logprobs"));
    batch.dpo_rejected_ref_logprobs = array_of(all.at("dpo_rejected_ref_logprobs"));
  }
  return batch;
}

// The batch and the weights that a case of the golden file is about.
inline ComposeBatch batch_of(const json& one) {
  const std::string name = one.at("name");
  ComposeBatch batch = golden_batch(name == "lm_only_sdpo_inputs_absent" ? Include::no_sdpo : Include::everything);
  if (name == "dpo_empty_response_mask") batch.response_mask = Mask(batch.input_ids.shape());
  if (name == "sdpo_empty_sdpo_mask") batch.sdpo_loss_mask = Mask(batch.input_ids.shape());
  return batch;
}

inline ComposeConfig config_of(const json& one) {
  ComposeConfig config{.alpha_sdpo = one.at("alpha_sdpo"), .beta_replay = one.at("beta_replay")};
  const std::string wrapper = one.value("wrapper", "none");
  if (wrapper == "taid") config.sdpo_wrapper = SdpoWrapper::taid;
  if (wrapper == "entropy_opd") config.sdpo_wrapper = SdpoWrapper::entropy_opd;
  if (one.contains("taid_t")) config.taid_t = one.at("taid_t").get<double>();
  config.jsd.temperature = one.value("tau", 1.0);
  return config;
}

struct Composed {
  double total = 0, lm_ce = 0, sdpo_jsd = 0, trace_replay_dpo = 0;
  std::int64_t forward_calls = 0;
  Gradients gradients;
};

// A fresh model each time.
inline Composed composed(const ComposeBatch& batch, const ComposeConfig& config) {
  TinyLM model = golden_lm();
  const ComposedLoss loss = compose_loss(model, batch, config);
  const auto number = [](const Tensor& x) { return static_cast<double>(x.item()); };
  return {.total = number(loss.total),
          .lm_ce = number(loss.lm_ce),
          .sdpo_jsd = number(loss.sdpo_jsd),
          .trace_replay_dpo = number(loss.trace_replay_dpo),
          .forward_calls = model.forward_calls,
          .gradients = gradients_of(model, loss.total)};
}

// What a channel adds: D[p] = gradient with it - gradient without it.
inline std::map<std::string, Doubles> difference(const ComposeBatch& batch, const ComposeConfig& with) {
  return combined(composed(batch, with).gradients, 1, composed(batch, {}).gradients, -1);
}

inline std::map<std::string, Doubles> golden_difference(const std::string& with) {
  std::map<std::string, Doubles> differences;
  for (const auto& [name, gradient] : compose_case(with).at("grads").items()) {
    Doubles values = values_of(gradient);
    const Doubles without = values_of(compose_case("lm_only_all_inputs_present").at("grads").at(name));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= without[i];
    differences[name] = values;
  }
  return differences;
}

inline double largest(const Doubles& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

constexpr Tolerance difference_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-5, 2e-6};

// Every parameter, by name: as expected and, each of them, not zero.
inline void expect_flows(const std::map<std::string, Doubles>& found, const std::map<std::string, Doubles>& expected) {
  ASSERT_EQ(found.size(), 5u);
  for (const auto& [name, values] : expected) {
    ASSERT_TRUE(found.contains(name)) << name << " is not reached";
    ASSERT_EQ(found.at(name).size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(found.at(name)[i], values[i],
                  difference_tolerance.atol + difference_tolerance.rtol * std::abs(values[i]))
          << name << "[" << i << "]";
    }
    EXPECT_GT(largest(found.at(name)), 1e-6) << name << ": the channel sends nothing here";
  }
}

}  // namespace rushlight::test
