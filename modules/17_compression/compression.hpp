// compression.hpp: all of module 17.
#pragma once

#include "17_compression/compressed_file.hpp"
#include "17_compression/huffman.hpp"
#include "17_compression/lora.hpp"
#include "17_compression/low_rank.hpp"
#include "17_compression/masks.hpp"
#include "17_compression/pruning.hpp"
#include "17_compression/quantized_lora.hpp"
#include "17_compression/soft_targets.hpp"
#include "17_compression/structured.hpp"
#include "17_compression/weight_sharing.hpp"
