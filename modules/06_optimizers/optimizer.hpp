// optimizer.hpp: what every optimizer is. It holds groups of parameters, each group with options of its own, and per
// parameter whatever it remembers from step to step. step() changes values in place and outside the graph.
// Semantics, names and defaults are those of torch.optim, single-tensor path. Different here: an option is a field of
// a struct instead of a key of a dict; amsgrad is a type of its own (more.hpp), and there is no maximize or sparse
// gradient; saved state is a flat list of named arrays and numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// Some parameters and the options they are trained with:
//   AdamW optimizer({{.parameters = weights, .options = {.lr = 1e-3}},
//                    {.parameters = biases, .options = {.lr = 1e-3, .weight_decay = 0}}});
template <class Options>
struct Group {
  Tensors parameters;
  Options options = {};
};

// What state_dict() gives and a checkpoint stores. Parameters are numbered through all groups, from 0:
//   arrays   "0.momentum_buffer", "3.exp_avg", ...                  copies, shaped like their parameter
//   numbers  "0.step", ..., "groups.0.size", "groups.0.lr", "groups.0.weight_decay", ...
struct OptimizerState {
  std::string optimizer;  // "SGD", "AdamW", ...
  std::map<std::string, double> numbers;
  std::map<std::string, Array> arrays;
};

// Called with the name of each option of a group and a reference to its value. Switches count as numbers, 0 or 1.
using OptionVisitor = std::function<void(const char* name, double& value)>;

inline void visit_switch(const OptionVisitor& visit, const char* name, bool& on) {
  double value = on ? 1 : 0;
  visit(name, value);
  on = value != 0;
}

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;  // two optimizers with one set of parameters would pull against each other
  Optimizer& operator=(const Optimizer&) = delete;

  // --- 06.1 (optimizer.cpp) -----------------------------------------------------------------------------------

  // Forgets every parameter's gradient: grad() is undefined afterwards, as after torch's zero_grad().
  void zero_grad();

  // One step of every parameter that has a gradient. One without is skipped: value, memory and step count stay.
  // Throws ShapeError, before anything has changed, when a gradient's shape is not its parameter's.
  void step();

  // --- 06.6 (optimizer_state.cpp) -----------------------------------------------------------------------------

  // A copy of everything that a later step() depends on, apart from the parameters' values.
  OptimizerState state_dict();

  // Takes such a copy back, options (learning rates, ...) included. All or nothing: throws ValueError that lists
  // every number or array that is missing, unexpected or of the wrong shape, a step that is not a whole number from 0 on,
  // and an option that the optimizer could not have been made with; then nothing has changed. An optimizer takes only
  // the state of its own kind, with the same groups and the same options switched on.
  void load_state_dict(const OptimizerState& state);

  // --- given --------------------------------------------------------------------------------------------------

  const std::string& name() const { return name_; }
  int group_count() const { return static_cast<int>(groups_.size()); }
  const Tensors& parameters(int group = 0) const { return groups_.at(static_cast<std::size_t>(group)).parameters; }

  // The learning rate may be set between any two steps; the schedules of module 07 do. ValueError if it is negative
  // or not finite.
  virtual double lr(int group = 0) const = 0;
  virtual void set_lr(int group, double lr) = 0;
  void set_lr(double lr) {  // of every group
    for (int group = 0; group < group_count(); ++group) set_lr(group, lr);
  }

 protected:
  // What is remembered about one parameter. `buffers` is empty until its first step; then it holds one array of the
  // parameter's shape, zero at first, for each name that buffer_names() gives, in that order.
  struct State {
    std::int64_t step = 0;  // how often the parameter was stepped, the step under way included
    Arrays buffers = {};
  };

  struct ParameterGroup {  // states[i] is what is remembered about parameters[i]
    Tensors parameters;
    std::vector<State> states;
  };

  explicit Optimizer(std::string name) : name_(std::move(name)) {}

  // 06.1 (optimizer.cpp)  Appends a group. Throws ValueError that names the optimizer when `parameters` is empty, when
  // one is undefined or is already there (in this group or an earlier one), GraphError for the result of an op.
  void add_group(const Tensors& parameters);

  // For each kind of optimizer to say. update() makes one step of one parameter: `value` and `grad` have equal
  // shapes, state.step is already raised, state.buffers are there.
  virtual void update(int group, Array& value, const Array& grad, State& state) = 0;
  virtual std::vector<std::string> buffer_names(int group) const = 0;
  virtual void visit_options(int group, const OptionVisitor& visit) = 0;

  // Given: throws ValueError that names the option unless `group` could have been made with these values, and would
  // then have the same buffers. Changes nothing.
  using OptionSource = std::function<double(const char* name)>;
  virtual void check_options(int group, const OptionSource& value_of) = 0;

 private:
  std::string name_;
  std::vector<ParameterGroup> groups_;
};

// What check() of an options struct uses. They throw ValueError that names the optimizer, the option, its value and
// the rule; a NaN breaks every rule. Given (options.cpp).
void check_not_negative(const std::string& optimizer, const char* option, double value);  // finite, too
void check_fraction(const std::string& optimizer, const char* option, double value);      // 0 <= value < 1

// What check_options uses: a switch is 0 or 1, and NaN is nothing.
void check_taken(const std::string& optimizer, const char* option, double given, double taken);
void check_same_switches(const std::string& optimizer, int group, bool same_buffers);

// Keeps the options of each group. Options is a struct with `lr`, check(name of the optimizer) and visit(). Given.
template <class Options>
class OptimizerWith : public Optimizer {
 public:
  using Groups = std::vector<Group<Options>>;

  const Options& options(int group = 0) const { return options_.at(static_cast<std::size_t>(group)); }
  double lr(int group = 0) const override { return options(group).lr; }
  using Optimizer::set_lr;
  void set_lr(int group, double lr) override {
    check_not_negative(name(), "lr", lr);
    options_.at(static_cast<std::size_t>(group)).lr = lr;
  }

 protected:
  OptimizerWith(const char* name, const Groups& groups) : Optimizer(name) {
    if (groups.empty()) throw ValueError(std::string(name) + ": the list of groups is empty; give it at least one.");
    for (const Group<Options>& group : groups) {
      group.options.check(name);
      add_group(group.parameters);
      options_.push_back(group.options);
    }
  }

  void visit_options(int group, const OptionVisitor& visit) override {
    options_.at(static_cast<std::size_t>(group)).visit(visit);
  }

  void check_options(int group, const OptionSource& value_of) override {
    Options& here = options_.at(static_cast<std::size_t>(group));
    Options other = here;
    other.visit([&](const char* option, double& value) { value = value_of(option); });
    other.visit([&](const char* option, double& value) { check_taken(name(), option, value_of(option), value); });
    other.check(name());
    const std::vector<std::string> names = buffer_names(group);
    std::swap(here, other);
    const bool same_buffers = buffer_names(group) == names;
    std::swap(here, other);
    check_same_switches(name(), group, same_buffers);
  }

 private:
  std::vector<Options> options_;
};

}  // namespace rushlight
