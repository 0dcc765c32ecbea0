// nested.hpp: the state of one part of a run inside the checkpoint of the whole, under a prefix.
#pragma once

#include <string>

#include "07_training/checkpoint.hpp"

namespace rushlight::milestone {

// Every entry of `part` as "<prefix><name>" in `whole`.
inline void put_nested(SafeTensors& whole, const std::string& prefix, const SafeTensors& part) {
  for (const auto& [name, tensor] : part.tensors) whole.tensors[prefix + name] = tensor;
  for (const auto& [name, text] : part.metadata) whole.metadata[prefix + name] = text;
}

// All entries that begin with the prefix, without it.
inline SafeTensors nested_at(const SafeTensors& whole, const std::string& prefix) {
  SafeTensors part;
  for (const auto& [name, tensor] : whole.tensors) {
    if (name.starts_with(prefix)) part.tensors[name.substr(prefix.size())] = tensor;
  }
  for (const auto& [name, text] : whole.metadata) {
    if (name.starts_with(prefix)) part.metadata[name.substr(prefix.size())] = text;
  }
  return part;
}

}  // namespace rushlight::milestone
