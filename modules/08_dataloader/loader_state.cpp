// loader_state.cpp: where a loader stands, to be written down and gone back to.
#include <string_view>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "08_dataloader/dataloader.hpp"

namespace rushlight {

// 08.7 state  where we stand, and the five things that must agree when somebody continues from here
// Hint: the workers may have made more than was handed out; whoever continues from here wants those batches too.
LoaderState DataLoader::state() const {
  todo("08.7");
}

// 08.7 load_state  the next batch is number state.position of epoch state.epoch
// Throws ValueError and changes nothing: a state of another loader (names the first thing that differs and both
// values), a negative epoch, a position outside 0..batches(). The last of these is a place too: the end of the epoch.
// Hint: compare with your own state() first, field by field; then go_to.
void DataLoader::load_state(const LoaderState& state) {
  todo("08.7");
}

}  // namespace rushlight
