// trainer.cpp: epochs of steps.
#include "07_training/trainer.hpp"

#include <cmath>
#include <set>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 07.4 Trainer  keeps what it is given and opens the log;  ValueError unless epochs >= 0, accumulate >= 1,
// save_every >= 0, there is a loss function, and each of the generators has a name of its own that does not begin with
// "model.": in a checkpoint one would take the other's place. The log wants the norm of the gradients: set
// limits.watch_norm for it
// Hint: log_ is opened already; check the options, naming "Trainer", the option and its value.
Trainer::Trainer(const TrainerParts& parts, const TrainerOptions& options)
    : parts_(parts), options_(options), log_(options.metrics) {
  todo("07.4");
}

// 07.4 steps_per_epoch  ⌈batches / accumulate⌉
// Hint: integers round down. batches + accumulate - 1 overflows for a huge accumulate: ask for the remainder.
std::int64_t Trainer::steps_per_epoch() const {
  todo("07.4");
}

// 07.4 evaluate  model, loss, data -> {mean loss, accuracy, examples} over epoch 0 of data
// EvaluationMode and NoGrad for the whole walk. The losses of the batches are means: weigh each with counted(batch), and
// skip those in which nothing counts. Accuracy counts rows with label >= 0; without any it is 0,
// and a batch without labels has none.
// Hint: argmax(output, -1) is the guess. EvaluationMode is in module.hpp.
Evaluation evaluate(Module& model, const LossFunction& loss, BatchSource& data) {
  todo("07.4");
}

// 07.4 next_batches  -> the next `accumulate` batches of the data;  fewer at the end of the epoch, none after it
// Hint: data.next(batch) says whether there was one.
std::vector<Batch> Trainer::next_batches() {
  todo("07.4");
}

// 07.4 take_step  batches (at least one) -> one train_step of a model in training mode, and what there is to report
// Afterwards: progress_ counts it (step, epoch_step, loss_sum += mean loss · counted, examples += counted), the schedule is
// stepped if it goes by steps, the step is written to log_ and handed to on_step (if set). The reported lr is the one
// used. Last, a save every save_every steps, unless the epoch is over: its end saves.
// Hint: read the learning rate before the schedule moves it. train() reaches every part of a model, frozen ones, too:
// call it only where model.training() is false.
void Trainer::take_step(std::span<const Batch> batches) {
  todo("07.4");
}

// 07.4 end_epoch  all batches are used: step the schedule if it goes by epochs, evaluate on the test data if there is
// any, count the epoch (epoch + 1; epoch_step, loss_sum and examples back to 0), log and report it, save if there is a
// checkpoint file. First of all: ValueError when not one example of the epoch counted
// Hint: save last, so that what a resume finds is an epoch that is over.
void Trainer::end_epoch() {
  todo("07.4");
}

// 07.4 fit  steps of `accumulate` batches, and end_epoch where none is left, until options_.epochs are done -> finished
// An epoch that has not begun (epoch_step is 0) starts the data at this epoch; one that has goes on where the data
// stands. Before each step: once stop_requested(), a save (if there is a checkpoint file) -> stopped. A stop after the
// last step of an epoch waits until the epoch has ended.
// Hint: epoch_is_over() is given. The last group of an epoch may be short; an empty one is the end.
Outcome Trainer::fit() {
  todo("07.4");
}

}  // namespace rushlight
