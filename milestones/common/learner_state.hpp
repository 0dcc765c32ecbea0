// learner_state.hpp: a model, its optimizer and the random numbers that both draw, between two steps: for a training whose
// loop is its own and that --resume must continue bit for bit.
#pragma once

#include <cstdint>
#include <string>

#include "03_layers/module.hpp"
#include "06_optimizers/optimizer.hpp"
#include "07_training/run_state.hpp"

namespace rushlight::milestone {

inline SafeTensors learner_state(Module& model, Optimizer& optimizer, const Generator& random, std::int64_t steps) {
  SafeTensors state;
  put_arrays(state, "model.", model.state_dict());
  put_optimizer(state, optimizer.state_dict());
  for (const auto& [name, source] : model.named_generators()) {
    put(state.metadata, "generator." + name, text_of(*source));
  }
  put(state.metadata, "random", text_of(random));
  put(state.metadata, "steps", text_of(steps));
  return state;
}

// The steps that were done. Throws FileError when something is missing or does not fit.
inline std::int64_t restore_learner(const SafeTensors& state, Module& model, Optimizer& optimizer, Generator& random) {
  model.load_state_dict(arrays_at(state, "model."));
  optimizer.load_state_dict(optimizer_at(state));
  for (const auto& [name, source] : model.named_generators()) {
    source->set_state(generator_at(state.metadata, "generator." + name));
  }
  random.set_state(generator_at(state.metadata, "random"));
  return count_at(state.metadata, "steps");
}

inline bool is_empty(const SafeTensors& state) { return state.tensors.empty() && state.metadata.empty(); }

}  // namespace rushlight::milestone
