// run_file.cpp: a run in one file, whatever the number of ranks.
#include "21_distributed/run_file.hpp"

#include "01_tensor/todo.hpp"
#include "07_training/run_state.hpp"

namespace rushlight {
namespace {  // solution

constexpr const char* format_name = "rushlight-ranks-1";

// Rank 0 does it, all others hear how it went: what it made, or that it failed.
std::string from_rank_0(World& world, const std::function<std::string()>& make) {
  constexpr char good = '+', bad = '-';
  if (world.rank() != 0) {
    const std::string answer = world.receive_text(0);
    if (answer.empty() || answer[0] != good) {
      throw WorldError("{}: it failed on rank 0, whose message says why.", {world.whereabouts()});
    }
    return answer.substr(1);
  }
  const auto tell = [&](const std::string& text) {
    for (int rank = 1; rank < world.size(); ++rank) world.send_text(text, rank);
  };
  std::string made;
  try {
    made = make();
  } catch (...) {
    tell(std::string(1, bad));
    throw;
  }
  tell(good + made);
  return made;
}

}  // namespace

// 21.8 run_state  the parts -> "format", the model's arrays, optimizer, data and progress
// Hint: run_state.hpp of module 07 writes each of them.
SafeTensors run_state(const RunParts& parts) {
  SafeTensors state;
  put(state.metadata, "format", format_name);
  put_arrays(state, "model.", parts.model.state_dict());
  put_optimizer(state, parts.optimizer.state_dict());
  put_data(state.metadata, parts.data.state());
  put_progress(state.metadata, parts.progress);
  return state;
}

// 21.8 load_run_state  the inverse, all or nothing; FileError when "format" is another or an entry is missing
// Hint: read everything first. Then data, optimizer and model, each all or nothing by itself: keep the old state of the
// first two, and put it back when a later part refuses.
void load_run_state(const RunParts& parts, const SafeTensors& state) {
  if (const std::string found = text_at(state.metadata, "format"); found != format_name) {
    throw FileError("the format is '{}', this program reads '{}'.", {found, format_name});
  }
  const StateDict model = arrays_at(state, "model.");
  const OptimizerState optimizer = optimizer_at(state);
  const LoaderState data = data_at(state.metadata);
  const Progress progress = progress_at(state.metadata);
  const LoaderState old_data = parts.data.state();
  const OptimizerState old_optimizer = parts.optimizer.state_dict();
  try {
    parts.data.load_state(data);
    parts.optimizer.load_state_dict(optimizer);
    parts.model.load_state_dict(model);
  } catch (...) {
    parts.data.load_state(old_data);
    parts.optimizer.load_state_dict(old_optimizer);
    throw;
  }
  parts.progress = progress;
}

// 21.8 save_run  rank 0 writes run_state() to `path`; the others return, or throw, when it has
// Hint: rank 0 sends every rank a text that says how it went, before it returns or throws.
void save_run(World& world, const std::string& path, const RunParts& parts) {
  const Doing doing(world, "save_run");
  // solution 21.8
  from_rank_0(world, [&] {
    save_safetensors(path, run_state(parts));
    return std::string();
  });
  // end solution
}

// 21.8 load_run  rank 0 reads `path` and sends its bytes to the others; every rank takes the state
// Hint: bytes_as_text and state_of_text. A file that rank 0 cannot read must not leave the others waiting.
void load_run(World& world, const std::string& path, const RunParts& parts) {
  const Doing doing(world, "load_run");
  // solution 21.8
  const std::string bytes = from_rank_0(world, [&] { return bytes_as_text(load_safetensors(path)); });
  load_run_state(parts, state_of_text(bytes, path));
  // end solution
}

}  // namespace rushlight
