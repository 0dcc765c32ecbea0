// evaluation_mode.cpp: given. A destructor must not throw, so it cannot hold a blank.
#include "03_layers/module.hpp"

namespace rushlight {

EvaluationMode::EvaluationMode(Module& model) {
  for (const auto& [path, module] : model.named_modules()) before_.emplace_back(module, module->training());
  model.eval();
}

// A module before its descendants, as named_modules() lists them, since train() reaches those, too.
EvaluationMode::~EvaluationMode() {
  for (const auto& [module, training] : before_) module->train(training);
}

}  // namespace rushlight
