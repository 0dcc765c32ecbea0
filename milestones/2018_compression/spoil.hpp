// spoil.hpp: a control. Every small weight of a saved GPT keeps its numbers and gets the scales of another layer.
#pragma once

#include "07_training/checkpoint.hpp"

namespace rushlight::compression {

// A state of quantized_state() with blocks: block i of each weight gets the scale of block i (counted round) of the next
// weight in the order of names, the last that of the first. Everything else keeps its bits. Throws ValueError when there
// are fewer than two weights in blocks.
SafeTensors with_scales_of_another_layer(SafeTensors state);

}  // namespace rushlight::compression
