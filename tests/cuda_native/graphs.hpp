// graphs.hpp: a training step in a captured graph, on a GPU.
#pragma once

namespace rushlight {

// Whether a captured and replayed step of a small GPT trains to the bits of the same steps without a graph. Installs the
// device with the cache, and removes it.
bool a_captured_step_trains_to_the_same_bits();

}  // namespace rushlight
