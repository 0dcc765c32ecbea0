// module.cpp: one walk over what a module owns. Everything that looks at all parameters, layers or random sources is a
// line or two on top of it.
#include "03_layers/module.hpp"

#include <set>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// Members of one module. Calls the visitor for what the module itself owns and collects its children for later: a
// module's own tensors come before its children's, wherever members() lists them.
class Walk : public Members {
 public:
  Walk(const Visit& visit, const std::string& prefix) : visit_(visit), prefix_(prefix) {}

  std::vector<std::pair<std::string, Module*>> children;  // path and module

  // 03.1 Walk::parameter, buffer, generator, child  the name of one member and the member -> a call of the visitor's
  // function for its kind, if there is one, with path_to(name); a child is only remembered. Empty tensors are skipped.
  // Hint: an empty std::function is false in an if, and tensor.defined() tells whether there is a tensor.
  void parameter(std::string_view name, Tensor& tensor) override {
    todo("03.1");
  }
  void buffer(std::string_view name, Tensor& tensor) override {
    todo("03.1");
  }
  void generator(std::string_view name, Generator& source) override {
    todo("03.1");
  }
  void child(std::string_view name, Module& module) override {
    todo("03.1");
  }

 private:
  // "fc1" in the module "blocks.0" -> "blocks.0.fc1"; at the root just "fc1".
  std::string path_to(std::string_view name) const {
    return prefix_.empty() ? std::string(name) : prefix_ + "." + std::string(name);
  }

  const Visit& visit_;
  const std::string& prefix_;
};

// 03.1 visit_from  a module, its path, the visitor -> the module, what it owns, then each child in the same way
// Hint: module.members(walk) makes the module list itself; afterwards walk.children holds the paths to go on with.
void visit_from(Module& module, const std::string& path, const Visit& visit) {
  todo("03.1");
}

}  // namespace

void visit_members(Module& root, const Visit& visit) { visit_from(root, "", visit); }

// 03.1 named_parameters  -> (path, parameter) for the module and all below it, each parameter once
// Hint: visit_members(*this, {.parameter = [&](const std::string& path, Tensor& p) { ... }}); a std::set of
// p.identity() remembers what is already listed.
NamedTensors Module::named_parameters() {
  todo("03.1");
}

// 03.1 named_buffers  -> (path, buffer), in the order of the walk
// Hint: as named_parameters, without the set.
NamedTensors Module::named_buffers() {
  todo("03.1");
}

// 03.1 named_generators  -> (path, address of the random source)
// Hint: as named_buffers.
NamedGenerators Module::named_generators() {
  todo("03.1");
}

// 03.1 parameters  -> what named_parameters lists, without the names
// Hint: an optimizer steps what stands here, so what is missing here never learns.
Tensors Module::parameters() {
  todo("03.1");
}

// 03.1 named_modules  -> (path, address) of this module, under "", and of all below it
// Hint: as named_generators.
std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  todo("03.1");
}

// 03.1 zero_grad  drops the gradient of every parameter
// Hint: Tensor::zero_grad.
void Module::zero_grad() {
  todo("03.1");
}

// 03.1 parameter_count  -> how many numbers the parameters hold together
// Hint: a (3, 2) weight holds 6.
std::int64_t Module::parameter_count() {
  todo("03.1");
}

// 03.1 train  sets training() of this module and of every module below it
// Hint: training_ of another Module may be set here, since this is a member of Module.
void Module::train(bool on) {
  todo("03.1");
}

}  // namespace rushlight
