// quantized_file.hpp: given. A model with small weights in a safetensors file (module 07), which any reader of that
// format opens. Written from the float model; reading puts the small layers in place.
//
// Entries, for the weight at path W of every Linear, Unembed and Embedding, a matrix (O, I):
//   int8   "W" I8 (O, I), "W.scale" F32 (O)     the number is W[o, i]·scale[o]
//   q8_0   "W" U8 (O, I/32·34)                  ggml's blocks, row by row, each with its scale inside (blocks.hpp)
//   q4_0   "W" U8 (O, I/32·18)
// A weight that another path leads to as well stands there once, under the first. Everything else of state_dict() is a
// float entry under its own name. Metadata:
//   "format" = "rushlight-quantized-1",  "quantized.W" = "int8" | "q8_0" | "q4_0",  "same.V" = W for a shared path V
// The data are as many bytes as that says: bytes_of() for each weight, and sizeof(Real) for each other number.
#pragma once

#include <string>
#include <vector>

#include "07_training/checkpoint.hpp"
#include "16_quantization/quantize_model.hpp"

namespace rushlight {

// The model stays as it is. What stays float is what quantize(model, {.weights, .skip}) would leave so. Throws ValueError
// for a model with stand-ins, whose weights are gone, and for a path of `skip` that is no module's.
SafeTensors quantized_state(Module& model, WeightFormat format, const std::vector<std::string>& skip = {});

// Puts a QuantizedLinear or QuantizedEmbedding in place of every layer whose weight the state has small, lets go of the
// float weights, and copies in everything else: afterwards the model computes to the bit what quantize() of the model
// that was saved computes (each row of an int8 layer's input by its own range). All or nothing. Throws ValueError that
// names the entry which is missing, too many, of another shape or type, or holds a scale that is none.
void load_quantized_state(Module& model, const SafeTensors& state);

void save_quantized(const std::string& path, Module& model, WeightFormat format,
                    const std::vector<std::string>& skip = {});  // all or nothing, as write_file
void load_quantized(const std::string& path, Module& model);     // FileError that begins with the path

}  // namespace rushlight
