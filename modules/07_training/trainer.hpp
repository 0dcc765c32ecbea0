// trainer.hpp: the loop around train_step: epochs, schedule, evaluation, log, checkpoints, and going on where an
// earlier run was cut off. A resumed run computes bit for bit what the uninterrupted one would have computed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "07_training/checkpoint.hpp"
#include "07_training/report.hpp"
#include "07_training/schedule.hpp"
#include "07_training/train_step.hpp"

namespace rushlight {

// What is trained with what. All of it must outlive the trainer; the trainer owns nothing.
struct TrainerParts {
  Module& model;
  Optimizer& optimizer;
  BatchSource& data;
  LossFunction loss;  // such as cross_entropy_of
  Schedule* schedule = nullptr;
  BatchSource* test = nullptr;  // evaluated after every epoch
  // Random sources outside model and data that a resume must restore too, each under a name of its own. Names that begin
  // with "model." are those of the model's sources.
  NamedGenerators generators = {};
};

struct TrainerOptions {
  std::int64_t epochs = 1;
  std::int64_t accumulate = 1;     // batches per optimizer step; an epoch's last step takes what is left
  StepLimits limits = {};          // clipping
  bool schedule_per_step = false;  // false: schedule->step() after every epoch; true: after every optimizer step
  std::string checkpoint = {};     // file, written after every epoch and when asked to stop; empty: none
  std::int64_t save_every = 0;     // also after every so many steps; 0: no
  std::string metrics = {};        // file for the JSON lines; empty: none
};

// Where training stands, between two steps.
struct Progress {
  std::int64_t epoch = 0;       // finished ones: the number of the one under way, counted from 0
  std::int64_t step = 0;        // optimizer steps, all in all
  std::int64_t epoch_step = 0;  // in this epoch; 0: it has not begun
  double loss_sum = 0;          // Σ over all that counted in this epoch so far
  std::int64_t examples = 0;    // how many of those there were

  bool operator==(const Progress&) const = default;
};

enum class Outcome : std::uint8_t { finished, stopped };

// --- 07.4 (trainer.cpp) -------------------------------------------------------------------------------------------

// The model on a whole epoch of `data`, in evaluation mode and without a graph. Loss: mean over all that counts, whatever
// the batches. Accuracy: the output's last axis holds the scores of the classes; rows with a label below 0 (ignore_index)
// do not count, nor do batches without labels, which have a loss only. Afterwards every module of the model is in the mode
// it was in, also when something was thrown. Throws ValueError when there is not one example that counts.
Evaluation evaluate(Module& model, const LossFunction& loss, BatchSource& data);

class Trainer {
 public:
  // ValueError: a number below its least, no loss function, a random source whose name is another's.
  Trainer(const TrainerParts& parts, const TrainerOptions& options);

  std::function<void(const StepInfo&)> on_step;
  std::function<void(const EpochInfo&)> on_epoch;

  // 07.4  From where progress() stands to the end of the last epoch. Between steps it looks at stop_requested(): then
  // it saves (if there is a checkpoint file) and returns Outcome::stopped. A model in evaluation mode is switched to
  // training; in one that is in training mode, a part that was frozen with eval() stays frozen. Throws ValueError at the
  // end of an epoch without one example that counts: no batches at all, or ignored labels only.
  Outcome fit();

  const Progress& progress() const { return progress_; }
  std::int64_t steps_per_epoch() const;  // batches / accumulate, rounded up

  // --- 07.6 (resume.cpp) --------------------------------------------------------------------------------------------

  // Everything that the rest of the run depends on, under the names below.
  //   tensors   "model.<name>" parameters and buffers, "optimizer.<name>" arrays
  //   metadata  "format" = "rushlight-training-1", "optimizer" (its kind), "optimizer.<name>" numbers,
  //             "generator.model.<name>", "generator.<name>" random sources, "progress.<field>", "data.<field>",
  //             and, with a schedule: "schedule" (its kind), "schedule.steps", "schedule.base_lr.<group>"
  // Numbers are written so that they read back to the last bit.
  SafeTensors state_dict() const;

  // Takes such a state back, all or nothing. Throws FileError or ValueError that says what is missing or does not fit,
  // and then model, optimizer, schedule, data, random sources and progress are as they were.
  void load_state_dict(const SafeTensors& state);

  void save(const std::string& path) const;     // 07.6  state_dict() to a file
  void load(const std::string& path);           // 07.6  and back; the metrics log is rewound to the state's step
  bool load_if_there(const std::string& path);  // given: false when there is no such file

 private:
  bool epoch_is_over() const { return progress_.epoch_step > 0 && progress_.epoch_step >= steps_per_epoch(); }
  std::vector<Batch> next_batches();  // 07.4
  void take_step(std::span<const Batch> batches);
  void end_epoch();

  TrainerParts parts_;
  TrainerOptions options_;
  MetricsLog log_;
  Progress progress_;
};

// --- given (metadata.cpp): numbers as text, to the last bit ----------------------------------------------------------

using Metadata = std::map<std::string, std::string>;
std::string text_of(double value);
std::string text_of(std::int64_t value);
std::string text_of(const Generator& generator);
void put(Metadata& metadata, std::string_view key, std::string text);           // metadata[key] = text
double number_at(const Metadata& metadata, std::string_view key);               // FileError: missing, or not a number
std::int64_t integer_at(const Metadata& metadata, std::string_view key);        // FileError
std::int64_t count_at(const Metadata& metadata, std::string_view key);          // FileError, also below 0
Generator::State generator_at(const Metadata& metadata, std::string_view key);  // FileError, also for four zeros
std::string text_at(const Metadata& metadata, std::string_view key);            // FileError: missing

}  // namespace rushlight
