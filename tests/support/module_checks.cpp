#include "support/module_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

constexpr double floor_of_gradients = 1e-6;

// Turns recording off for a scope, also when an exception leaves it.
class RecordingOff {
 public:
  RecordingOff() : before_(grad_enabled()) { set_grad_enabled(false); }
  ~RecordingOff() { set_grad_enabled(before_); }

 private:
  bool before_;
};

// Every node that y depends on, each once.
std::vector<std::shared_ptr<Node>> nodes_below(const Tensor& y) {
  std::vector<std::shared_ptr<Node>> found;
  std::set<const Node*> seen;
  std::vector<std::shared_ptr<Node>> stack{y.node()};
  while (!stack.empty()) {
    const std::shared_ptr<Node> node = stack.back();
    stack.pop_back();
    if (node == nullptr || !seen.insert(node.get()).second) continue;
    found.push_back(node);
    for (const Node::Input& input : node->inputs) stack.push_back(input.node);
  }
  return found;
}

bool all_same_bits(const Arrays& a, const Arrays& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Array& x, const Array& y) {
    return x.defined() == y.defined() && (!x.defined() || same_bits(x, y));
  });
}

// One case in one mode, and the problems found so far.
class Examination {
 public:
  // `other` is the examination in the other mode, where there was one: what it found to be right need not be computed
  // by differences again if this mode's output and gradients are the same to the bit.
  Examination(const ModuleCase& module_case, bool training, const BackwardPass& backward,
              const Examination* other = nullptr)
      : case_(module_case),
        training_(training),
        backward_(backward),
        other_(other),
        input_(randn(module_case.input, 17)) {}

  std::vector<std::string> run() {
    module_ = fresh();
    parameters_ = module_->named_parameters();
    check_coverage();
    if (problems_.empty()) check_flow();
    if (problems_.empty()) check_accumulation();
    if (problems_.empty()) check_no_grad();
    return problems_;
  }

 private:
  std::unique_ptr<Module> fresh() const {
    std::unique_ptr<Module> module = case_.make();
    module->train(training_);
    return module;
  }

  template <class... Args>
  void problem(const char* check, fmt::format_string<Args...> text, Args&&... args) {
    problems_.push_back(fmt::format("{} ({}), {}: {}", case_.name, training_ ? "training" : "evaluation", check,
                                    fmt::format(text, std::forward<Args>(args)...)));
  }

  void check_coverage() {
    const auto [first, declared] =
        std::mismatch(parameters_.begin(), parameters_.end(), case_.parameters.begin(), case_.parameters.end(),
                      [](const auto& own, const auto& expected) {
                        return own.first == expected.first && own.second.shape() == expected.second;
                      });
    if (first != parameters_.end() || declared != case_.parameters.end()) {
      problem("coverage",
              "named_parameters() lists {}, but {} was expected at this place ({} listed, {} expected). Does "
              "members() name every parameter, in order?",
              first == parameters_.end() ? "nothing more" : first->first + " " + first->second.shape().str(),
              declared == case_.parameters.end() ? "nothing more" : declared->first + " " + declared->second.str(),
              parameters_.size(), case_.parameters.size());
    }
    for (const auto& [name, parameter] : parameters_) {
      if (!parameter.requires_grad()) problem("coverage", "{} does not require a gradient.", name);
    }
    std::vector<std::string> buffers;
    for (const auto& [name, buffer] : module_->named_buffers()) {
      buffers.push_back(name);
      if (buffer.requires_grad()) problem("coverage", "the buffer {} requires a gradient.", name);
    }
    if (buffers != case_.buffers) {
      problem("coverage", "named_buffers() lists [{}], expected [{}].", fmt::join(buffers, ", "),
              fmt::join(case_.buffers, ", "));
    }
  }

  void check_flow() {
    const Tensor x(input_.clone(), true);
    const Tensor y = module_->forward(x);
    if (!same_bits(x.value(), input_)) problem("purity", "forward() changed its input.");
    if (!y.requires_grad() || y.node() == nullptr) {
      problem("existence", "the output has no place in the graph. Was it rebuilt from its values, as a fresh leaf?");
      return;
    }
    check_leaves(x, y);
    const Tape tape(y, cotangent(y.shape()));
    computed_ = {y.value(), tape.grad(x)};
    for (const auto& [name, parameter] : parameters_) computed_.push_back(tape.grad(parameter));
    check_gradient("x", tape.reached(x), tape.grad(x), x.shape(), 0, false);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const auto& [name, parameter] = parameters_[i];
      const auto& zeros = case_.structural_zeros;
      check_gradient(name, tape.reached(parameter), tape.grad(parameter), parameter.shape(), i + 1,
                     std::find(zeros.begin(), zeros.end(), name) != zeros.end());
    }
  }

  // Whatever y depends on and wants a gradient must be x or a listed parameter.
  void check_leaves(const Tensor& x, const Tensor& y) {
    std::set<const Node*> known{x.node().get()};
    for (const auto& [name, parameter] : parameters_) known.insert(parameter.node().get());
    for (const std::shared_ptr<Node>& node : nodes_below(y)) {
      if (node->is_leaf() && !known.contains(node.get())) {
        problem("coverage",
                "the output depends on a parameter of shape {} that parameters() does not list: it would "
                "never be trained or saved. Is it missing from members()?",
                node->shape);
      }
    }
  }

  void check_gradient(const std::string& name, bool reached, const Array& grad, const Shape& shape, std::size_t i,
                      bool structural_zero) {
    const testing::AssertionResult arrived = grad_ok(grad, shape, structural_zero ? -1 : floor_of_gradients);
    if (!reached || !arrived) {
      problem("gradient", "{}: {}", name, arrived.message());
      return;
    }
    if (other_ && all_same_bits(computed_, other_->computed_)) return;
    const Array numeric = numeric_gradient(value_of(), inputs(), i, sizeof(Real) == 8 ? 1e-6 : 1e-3);
    const double tolerance = sizeof(Real) == 8 ? 1e-7 : 2e-2;
    for (std::size_t entry = 0; entry < grad.data().size(); ++entry) {
      const double a = grad.data()[entry], n = numeric.data()[entry];
      if (std::abs(a - n) <= tolerance * std::max({std::abs(a), std::abs(n), 1.0})) continue;
      problem("correctness", "{} {}, entry {}: the rules give {:.7g}, a central difference {:.7g}. {}", name, shape,
              entry, a, n, diagnose(shape, to_doubles(grad), to_doubles(numeric), {tolerance, tolerance}));
      return;
    }
  }

  // The module as a function of x and its parameters. One module for all the calls, because most of the time would go
  // into making them; its generators and buffers start anew each time, so that random layers repeat.
  Function value_of() const {
    const std::shared_ptr<Module> module = fresh();
    std::vector<std::pair<Generator*, Generator::State>> generators;
    for (const auto& [name, generator] : module->named_generators())
      generators.emplace_back(generator, generator->state());
    std::vector<std::pair<Tensor, Array>> buffers;
    for (const auto& [name, buffer] : module->named_buffers()) buffers.emplace_back(buffer, buffer.value().clone());
    return [module, parameters = module->named_parameters(), generators, buffers](const Tensors& in) {
      for (std::size_t i = 0; i < parameters.size(); ++i) Tensor(parameters[i].second).set_value(in[i + 1].value());
      for (const auto& [generator, state] : generators) generator->set_state(state);
      for (const auto& [buffer, value] : buffers) Tensor(buffer).set_value(value.clone());
      const RecordingOff off;
      return module->forward(in[0]);
    };
  }

  Arrays inputs() const {
    Arrays all{input_};
    for (const auto& [name, parameter] : parameters_) all.push_back(parameter.value());
    return all;
  }

  void pass(const Tensor& x) {
    const Tensor y = module_->forward(x);
    backward_(y, cotangent(y.shape()));
  }

  void check_accumulation() {
    module_ = fresh();
    parameters_ = module_->named_parameters();
    Tensor x(input_.clone(), true);
    std::vector<Generator::State> states;
    for (const auto& [name, generator] : module_->named_generators()) states.push_back(generator->state());
    pass(x);
    NamedTensors all = parameters_;
    all.emplace_back("x", x);
    Arrays once;
    for (const auto& [name, tensor] : all) once.push_back(tensor.grad().clone());
    std::size_t next = 0;
    for (const auto& [name, generator] : module_->named_generators()) generator->set_state(states.at(next++));
    pass(x);
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<double> twice = to_doubles(once[i]);
      for (double& value : twice) value *= 2;
      const auto doubled = near(all[i].second.grad(), all[i].second.shape(), twice, gradient_tolerance);
      if (!doubled) problem("accumulation", "{} after two passes: {}", all[i].first, doubled.message());
    }
    module_->zero_grad();
    for (const auto& [name, parameter] : parameters_) {
      if (parameter.grad().defined()) problem("accumulation", "zero_grad() left {} its gradient.", name);
    }
  }

  void check_no_grad() {
    const RecordingOff off;
    const Tensor y = fresh()->forward(Tensor(input_));
    if (y.requires_grad()) problem("no_grad", "with recording off, the output still has a place in the graph.");
  }

  const ModuleCase& case_;
  const bool training_;
  const BackwardPass& backward_;
  const Examination* other_;
  const Array input_;
  Arrays computed_;  // output and gradients, x's first
  std::unique_ptr<Module> module_;
  NamedTensors parameters_;
  std::vector<std::string> problems_;
};

}  // namespace

void tape_backward(const Tensor& y, const Array& seed) {
  const Tape tape(y, seed);
  for (const std::shared_ptr<Node>& node : nodes_below(y)) {
    const Array arrived = tape.grad(*node);
    if (!node->is_leaf() || !arrived.defined()) continue;
    Array total = arrived.clone();
    if (node->grad.defined()) {
      const auto to = total.mutable_data();
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += node->grad.data()[i];
    }
    node->grad = total;
  }
}

std::vector<std::string> module_problems(const ModuleCase& module_case, const BackwardPass& backward) {
  Examination training(module_case, true, backward);
  std::vector<std::string> problems = training.run();
  if (problems.empty()) problems = Examination(module_case, false, backward, &training).run();
  return problems;
}

void expect_module(const ModuleCase& module_case, const BackwardPass& backward) {
  for (const std::string& problem : module_problems(module_case, backward)) ADD_FAILURE() << problem;
}

const ModuleCase& module_case(const std::string& name) {
  for (const ModuleCase& each : module_cases()) {
    if (each.name == name) return each;
  }
  throw ValueError(fmt::format("module_case: there is no case '{}' in module_cases.cpp.", name));
}

}  // namespace rushlight::test
