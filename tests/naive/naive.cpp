#include "naive/naive.hpp"

#include "05_autograd/autograd.hpp"

namespace rushlight::naive {

void step(Optimizer& optimizer, const Tensor& loss, Seen& seen) {
  optimizer.zero_grad();
  loss.backward();
  optimizer.step();
  seen.losses.push_back(loss.item());
}

std::vector<std::string> without_gradient(Module& model) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (!parameter.grad().defined()) names.push_back(name);
  }
  return names;
}

}  // namespace rushlight::naive
