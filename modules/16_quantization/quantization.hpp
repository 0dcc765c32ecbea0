// quantization.hpp: all of module 16.
#pragma once

#include "16_quantization/block_product.hpp"
#include "16_quantization/blocks.hpp"
#include "16_quantization/fake_quantize.hpp"
#include "16_quantization/gguf.hpp"
#include "16_quantization/gpt_file.hpp"
#include "16_quantization/int8_product.hpp"
#include "16_quantization/mapped_weights.hpp"
#include "16_quantization/numbers.hpp"
#include "16_quantization/observers.hpp"
#include "16_quantization/quantize_model.hpp"
#include "16_quantization/quantized_file.hpp"
#include "16_quantization/quantized_layers.hpp"
