// gpt_run.hpp: part two, from training to the comparison in turns.
#pragma once

#include <string>

#include "2018_compression/results.hpp"
#include "2018_compression/session.hpp"

namespace rushlight::compression {

// The text, and what is done with it.
struct GptTask {
  std::int64_t steps(const Plan& plan) const;  // of all trainings

  std::string given;  // a trained network's file; empty: it is trained here
  milestone::Corpus corpus;
};

class GptRun {
 public:
  GptRun(const Session& session, const GptTask& task);

  void measure(Results& results);

 private:
  void whole_states(Results& results);
  void small_states();
  // Trains the writer, or gives it what it had learnt before the run was stopped.
  void train(milestone::Writer& writer, std::int64_t rounds, const std::string& phase,
             const milestone::WindowLoss& loss);
  SafeTensors learn(milestone::Writer& writer, std::int64_t rounds, const std::string& phase,
                    const milestone::WindowLoss& loss);
  void load();
  void add_small(const std::string& name, GPT& model, const std::string& file, WeightFormat format);
  void compare(Results& results);

  const Session& session_;
  const GptTask& task_;
  milestone::Writer whole_;
  GptStates states_;
};

}  // namespace rushlight::compression
