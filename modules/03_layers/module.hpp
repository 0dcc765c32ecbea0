// module.hpp: what every layer is. A Module has named parameters, named buffers and named children, all plain
// members; it lists them once, in order, and everything else follows from the list.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "01_tensor/tensor.hpp"

namespace rushlight {

class Module;

// What members() is handed: it is called once for each thing the module owns.
class Members {
 public:
  virtual ~Members() = default;
  virtual void parameter(std::string_view name, Tensor& parameter) = 0;
  virtual void buffer(std::string_view name, Tensor& buffer) = 0;  // saved and loaded, but not trained
  virtual void child(std::string_view name, Module& child) = 0;

  void operator()(std::string_view name, Tensor& tensor) { parameter(name, tensor); }
  void operator()(std::string_view name, Module& module) { child(name, module); }
};

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
using StateDict = std::map<std::string, Array>;

class Module {
 public:
  virtual ~Module() = default;

  virtual Tensor forward(const Tensor& x) = 0;
  Tensor operator()(const Tensor& x) { return forward(x); }

  // One line per member: m("weight", weight); m("fc1", fc1); m.buffer("running_mean", running_mean);
  virtual void members(Members& m) = 0;

  // Own first, then the children's, in the order of members(). Names are paths: "blocks.0.fc1.weight". An empty
  // Tensor (a layer without bias) is left out.
  NamedTensors named_parameters();
  NamedTensors named_buffers();
  Tensors parameters();
  std::vector<std::pair<std::string, Module*>> named_modules();  // this one first, under ""

  void zero_grad();
  std::int64_t parameter_count();

  // Training is the default, as in PyTorch; dropout and batch norm look at it.
  void train(bool on = true);
  void eval() { train(false); }
  bool training() const { return training_; }

  // Copies of all parameters and buffers by name. load_state_dict changes nothing unless names and shapes all fit;
  // it throws ValueError that lists every missing, unexpected and misshapen entry.
  StateDict state_dict();
  void load_state_dict(const StateDict& state);

 private:
  bool training_ = true;
};

}  // namespace rushlight
