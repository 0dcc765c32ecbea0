// kept.hpp: what was measured as entries of a run's checkpoint, and back, to the last bit. Whatever reads throws FileError
// when an entry is missing.
#pragma once

#include "07_training/trainer.hpp"
#include "2018_compression/gpt.hpp"
#include "2018_compression/measured.hpp"

namespace rushlight::compression {

Metadata kept(const Measured& state);
Metadata kept(const bench::Comparison& speed);  // without its rounds
Metadata kept(const WidthRow& row);

Measured state_at(const Metadata& kept);
bench::Comparison comparison_at(const Metadata& kept);
WidthRow width_at(const Metadata& kept);

}  // namespace rushlight::compression
