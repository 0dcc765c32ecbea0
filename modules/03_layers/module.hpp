// module.hpp: what every layer is. A Module has named parameters, named buffers, named random sources and named
// children, all plain members; it lists them once, in order, and everything else follows from the list.
//
//   struct Net : Module {
//     Linear fc1, fc2;
//     explicit Net(Generator& g) : fc1({.in = 4, .out = 8}, g), fc2({.in = 8, .out = 2}, g) {}
//     Tensor forward(const Tensor& x) override { return fc2(relu(fc1(x))); }
//     void members(Members& m) override { m("fc1", fc1); m("fc2", fc2); }
//   };
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "01_tensor/random.hpp"
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
  virtual void generator(std::string_view, Generator&) {}  // randomness that a bit-exact resume must restore

  void operator()(std::string_view name, Tensor& tensor) { parameter(name, tensor); }
  void operator()(std::string_view name, Module& module) { child(name, module); }
  void operator()(std::string_view name, Generator& source) { generator(name, source); }
};

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
using NamedGenerators = std::vector<std::pair<std::string, Generator*>>;
using StateDict = std::map<std::string, Array>;

// Modules move, but do not copy: a copied Tensor is the same tensor, so a copied layer would train its original.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // A module whose forward takes other arguments (ids, a context) leaves this one as it is.
  virtual Tensor forward(const Tensor&) { throw Error("Module: this module's forward does not take a single Tensor."); }
  Tensor operator()(const Tensor& x) {
    if (!stand_in_) return forward(x);
    stand_in_->training_ = training_;
    return (*stand_in_)(x);
  }

  // From now on `other` answers whenever this module is called with (), as a layer of int8 does for a layer of float
  // (module 16): a member cannot become an object of another class. Null takes it back. forward() stays this module's
  // own, so parents call their children with (). Names, parameters and state_dict do not see a stand-in; whether it is
  // in training is what this module says.
  void replace_with(std::shared_ptr<Module> other) { stand_in_ = std::move(other); }
  const std::shared_ptr<Module>& stand_in() const { return stand_in_; }

  // One line per member: m("weight", weight); m("fc1", fc1); m.buffer("running_mean", running_mean);
  virtual void members(Members& m) = 0;

  // --- 03.1 (module.cpp) -----------------------------------------------------------------------------------------

  // Own first, then the children's, in the order of members(). Names are paths: "blocks.0.fc1.weight". An empty
  // Tensor (one that is not defined(), as the bias of a layer without) is left out. A parameter that two layers share is
  // listed once, under its first name, so that an optimizer steps it once (as in PyTorch).
  NamedTensors named_parameters();
  NamedTensors named_buffers();
  NamedGenerators named_generators();
  Tensors parameters();
  std::vector<std::pair<std::string, Module*>> named_modules();  // this one first, under ""

  // Moves every parameter and buffer to `device` and drops the gradients. An optimizer keeps its state where a parameter
  // was at its first step: move the model before it. Given (module_device.cpp).
  void to(Device device);

  void zero_grad();                // drops the gradient of every parameter
  std::int64_t parameter_count();  // numbers, not tensors

  // Training is the default, as in PyTorch; dropout and batch norm look at it. Reaches every descendant.
  void train(bool on = true);
  void eval() { train(false); }
  bool training() const { return training_; }

  // --- 03.8 (state_dict.cpp) -------------------------------------------------------------------------------------

  // Copies of all parameters and buffers by name; what is shared, a parameter, a buffer or a whole child,
  // is there under each of its names. Throws
  // ValueError when two members have the same path.
  StateDict state_dict();

  // Changes nothing unless names and shapes all fit; otherwise throws one ValueError that lists every missing,
  // unexpected and misshapen entry. Values are copied in; tensors keep their place in the graph.
  void load_state_dict(const StateDict& state);

 private:
  bool training_ = true;
  std::shared_ptr<Module> stand_in_;
};

// --- 03.1 the walk (module.cpp) ----------------------------------------------------------------------------------

// What to do with each thing that a module and its descendants own. An empty function means "skip those".
struct Visit {
  std::function<void(const std::string& path, Module& module)> module = {};
  std::function<void(const std::string& path, Tensor& parameter)> parameter = {};
  std::function<void(const std::string& path, Tensor& buffer)> buffer = {};
  std::function<void(const std::string& path, Generator& source)> generator = {};
};

// Visits the module itself (path ""), then what it owns, then its children in the same way, in the order of members()
// at each level; what is listed twice is visited twice. Paths join names with dots. Empty tensors are skipped.
void visit_members(Module& root, const Visit& visit);

// Puts a model into evaluation mode; at the end of the scope every module of it is back in its own, also one that had
// been frozen with eval(), and also when an exception ends the scope. Given (evaluation_mode.cpp).
class EvaluationMode {
 public:
  explicit EvaluationMode(Module& model);
  ~EvaluationMode();
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  std::vector<std::pair<Module*, bool>> before_;
};

}  // namespace rushlight
