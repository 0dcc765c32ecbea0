// run_state.hpp: the parts of a run's state as entries of a checkpoint, and back. Given. The names are listed in
// trainer.hpp. Whatever reads throws FileError when an entry is missing or is not what it should be.
#pragma once

#include <string_view>

#include "07_training/trainer.hpp"

namespace rushlight {

// Arrays as tensors "<prefix><name>". arrays_at gives all that begin with the prefix, without it.
void put_arrays(SafeTensors& state, std::string_view prefix, const StateDict& arrays);
StateDict arrays_at(const SafeTensors& state, std::string_view prefix);

void put_optimizer(SafeTensors& state, const OptimizerState& optimizer);  // "optimizer", "optimizer.<name>"
OptimizerState optimizer_at(const SafeTensors& state);

void put_schedule(Metadata& metadata, const ScheduleState& schedule);  // "schedule", "schedule.<field>"
ScheduleState schedule_at(const Metadata& metadata);

void put_data(Metadata& metadata, const LoaderState& data);  // "data.<field>"
LoaderState data_at(const Metadata& metadata);

void put_progress(Metadata& metadata, const Progress& progress);  // "progress.<field>"
Progress progress_at(const Metadata& metadata);

}  // namespace rushlight
