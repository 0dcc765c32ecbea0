// loader_state.cpp: where a loader stands, to be written down and gone back to.
#include <string_view>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "08_dataloader/dataloader.hpp"

namespace rushlight {

// 08.7 state  where we stand, and the five things that must agree when somebody continues from here
// Hint: the workers may have made more than was handed out; whoever continues from here wants those batches too.
LoaderState DataLoader::state() const {
  return {.epoch = epoch_,
          .position = position_,
          .seed = options_.seed,
          .examples = dataset_->size(),
          .batch_size = options_.batch_size,
          .shuffle = options_.shuffle,
          .drop_last = options_.drop_last};
}

// 08.7 load_state  the next batch is number state.position of epoch state.epoch
// Throws ValueError and changes nothing: a state of another loader (names the first thing that differs and both
// values), a negative epoch, a position outside 0..batches(). The last of these is a place too: the end of the epoch.
// Hint: compare with your own state() first, field by field; then go_to.
void DataLoader::load_state(const LoaderState& state) {
  const LoaderState own = this->state();
  const auto check = [](const char* what, auto saved, auto here) {
    if (saved == here) return;
    throw ValueError("load_state: the saved loader has {} {}, and this one {}: their batches differ.",
                     {what, saved, here});
  };
  const auto on_off = [](bool on) { return std::string_view(on ? "on" : "off"); };
  check("seed", state.seed, own.seed);
  check("examples", state.examples, own.examples);
  check("batch_size", state.batch_size, own.batch_size);
  check("shuffle", on_off(state.shuffle), on_off(own.shuffle));
  check("drop_last", on_off(state.drop_last), on_off(own.drop_last));
  if (state.epoch < 0 || state.position < 0 || state.position > batches()) {
    throw ValueError("load_state: batch {} of epoch {} is no place in epochs of {} batches.",
                     {state.position, state.epoch, batches()});
  }
  go_to(state.epoch, state.position);
}

}  // namespace rushlight
