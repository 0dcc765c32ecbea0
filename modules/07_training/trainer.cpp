// trainer.cpp: epochs of steps.
#include "07_training/trainer.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 07.4 Trainer  keeps what it is given and opens the log;  ValueError unless epochs >= 0, accumulate >= 1,
// save_every >= 0 and there is a loss function
// Hint: log_ is opened already; check the options, naming "Trainer", the option and its value.
Trainer::Trainer(const TrainerParts& parts, const TrainerOptions& options)
    : parts_(parts), options_(options), log_(options.metrics) {
  todo("07.4");
}

// 07.4 steps_per_epoch  ⌈batches / accumulate⌉
// Hint: integers round down; add accumulate - 1 first.
std::int64_t Trainer::steps_per_epoch() const {
  todo("07.4");
}

// 07.4 evaluate  model, loss, data -> {mean loss, accuracy, examples} over epoch 0 of data
// model.eval() and NoGrad for the whole walk; the model's mode comes back afterwards. The losses of the batches are
// means: weigh each with its size. Accuracy counts rows with label >= 0; without any it is 0.
// Hint: argmax(output, -1)
// is the guess. An object whose destructor restores the mode survives exceptions.
Evaluation evaluate(Module& model, const LossFunction& loss, BatchSource& data) {
  todo("07.4");
}

// 07.4 take_step  batches (at least one) -> one train_step, and what there is to report about it
// Afterwards: progress_ counts it (step, epoch_step, loss_sum += mean loss · examples, examples), the schedule is
// stepped if it goes by steps, the step is written to log_ and handed to on_step (if set). The reported lr is the one
// used.
// Hint: read the learning rate before the schedule moves it.
StepInfo Trainer::take_step(std::span<const Batch> batches) {
  todo("07.4");
}

// 07.4 end_epoch  all batches are used: step the schedule if it goes by epochs, evaluate on the test data if there is
// any, count the epoch (epoch + 1; epoch_step, loss_sum and examples back to 0), log and report it, save if there is a
// checkpoint file
// Hint: save last, so that what a resume finds is an epoch that is over.
void Trainer::end_epoch() {
  todo("07.4");
}

// 07.4 run_epoch  steps of `accumulate` batches until the data ends, then end_epoch;  false: asked to stop on the way
// An epoch that has not begun (epoch_step is 0) starts the data at this epoch; one that has goes on where the data
// stands. After each step: save every save_every steps, then look at stop_requested(). A stop after the last step of an
// epoch is left to the next check.
// Hint: the last group of an epoch may be short; an empty one is the end.
bool Trainer::run_epoch() {
  todo("07.4");
}

// 07.4 fit  epochs until options_.epochs are done -> finished;  or, once stop_requested(), a save (if there is a
// checkpoint file) -> stopped
// Hint: look at stop_requested() before every epoch as well.
Outcome Trainer::fit() {
  todo("07.4");
}

}  // namespace rushlight
