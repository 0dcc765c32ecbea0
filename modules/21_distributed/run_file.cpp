// run_file.cpp: a run in one file, whatever the number of ranks.
#include "21_distributed/run_file.hpp"

#include "01_tensor/todo.hpp"
#include "07_training/run_state.hpp"

namespace rushlight {

// 21.8 run_state  the parts -> "format", the model's arrays, optimizer, data and progress
// Hint: run_state.hpp of module 07 writes each of them.
SafeTensors run_state(const RunParts& parts) {
  todo("21.8");
}

// 21.8 load_run_state  the inverse, all or nothing; FileError when "format" is another or an entry is missing
// Hint: read everything first. Then data, optimizer and model, each all or nothing by itself: keep the old state of the
// first two, and put it back when a later part refuses.
void load_run_state(const RunParts& parts, const SafeTensors& state) {
  todo("21.8");
}

// 21.8 save_run  rank 0 writes run_state() to `path`; the others return, or throw, when it has
// Hint: rank 0 sends every rank a text that says how it went, before it returns or throws.
void save_run(World& world, const std::string& path, const RunParts& parts) {
  const Doing doing(world, "save_run");
  todo("21.8");
}

// 21.8 load_run  rank 0 reads `path` and sends its bytes to the others; every rank takes the state
// Hint: bytes_as_text and state_of_text. A file that rank 0 cannot read must not leave the others waiting.
void load_run(World& world, const std::string& path, const RunParts& parts) {
  const Doing doing(world, "load_run");
  todo("21.8");
}

}  // namespace rushlight
