// resume.cpp: everything that the rest of a run depends on, in one file.
#include "01_tensor/todo.hpp"
#include "07_training/run_state.hpp"

namespace rushlight {
namespace {  // solution

constexpr const char* format_name = "rushlight-training-1";

}  // namespace

// 07.6 Trainer::state_dict  -> tensors and metadata under the names that trainer.hpp lists
// Between two epochs (epoch_step is 0) the place in the data is position 0 of epoch progress_.epoch, wherever the
// source itself still stands.
// Hint: run_state.hpp writes each part; ask parts_ for its state. For a random source there is text_of.
SafeTensors Trainer::state_dict() const {
  SafeTensors state;
  Metadata& m = state.metadata;
  put(m, "format", format_name);
  put_arrays(state, "model.", parts_.model.state_dict());
  for (const auto& [name, source] : parts_.model.named_generators()) {
    put(m, "generator.model." + name, text_of(*source));
  }
  for (const auto& [name, source] : parts_.generators) put(m, "generator." + name, text_of(*source));
  put_optimizer(state, parts_.optimizer.state_dict());
  if (parts_.schedule) put_schedule(m, parts_.schedule->state_dict());
  LoaderState data = parts_.data.state();
  if (progress_.epoch_step == 0) {
    data.epoch = progress_.epoch;
    data.position = 0;
  }
  put_data(m, data);
  put_progress(m, progress_);
  return state;
}

// 07.6 Trainer::load_state_dict  the inverse, all or nothing;  FileError when "format" is another or an entry is missing;
// what model, optimizer, schedule and data say against their part goes through, after the parts that had taken theirs
// already were given their old state back
// Hint: read and convert everything first, then hand it out: a missing entry is noticed before anything has changed.
// Each part by itself is all or nothing, so keep the old state of all but the last, and put it back in a catch (...).
void Trainer::load_state_dict(const SafeTensors& state) {
  const Metadata& m = state.metadata;
  if (const std::string found = text_at(m, "format"); found != format_name) {
    throw FileError("the format is '{}', this program reads '{}'.", {found, format_name});
  }
  NamedGenerators sources = parts_.generators;
  for (const auto& [name, source] : parts_.model.named_generators()) sources.emplace_back("model." + name, source);
  std::vector<Generator::State> source_states;
  for (const auto& [name, source] : sources) source_states.push_back(generator_at(m, "generator." + name));
  const StateDict model = arrays_at(state, "model.");
  const OptimizerState optimizer = optimizer_at(state);
  const ScheduleState schedule = parts_.schedule ? schedule_at(m) : ScheduleState();
  const LoaderState data = data_at(m);
  const Progress progress = progress_at(m);

  const LoaderState old_data = parts_.data.state();
  const OptimizerState old_optimizer = parts_.optimizer.state_dict();
  const ScheduleState old_schedule = parts_.schedule ? parts_.schedule->state_dict() : ScheduleState();
  const auto hand_out = [this](const LoaderState& d, const OptimizerState& o, const ScheduleState& s) {
    parts_.data.load_state(d);
    parts_.optimizer.load_state_dict(o);
    if (parts_.schedule) parts_.schedule->load_state_dict(s);
  };
  try {
    hand_out(data, optimizer, schedule);
    parts_.model.load_state_dict(model);  // last: all of it or nothing, and the largest
  } catch (...) {
    hand_out(old_data, old_optimizer, old_schedule);
    throw;
  }
  for (std::size_t i = 0; i < sources.size(); ++i) sources[i].second->set_state(source_states[i]);
  progress_ = progress;
}

// 07.6 Trainer::save  state_dict() into the file at `path`
// Hint: save_safetensors writes the whole file or nothing.
void Trainer::save(const std::string& path) const { save_safetensors(path, state_dict()); }

// 07.6 Trainer::load  the file at `path` into load_state_dict, then log_.rewind to the step that it was saved at
// Errors name the file.
// Hint: catch a FileError of load_state_dict and throw one that begins with the path.
void Trainer::load(const std::string& path) {
  const SafeTensors state = load_safetensors(path);
  try {
    load_state_dict(state);
  } catch (const FileError& error) {
    throw FileError("{}: {}", {path, error.what()});
  } catch (const ValueError& error) {
    throw ValueError("{}: {}", {path, error.what()});
  }
  log_.rewind(progress_.step);
}

}  // namespace rushlight
