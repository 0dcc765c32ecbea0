// masks.cpp: zeros that stay.
#include "17_compression/masks.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// Where `path` stands in `paths`.
std::size_t place_of(const std::vector<std::string>& paths, const std::string& path) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i] == path) return i;
  }
  throw ValueError("Masks: '{}' has no mask; paths() lists those that have.", {path});
}

}  // namespace

Masks::Masks(Module& model, const std::vector<std::string>& paths) : paths_(paths) {
  for (const auto& [path, weight] : parameters_at("Masks", model, paths)) {
    masks_.emplace_back(ones_like(weight.value()));
  }
}

const Array& Masks::at(const std::string& path) const { return masks_[place_of(paths_, path)].value(); }

void Masks::set(const std::string& path, const Array& mask) {
  Tensor& old = masks_[place_of(paths_, path)];
  if (mask.shape() != old.shape()) {
    throw ShapeError("Masks: the mask of '{}' is {}, so {} does not fit.", {path, old.shape(), mask.shape()});
  }
  const Array numbers = mask.cpu();
  for (const Real value : numbers.data()) {
    if (value != 0 && value != 1) {
      throw ValueError("Masks: a mask holds 0 and 1, but the one for '{}' holds {}.", {path, value});
    }
  }
  old.set_value(mask.clone());
}

// 17.1 Masks::sparsity  -> zeros in all masks / numbers in all masks; 0 when there is none
// Hint: large layers weigh more: add up counts and divide once.
double Masks::sparsity() const {
  double pruned = 0, all = 0;
  for (const Tensor& mask : masks_) {
    const Array numbers = mask.value().cpu();
    for (const Real value : numbers.data()) pruned += value == 0 ? 1 : 0;
    all += static_cast<double>(mask.size());
  }
  return all == 0 ? 0 : pruned / all;
}

// 17.1 Masks::effective  -> for the parameter at each path: identity() -> weight where the mask is 1, 0 where it is 0
// A Tensor op, so that the gradient goes back to the weight. A weight that has become infinite is 0 all the same.
// Hint: parameters_at("Masks", model, paths_) finds the weights; where() of module 01 selects, with greater(mask, 0).
Replacements Masks::effective(Module& model) const {
  Replacements replacements;
  const NamedTensors weights = parameters_at("Masks", model, paths_);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Tensor& weight = weights[i].second;
    const Mask stays = greater(masks_[i].value(), zeros_like(masks_[i].value()));
    replacements[weight.identity()] = where(stays, weight, Tensor(zeros_like(weight.value())));
  }
  return replacements;
}

// 17.1 Masks::apply  every masked weight of the model: 0 where its mask is 0
// Hint: what effective() computes, as a value: set_value. Nobody needs its graph.
void Masks::apply(Module& model) const {
  const Replacements masked = effective(model);
  for (auto& [path, weight] : parameters_at("Masks", model, paths_)) {
    Tensor stored = weight;
    stored.set_value(masked.at(weight.identity()).value().clone());
  }
}

// 17.1 Masks::members  lists each mask, as a buffer, under the path of its weight
// Hint: m.buffer: a parameter would be trained, and a mask that is not listed is neither saved nor loaded.
void Masks::members(Members& m) {
  for (std::size_t i = 0; i < paths_.size(); ++i) m.buffer(paths_[i], masks_[i]);
}

}  // namespace rushlight
