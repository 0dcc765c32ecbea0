// run_file.hpp: one file for a run of many ranks, from which any number of ranks can go on.
#pragma once

#include <string>

#include "07_training/trainer.hpp"
#include "21_distributed/world.hpp"

namespace rushlight {

// What a run consists of. All ranks hold the same model and optimizer; `data` is each rank's DistributedLoader.
struct RunParts {
  Module& model;
  Optimizer& optimizer;
  BatchSource& data;
  Progress& progress;
};

// --- 21.8 (run_file.cpp) ---------------------------------------------------------------------------------------------

// The state of a run, entries named as in trainer.hpp: tensors "model.<name>", "optimizer.<name>"; metadata "format" =
// "rushlight-ranks-1", and what put_optimizer, put_data and put_progress write. The number of ranks is not in it.
SafeTensors run_state(const RunParts& parts);

// Takes it back, all or nothing. FileError or ValueError, as run_state.hpp and the load functions of the parts throw it.
void load_run_state(const RunParts& parts, const SafeTensors& state);

// Rank 0 alone writes the file. No rank returns before it is there; when it cannot be written, all ranks throw: rank 0
// what happened, the others a WorldError that names rank 0.
void save_run(World& world, const std::string& path, const RunParts& parts);

// Rank 0 alone reads the file and hands its bytes (bytes_as_text) to the others, which need not see its disk. When it cannot
// be read, errors as in save_run. Then each rank takes the state as load_run_state does: a rank whose parts do not fit
// throws by itself, and the others do not hear of it.
void load_run(World& world, const std::string& path, const RunParts& parts);

// given (parts.cpp)
std::string bytes_as_text(const SafeTensors& state);
SafeTensors state_of_text(const std::string& text, const std::string& file);

}  // namespace rushlight
