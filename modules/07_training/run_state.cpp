// run_state.cpp: given. One entry for each thing that a run's next step depends on.
#include "07_training/run_state.hpp"

#include <cmath>

namespace rushlight {

void put_arrays(SafeTensors& state, std::string_view prefix, const StateDict& arrays) {
  for (const auto& [name, array] : arrays) state.tensors[std::string(prefix) + name] = store(array);
}

StateDict arrays_at(const SafeTensors& state, std::string_view prefix) {
  StateDict arrays;
  for (const auto& [name, stored] : state.tensors) {
    if (name.starts_with(prefix)) arrays[name.substr(prefix.size())] = load_array(stored);
  }
  return arrays;
}

void put_optimizer(SafeTensors& state, const OptimizerState& optimizer) {
  put(state.metadata, "optimizer", optimizer.optimizer);
  for (const auto& [name, number] : optimizer.numbers) put(state.metadata, "optimizer." + name, text_of(number));
  put_arrays(state, "optimizer.", optimizer.arrays);
}

OptimizerState optimizer_at(const SafeTensors& state) {
  constexpr std::string_view prefix = "optimizer.";
  OptimizerState result{
      .optimizer = text_at(state.metadata, "optimizer"), .numbers = {}, .arrays = arrays_at(state, prefix)};
  for (const auto& [name, text] : state.metadata) {
    if (name.starts_with(prefix)) result.numbers[name.substr(prefix.size())] = number_at(state.metadata, name);
  }
  return result;
}

void put_data(Metadata& m, const LoaderState& data) {
  put(m, "data.epoch", text_of(data.epoch));
  put(m, "data.position", text_of(data.position));
  put(m, "data.seed", text_of(static_cast<std::int64_t>(data.seed)));  // the same 64 bits
  put(m, "data.examples", text_of(data.examples));
  put(m, "data.batch_size", text_of(data.batch_size));
  put(m, "data.shuffle", text_of(std::int64_t{data.shuffle}));
  put(m, "data.drop_last", text_of(std::int64_t{data.drop_last}));
}

LoaderState data_at(const Metadata& m) {
  return {.epoch = count_at(m, "data.epoch"),
          .position = count_at(m, "data.position"),
          .seed = static_cast<std::uint64_t>(integer_at(m, "data.seed")),
          .examples = count_at(m, "data.examples"),
          .batch_size = integer_at(m, "data.batch_size"),
          .shuffle = integer_at(m, "data.shuffle") != 0,
          .drop_last = integer_at(m, "data.drop_last") != 0};
}

void put_progress(Metadata& m, const Progress& progress) {
  put(m, "progress.epoch", text_of(progress.epoch));
  put(m, "progress.step", text_of(progress.step));
  put(m, "progress.epoch_step", text_of(progress.epoch_step));
  put(m, "progress.loss_sum", text_of(progress.loss_sum));
  put(m, "progress.examples", text_of(progress.examples));
}

namespace {

double finite_at(const Metadata& m, std::string_view key) {
  const double value = number_at(m, key);
  if (!std::isfinite(value)) throw FileError("the entry '{}' is {}; it should be a finite number.", {key, value});
  return value;
}

}  // namespace

Progress progress_at(const Metadata& m) {
  return {.epoch = count_at(m, "progress.epoch"),
          .step = count_at(m, "progress.step"),
          .epoch_step = count_at(m, "progress.epoch_step"),
          .loss_sum = finite_at(m, "progress.loss_sum"),
          .examples = count_at(m, "progress.examples")};
}

void put_schedule(Metadata& m, const ScheduleState& state) {
  put(m, "schedule", state.schedule);
  put(m, "schedule.steps", text_of(state.steps));
  for (std::size_t group = 0; group < state.base_lrs.size(); ++group) {
    put(m, formatted("schedule.base_lr.{}", {group}), text_of(state.base_lrs[group]));
  }
}

ScheduleState schedule_at(const Metadata& m) {
  ScheduleState state{.schedule = text_at(m, "schedule"), .steps = count_at(m, "schedule.steps"), .base_lrs = {}};
  for (std::size_t group = 0; m.contains(formatted("schedule.base_lr.{}", {group})); ++group) {
    state.base_lrs.push_back(number_at(m, formatted("schedule.base_lr.{}", {group})));
  }
  return state;
}

}  // namespace rushlight
