// network.hpp: one training step of a network of the course, with every place of interest written down: values on the
// way up, gradients on the way down, and the gradient of every parameter.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "03_layers/module.hpp"
#include "06_optimizers/optimizer.hpp"
#include "compare/trace.hpp"

namespace rushlight::compare {

// What is done to one place of the network before anybody looks, to see who notices: "sever" (goes on as a fresh leaf),
// "zero" and "double" (the gradient there), "add" (0.0625 to the value), "nan" (one of its values), "throw".
struct Edit {
  std::string name;
  std::string what;
};

struct NetworkOptions {
  bool fused = false;     // leave out what forces the composed path where there is a kernel
  std::string loss = "";  // gpt: "last_logits", the sum of the last token's scores, instead of cross-entropy
  std::vector<Edit> edits = {};
};

void trace_mlp(Trace& trace, const NetworkOptions& options);
void trace_cnn(Trace& trace, const NetworkOptions& options);
void trace_gpt(Trace& trace, const NetworkOptions& options);

// Every parameter gets numbers that depend on its name alone; those of norms stay near 1.
void set_fixed_parameters(Module& model);

// For networks without hook points: keeps what passes, and asks for its gradient.
class Watched {
 public:
  Watched(Trace& trace, const NetworkOptions& options) : trace_(trace), options_(options) {}

  // x, or what an edit makes of it. Gradients are kept by retain_grad().
  Tensor see(const std::string& name, const Look& look, Tensor x);

  // After backward(): gradients of what was seen, and those of the parameters. `owner` names the task of a parameter.
  void gradients(Module& model, const std::function<const char*(const std::string&)>& owner);

 private:
  struct Seen {
    std::string name;
    Look look;
    Tensor tensor;
  };
  Trace& trace_;
  const NetworkOptions& options_;
  std::vector<Seen> seen_;
};

// Adam's eps here: with the usual one, a gradient that is zero but for rounding moves its parameter by a whole step.
constexpr double damped = 1e-3;

// What the rest of a training step does with the gradients: clipped to a norm, and one step of the optimizer. What is
// still a blank there stops nothing above.
void trace_step(Trace& trace, Module& model, const char* task,
                const std::function<std::unique_ptr<Optimizer>(const Tensors&)>& make);

Tensor edited_value(const std::string& what, const Tensor& x);          // empty: unchanged
Array edited_gradient(const std::string& what, const Array& gradient);  // undefined: unchanged

}  // namespace rushlight::compare
