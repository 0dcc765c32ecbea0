// gpt_file.hpp: given. A GPT in a file, with what it takes to build it again: the safetensors of state_dict(), and every
// GPTOption but dropout in the metadata under its own name, "gpt.vocabulary" to "gpt.positions".
#pragma once

#include <string>

#include "13_transformers/gpt.hpp"

namespace rushlight {

void save_gpt(const std::string& path, GPT& gpt);  // written atomically; FileError if it cannot

// In evaluation mode, and without dropout. Throws FileError that names the file and what is wrong with it: not
// safetensors, an option that is missing or no number, a tensor that is missing or has another shape.
GPT load_gpt(const std::string& path);

}  // namespace rushlight
