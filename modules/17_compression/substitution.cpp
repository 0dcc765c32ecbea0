// substitution.cpp: given.
#include "17_compression/substitution.hpp"

#include <set>

#include "11_embeddings/embeddings.hpp"

namespace rushlight {

Substitution::Substitution(Module& model, const Replacements& replacements) {
  bool has_stand_in = false;  // of the module whose parameters are visited
  visit_members(model,
                {.module = [&](const std::string&, Module& module) { has_stand_in = is_replaced(module); },
                 .parameter =
                     [&](const std::string& path, Tensor& member) {
                       const auto found = replacements.find(member.identity());
                       if (found == replacements.end()) return;
                       if (found->second.shape() != member.shape()) {
                         throw ShapeError("Substitution: {} is {}, but what should take its place is {}.",
                                          {path, member.shape(), found->second.shape()});
                       }
                       if (has_stand_in) {
                         throw ValueError(
                             "Substitution: the layer of {} has a stand-in, which would not see what takes its place.",
                             {path});
                       }
                       before_.emplace_back(&member, member);
                     }});
  for (auto& [member, own] : before_) *member = replacements.at(own.identity());
}

Substitution::~Substitution() {
  for (auto& [member, own] : before_) *member = own;
}

NamedTensors parameters_at(const char* who, Module& model, const std::vector<std::string>& paths) {
  std::map<std::string, Tensor> known;
  visit_members(model, {.parameter = [&](const std::string& path, Tensor& member) { known[path] = member; }});
  NamedTensors found;
  std::set<const void*> taken;
  for (const std::string& path : paths) {
    const auto place = known.find(path);
    if (place == known.end()) {
      throw ValueError("{}: the model has no parameter '{}'; named_parameters() lists those it has.", {who, path});
    }
    if (!taken.insert(place->second.identity()).second) {
      throw ValueError("{}: '{}' leads to a parameter that is in the list already; name each once.", {who, path});
    }
    found.emplace_back(path, place->second);
  }
  return found;
}

std::vector<std::string> weight_paths(Module& model) {
  std::vector<std::string> paths;
  for (const auto& [path, parameter] : model.named_parameters()) {
    if (parameter.rank() >= 2) paths.push_back(path);
  }
  return paths;
}

}  // namespace rushlight
