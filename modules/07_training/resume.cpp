// resume.cpp: everything that the rest of a run depends on, in one file.
#include "01_tensor/todo.hpp"
#include "07_training/run_state.hpp"

namespace rushlight {

// 07.6 Trainer::state_dict  -> tensors and metadata under the names that trainer.hpp lists
// Between two epochs (epoch_step is 0) the place in the data is position 0 of epoch progress_.epoch, wherever the
// source itself still stands.
// Hint: run_state.hpp writes each part; ask parts_ for its state. For a random source there is text_of.
SafeTensors Trainer::state_dict() const {
  todo("07.6");
}

// 07.6 Trainer::load_state_dict  the inverse, all or nothing;  FileError when "format" is another or an entry is missing;
// what model, optimizer, schedule and data say against their part goes through, after the parts that had taken theirs
// already were given their old state back
// Hint: read and convert everything first, then hand it out: a missing entry is noticed before anything has changed.
// Each part by itself is all or nothing, so keep the old state of all but the last, and put it back in a catch (...).
void Trainer::load_state_dict(const SafeTensors& state) {
  todo("07.6");
}

// 07.6 Trainer::save  state_dict() into the file at `path`
// Hint: save_safetensors writes the whole file or nothing.
void Trainer::save(const std::string& path) const {
  todo("07.6");
}

// 07.6 Trainer::load  the file at `path` into load_state_dict, then log_.rewind to the step that it was saved at
// Errors name the file.
// Hint: catch a FileError of load_state_dict and throw one that begins with the path.
void Trainer::load(const std::string& path) {
  todo("07.6");
}

}  // namespace rushlight
