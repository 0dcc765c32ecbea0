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
    // solution 03.1
    if (visit_.parameter && tensor.defined()) visit_.parameter(path_to(name), tensor);
    // end solution
  }
  void buffer(std::string_view name, Tensor& tensor) override {
    // solution 03.1
    if (visit_.buffer && tensor.defined()) visit_.buffer(path_to(name), tensor);
    // end solution
  }
  void generator(std::string_view name, Generator& source) override {
    // solution 03.1
    if (visit_.generator) visit_.generator(path_to(name), source);
    // end solution
  }
  void child(std::string_view name, Module& module) override {
    // solution 03.1
    children.emplace_back(path_to(name), &module);
    // end solution
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
  if (visit.module) visit.module(path, module);
  Walk walk(visit, path);
  module.members(walk);
  for (const auto& [child_path, child] : walk.children) visit_from(*child, child_path, visit);
}

}  // namespace

void visit_members(Module& root, const Visit& visit) { visit_from(root, "", visit); }

// 03.1 named_parameters  -> (path, parameter) for the module and all below it, each parameter once
// Hint: visit_members(*this, {.parameter = [&](const std::string& path, Tensor& p) { ... }}); a std::set of
// p.identity() remembers what is already listed.
NamedTensors Module::named_parameters() {
  NamedTensors found;
  std::set<const void*> seen;
  visit_members(*this, {.parameter = [&](const std::string& path, Tensor& parameter) {
    if (seen.insert(parameter.identity()).second) found.emplace_back(path, parameter);
  }});
  return found;
}

// 03.1 named_buffers  -> (path, buffer), in the order of the walk
// Hint: as named_parameters, without the set.
NamedTensors Module::named_buffers() {
  NamedTensors found;
  visit_members(*this, {.buffer = [&](const std::string& path, Tensor& buffer) { found.emplace_back(path, buffer); }});
  return found;
}

// 03.1 named_generators  -> (path, address of the random source)
// Hint: as named_buffers.
NamedGenerators Module::named_generators() {
  NamedGenerators found;
  visit_members(*this, {.generator = [&](const std::string& path, Generator& g) { found.emplace_back(path, &g); }});
  return found;
}

// 03.1 parameters  -> what named_parameters lists, without the names
// Hint: an optimizer steps what stands here, so what is missing here never learns.
Tensors Module::parameters() {
  Tensors found;
  for (const auto& [path, parameter] : named_parameters()) found.push_back(parameter);
  return found;
}

// 03.1 named_modules  -> (path, address) of this module, under "", and of all below it
// Hint: as named_generators.
std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> found;
  visit_members(*this, {.module = [&](const std::string& path, Module& m) { found.emplace_back(path, &m); }});
  return found;
}

// 03.1 zero_grad  drops the gradient of every parameter
// Hint: Tensor::zero_grad.
void Module::zero_grad() {
  for (Tensor& parameter : parameters()) parameter.zero_grad();
}

// 03.1 parameter_count  -> how many numbers the parameters hold together
// Hint: a (3, 2) weight holds 6.
std::int64_t Module::parameter_count() {
  std::int64_t count = 0;
  for (const Tensor& parameter : parameters()) count += parameter.size();
  return count;
}

// 03.1 train  sets training() of this module and of every module below it
// Hint: training_ of another Module may be set here, since this is a member of Module.
void Module::train(bool on) {
  visit_members(*this, {.module = [on](const std::string&, Module& module) { module.training_ = on; }});
}

}  // namespace rushlight
