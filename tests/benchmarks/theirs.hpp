// theirs.hpp: what everything written with libtorch has in common.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "decoding.hpp"
#include "networks.hpp"
#include "ops.hpp"
#include "serve.hpp"

namespace benchmarks {

inline torch::Tensor tensor(const std::vector<float>& values, torch::IntArrayRef shape) {
  return torch::tensor(values).reshape(shape);
}

inline torch::Tensor labels(const std::string& name, torch::IntArrayRef shape, std::int64_t limit) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return torch::tensor(integers(name, count, limit)).reshape(shape);
}

std::unique_ptr<Network> make_op(const Op& op);                    // theirs_ops.cpp
std::unique_ptr<Network> make_decoding(const Decoding& decoding);  // theirs_decoding.cpp

}  // namespace benchmarks
