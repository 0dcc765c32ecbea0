// trainer.cpp: epochs of steps.
#include "07_training/trainer.hpp"

#include <cmath>
#include <set>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {  // solution

struct Score {
  std::int64_t right = 0;
  std::int64_t counted = 0;

  void add(const Array& output, const Indices& labels) {
    const Indices guesses = argmax(output, -1).to(Device::cpu), known = labels.to(Device::cpu);
    const auto guess = guesses.data(), label = known.data();
    if (guess.size() != label.size()) {
      throw ShapeError("evaluate: outputs {} give {} guesses for {} labels.",
                       {output.shape(), guess.size(), label.size()});
    }
    for (std::size_t i = 0; i < label.size(); ++i) {
      if (label[i] < 0) continue;
      ++counted;
      if (guess[i] == label[i]) ++right;
    }
  }
};

void check_least(const char* option, std::int64_t value, std::int64_t least) {
  if (value >= least) return;
  throw ValueError("Trainer: {} is {}, but it must be at least {}.", {option, value, least});
}

void check_names(const NamedGenerators& generators) {
  std::set<std::string> names;
  for (const auto& [name, source] : generators) {
    if (!name.starts_with("model.") && names.insert(name).second) continue;
    throw ValueError("Trainer: a random source is called '{}', which is another's name. Give it one of its own.",
                     {name});
  }
}

}  // namespace

// 07.4 Trainer  keeps what it is given and opens the log;  ValueError unless epochs >= 0, accumulate >= 1,
// save_every >= 0, there is a loss function, and each of the generators has a name of its own that does not begin with
// "model.": in a checkpoint one would take the other's place. The log wants the norm of the gradients: set
// limits.watch_norm for it
// Hint: log_ is opened already; check the options, naming "Trainer", the option and its value.
Trainer::Trainer(const TrainerParts& parts, const TrainerOptions& options)
    : parts_(parts), options_(options), log_(options.metrics) {
  check_least("epochs", options.epochs, 0);
  check_least("accumulate", options.accumulate, 1);
  check_least("save_every", options.save_every, 0);
  if (!parts.loss) throw ValueError("Trainer: there is no loss function; set TrainerParts::loss.");
  check_names(parts.generators);
  if (!options.metrics.empty()) options_.limits.watch_norm = true;
}

// 07.4 steps_per_epoch  ⌈batches / accumulate⌉
// Hint: integers round down. batches + accumulate - 1 overflows for a huge accumulate: ask for the remainder.
std::int64_t Trainer::steps_per_epoch() const {
  const std::int64_t batches = parts_.data.batches();
  return batches / options_.accumulate + (batches % options_.accumulate > 0 ? 1 : 0);
}

// 07.4 evaluate  model, loss, data -> {mean loss, accuracy, examples} over epoch 0 of data
// EvaluationMode and NoGrad for the whole walk. The losses of the batches are means: weigh each with counted(batch), and
// skip those in which nothing counts. Accuracy counts rows with label >= 0; without any it is 0,
// and a batch without labels has none.
// Hint: argmax(output, -1) is the guess. EvaluationMode is in module.hpp.
Evaluation evaluate(Module& model, const LossFunction& loss, BatchSource& data) {
  const EvaluationMode evaluation(model);
  const NoGrad no_grad;
  Evaluation result;
  Score score;
  std::int64_t all = 0;
  data.start_epoch(0);
  for (Batch batch; data.next(batch);) {
    const std::int64_t count = counted(batch);
    result.examples += batch.size();
    all += count;
    if (count == 0) continue;
    const Tensor output = model(batch.inputs);
    result.loss += static_cast<double>(loss(output, batch).item()) * static_cast<double>(count);
    if (batch.labels.defined() && batch.labels.size() > 0) score.add(output.value(), batch.labels);
  }
  if (all == 0) throw ValueError("evaluate: the data has not one example that counts.");
  result.loss /= static_cast<double>(all);
  if (score.counted > 0) result.accuracy = static_cast<double>(score.right) / static_cast<double>(score.counted);
  return result;
}

// 07.4 next_batches  -> the next `accumulate` batches of the data;  fewer at the end of the epoch, none after it
// Hint: data.next(batch) says whether there was one.
std::vector<Batch> Trainer::next_batches() {
  std::vector<Batch> batches;
  Batch batch;
  while (std::ssize(batches) < options_.accumulate && parts_.data.next(batch)) batches.push_back(batch);
  return batches;
}

// 07.4 take_step  batches (at least one) -> one train_step of a model in training mode, and what there is to report
// Afterwards: progress_ counts it (step, epoch_step, loss_sum += mean loss · counted, examples += counted), the schedule is
// stepped if it goes by steps, the step is written to log_ and handed to on_step (if set). The reported lr is the one
// used. Last, a save every save_every steps, unless the epoch is over: its end saves.
// Hint: read the learning rate before the schedule moves it. train() reaches every part of a model, frozen ones, too:
// call it only where model.training() is false.
void Trainer::take_step(std::span<const Batch> batches) {
  if (!parts_.model.training()) parts_.model.train();
  const double lr = parts_.optimizer.lr();
  const StepResult result = train_step(parts_.model, parts_.optimizer, parts_.loss, batches, options_.limits);
  ++progress_.step;
  ++progress_.epoch_step;
  progress_.loss_sum += result.loss * static_cast<double>(result.counted);
  progress_.examples += result.counted;
  if (parts_.schedule && options_.schedule_per_step) parts_.schedule->step();
  const StepInfo info{.epoch = progress_.epoch,
                      .epochs = options_.epochs,
                      .step = progress_.step,
                      .epoch_step = progress_.epoch_step,
                      .epoch_steps = steps_per_epoch(),
                      .loss = result.loss,
                      .lr = lr,
                      .grad_norm = result.grad_norm};
  log_.write(info);
  if (on_step) on_step(info);
  const bool due = options_.save_every > 0 && progress_.step % options_.save_every == 0;
  if (due && !options_.checkpoint.empty() && !epoch_is_over()) save(options_.checkpoint);
}

// 07.4 end_epoch  all batches are used: step the schedule if it goes by epochs, evaluate on the test data if there is
// any, count the epoch (epoch + 1; epoch_step, loss_sum and examples back to 0), log and report it, save if there is a
// checkpoint file. First of all: ValueError when not one example of the epoch counted
// Hint: save last, so that what a resume finds is an epoch that is over.
void Trainer::end_epoch() {
  if (progress_.examples == 0) {
    throw ValueError(
        "Trainer: epoch {} had nothing to learn from: the data hands out {} batches, and nothing in them counts. Look "
        "at the batch size, drop_last and the labels.",
        {progress_.epoch + 1, parts_.data.batches()});
  }
  if (parts_.schedule && !options_.schedule_per_step) parts_.schedule->step();
  EpochInfo info{.epoch = progress_.epoch, .epochs = options_.epochs, .step = progress_.step};
  info.train_loss = progress_.loss_sum / static_cast<double>(progress_.examples);
  if (parts_.test) info.test = evaluate(parts_.model, parts_.loss, *parts_.test);
  progress_ = {.epoch = progress_.epoch + 1, .step = progress_.step};
  log_.write(info);
  if (on_epoch) on_epoch(info);
  if (!options_.checkpoint.empty()) save(options_.checkpoint);
}

// 07.4 fit  steps of `accumulate` batches, and end_epoch where none is left, until options_.epochs are done -> finished
// An epoch that has not begun (epoch_step is 0) starts the data at this epoch; one that has goes on where the data
// stands. Before each step: once stop_requested(), a save (if there is a checkpoint file) -> stopped. A stop after the
// last step of an epoch waits until the epoch has ended.
// Hint: epoch_is_over() is given. The last group of an epoch may be short; an empty one is the end.
Outcome Trainer::fit() {
  while (progress_.epoch < options_.epochs) {
    if (stop_requested() && !epoch_is_over()) {
      if (!options_.checkpoint.empty()) save(options_.checkpoint);
      return Outcome::stopped;
    }
    if (progress_.epoch_step == 0) parts_.data.start_epoch(progress_.epoch);
    const std::vector<Batch> batches = next_batches();
    if (batches.empty()) {
      end_epoch();
    } else {
      take_step(batches);
    }
  }
  return Outcome::finished;
}

}  // namespace rushlight
