// resume.cpp: everything that the rest of a run depends on, in one file.
#include "01_tensor/todo.hpp"
#include "07_training/trainer.hpp"

namespace rushlight {
// solution helper
namespace {

constexpr const char* format_name = "rushlight-training-1";

// What is found under "<prefix>...", without the prefix.
StateDict arrays_with_prefix(const SafeTensors& state, std::string_view prefix) {
  StateDict arrays;
  for (const auto& [name, stored] : state.tensors) {
    if (name.starts_with(prefix)) arrays[name.substr(prefix.size())] = load_array(stored);
  }
  return arrays;
}

void write_data_state(Metadata& m, const LoaderState& data) {
  put(m, "data.epoch", text_of(data.epoch));
  put(m, "data.position", text_of(data.position));
  put(m, "data.seed", text_of(static_cast<std::int64_t>(data.seed)));  // the same 64 bits
  put(m, "data.examples", text_of(data.examples));
  put(m, "data.batch_size", text_of(data.batch_size));
  put(m, "data.shuffle", text_of(std::int64_t{data.shuffle}));
  put(m, "data.drop_last", text_of(std::int64_t{data.drop_last}));
}

LoaderState read_data_state(const Metadata& m) {
  return {.epoch = integer_at(m, "data.epoch"),
          .position = integer_at(m, "data.position"),
          .seed = static_cast<std::uint64_t>(integer_at(m, "data.seed")),
          .examples = integer_at(m, "data.examples"),
          .batch_size = integer_at(m, "data.batch_size"),
          .shuffle = integer_at(m, "data.shuffle") != 0,
          .drop_last = integer_at(m, "data.drop_last") != 0};
}

void write_progress(Metadata& m, const Progress& progress) {
  put(m, "progress.epoch", text_of(progress.epoch));
  put(m, "progress.step", text_of(progress.step));
  put(m, "progress.epoch_step", text_of(progress.epoch_step));
  put(m, "progress.loss_sum", text_of(progress.loss_sum));
  put(m, "progress.examples", text_of(progress.examples));
}

Progress read_progress(const Metadata& m) {
  return {.epoch = integer_at(m, "progress.epoch"),
          .step = integer_at(m, "progress.step"),
          .epoch_step = integer_at(m, "progress.epoch_step"),
          .loss_sum = number_at(m, "progress.loss_sum"),
          .examples = integer_at(m, "progress.examples")};
}

void write_schedule(Metadata& m, const ScheduleState& state) {
  put(m, "schedule", state.schedule);
  put(m, "schedule.steps", text_of(state.steps));
  for (std::size_t group = 0; group < state.base_lrs.size(); ++group) {
    put(m, formatted("schedule.base_lr.{}", {group}), text_of(state.base_lrs[group]));
  }
}

ScheduleState read_schedule(const Metadata& m) {
  ScheduleState state{.schedule = text_at(m, "schedule"), .steps = integer_at(m, "schedule.steps"), .base_lrs = {}};
  for (std::size_t group = 0; m.contains(formatted("schedule.base_lr.{}", {group})); ++group) {
    state.base_lrs.push_back(number_at(m, formatted("schedule.base_lr.{}", {group})));
  }
  return state;
}

OptimizerState read_optimizer(const SafeTensors& state) {
  OptimizerState result{.optimizer = text_at(state.metadata, "optimizer"), .numbers = {}, .arrays = {}};
  constexpr std::string_view prefix = "optimizer.";
  for (const auto& [name, text] : state.metadata) {
    if (name.starts_with(prefix)) result.numbers[name.substr(prefix.size())] = number_at(state.metadata, name);
  }
  result.arrays = arrays_with_prefix(state, prefix);
  return result;
}

}  // namespace
// end solution

// 07.6 Trainer::state_dict  -> tensors and metadata under the names that trainer.hpp lists
// Between two epochs (epoch_step is 0) the place in the data is position 0 of epoch progress_.epoch, wherever the
// source itself still stands.
// Hint: parts_.model.state_dict(), parts_.model.named_generators(),
// parts_.optimizer.state_dict(), parts_.data.state(), and text_of for every number.
SafeTensors Trainer::state_dict() const {
  // solution 07.6
  SafeTensors state;
  Metadata& m = state.metadata;
  put(m, "format", format_name);
  for (const auto& [name, array] : parts_.model.state_dict()) state.tensors["model." + name] = store(array);
  for (const auto& [name, source] : parts_.model.named_generators())
    put(m, "generator.model." + name, text_of(*source));
  for (const auto& [name, source] : parts_.generators) put(m, "generator." + name, text_of(*source));

  const OptimizerState optimizer = parts_.optimizer.state_dict();
  put(m, "optimizer", optimizer.optimizer);
  for (const auto& [name, number] : optimizer.numbers) put(m, "optimizer." + name, text_of(number));
  for (const auto& [name, array] : optimizer.arrays) state.tensors["optimizer." + name] = store(array);

  if (parts_.schedule) write_schedule(m, parts_.schedule->state_dict());
  LoaderState data = parts_.data.state();
  if (progress_.epoch_step == 0) {
    data.epoch = progress_.epoch;
    data.position = 0;
  }
  write_data_state(m, data);
  write_progress(m, progress_);
  return state;
  // end solution
}

// 07.6 Trainer::load_state_dict  the inverse;  FileError when "format" is another or an entry is missing; what model,
// optimizer, schedule and data say against their part goes through
// Hint: read and convert everything first, then hand it out: a missing entry is noticed before anything has changed.
void Trainer::load_state_dict(const SafeTensors& state) {
  // solution 07.6
  const Metadata& m = state.metadata;
  if (const std::string found = text_at(m, "format"); found != format_name) {
    throw FileError("the format is '{}', this program reads '{}'.", {found, format_name});
  }
  NamedGenerators sources = parts_.generators;
  for (const auto& [name, source] : parts_.model.named_generators()) sources.emplace_back("model." + name, source);
  std::vector<Generator::State> source_states;
  for (const auto& [name, source] : sources) source_states.push_back(generator_at(m, "generator." + name));
  const StateDict model = arrays_with_prefix(state, "model.");
  const OptimizerState optimizer = read_optimizer(state);
  const ScheduleState schedule = parts_.schedule ? read_schedule(m) : ScheduleState();
  const LoaderState data = read_data_state(m);
  const Progress progress = read_progress(m);

  parts_.data.load_state(data);
  parts_.optimizer.load_state_dict(optimizer);
  if (parts_.schedule) parts_.schedule->load_state_dict(schedule);
  parts_.model.load_state_dict(model);
  for (std::size_t i = 0; i < sources.size(); ++i) sources[i].second->set_state(source_states[i]);
  progress_ = progress;
  // end solution
}

// 07.6 Trainer::save  state_dict() into the file at `path`
// Hint: save_safetensors writes the whole file or nothing.
void Trainer::save(const std::string& path) const {
  // solution 07.6
  save_safetensors(path, state_dict());
  // end solution
}

// 07.6 Trainer::load  the file at `path` into load_state_dict, then log_.rewind to the step that it was saved at
// Errors name the file.
// Hint: catch a FileError of load_state_dict and throw one that begins with the path.
void Trainer::load(const std::string& path) {
  // solution 07.6
  const SafeTensors state = load_safetensors(path);
  try {
    load_state_dict(state);
  } catch (const FileError& error) {
    throw FileError("{}: {}", {path, error.what()});
  } catch (const ValueError& error) {
    throw ValueError("{}: {}", {path, error.what()});
  }
  log_.rewind(progress_.step);
  // end solution
}

}  // namespace rushlight
