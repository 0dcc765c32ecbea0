#include "support/gradients.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

double probe(const Array& y) {
  const Array c = cotangent(y.shape());
  double loss = 0;
  for (std::size_t i = 0; i < y.data().size(); ++i) loss += static_cast<double>(c.data()[i]) * y.data()[i];
  return loss;
}

Tensors constants(const Arrays& inputs) { return Tensors(inputs.begin(), inputs.end()); }

Arrays copies(const Arrays& arrays) {
  Arrays result;
  for (const Array& each : arrays) result.push_back(each.defined() ? each.clone() : each);
  return result;
}

// As leaves, `only` one of them or all.
Tensors leaves_of(const Arrays& inputs, std::optional<std::size_t> only = {}) {
  Tensors leaves;
  for (std::size_t i = 0; i < inputs.size(); ++i) leaves.emplace_back(inputs[i], !only || *only == i);
  return leaves;
}

bool differentiable(const GradientOptions& options, std::size_t i) {
  return options.differentiable.empty() || options.differentiable[i];
}

// Where the test asked, as __FILE__ and __LINE__ give it.
struct Place {
  const char* file;
  int line;
};

void fail(Place place, const std::string& message) { ADD_FAILURE_AT(place.file, place.line) << message; }

void expect_entries(std::size_t input, const Array& analytic, const Array& numeric, double tolerance, Place place) {
  for (std::size_t i = 0; i < analytic.data().size(); ++i) {
    const double a = analytic.data()[i];
    const double n = numeric.data()[i];
    const double allowed = tolerance * std::max({std::abs(a), std::abs(n), 1.0});
    if (std::abs(a - n) <= allowed) continue;
    std::string guess = diagnose(analytic.shape(), to_doubles(analytic), to_doubles(numeric), {tolerance, tolerance});
    return fail(place, fmt::format("input {} {}, entry {}: the rule gives {}, a central difference {}{}", input,
                                   analytic.shape(), i, a, n, guess.empty() ? "" : "\n  " + guess));
  }
}

// What was given and what came out belong to somebody else: a rule must not write into it, nor into the gradient. And it is
// called after another forward pass, on other numbers: what it needs of its own, it has to keep.
void expect_nothing_is_overwritten(const Function& f, const Arrays& inputs, const Arrays& analytic, Place place) {
  const Arrays given = copies(inputs);
  const Tensors leaves = leaves_of(given);
  const Tensor y = f(leaves);
  Arrays others = copies(inputs);  // scaled by hand: the student's product may be a blank still
  for (Array& other : others) {
    for (Real& number : other.mutable_data()) number *= Real(0.75);
  }
  f(constants(others));
  const Array value = y.value().clone(), seed = cotangent(y.shape()), kept = seed.clone();
  const Tape tape(y, seed);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!same_bits(given[i], inputs[i])) fail(place, fmt::format("input {} was written to", i));
    const Array arrived = tape.grad(leaves[i]);
    if (arrived.defined() && !same_bits(arrived, analytic[i])) {
      fail(place, fmt::format("input {}: another gradient when f was called once more before its rules", i));
    }
  }
  if (!same_bits(y.value(), value)) fail(place, "a rule wrote into the output");
  if (!same_bits(seed, kept)) fail(place, "a rule wrote into the gradient that it was given");
}

// An input's numbers, or the output's, are written to after the forward pass. Either no rule looks at them any more, or it
// says so: what record() saved is looked after, what a rule captured is not.
void expect_writes_are_noticed(const Function& f, const Arrays& inputs, const Arrays& analytic, Place place) {
  for (std::size_t written = 0; written <= inputs.size(); ++written) {
    const Arrays given = copies(inputs);
    const Tensors leaves = leaves_of(given);
    const Tensor y = f(leaves);
    const bool output = written == inputs.size();
    Array target = output ? y.value() : given[written];
    if (!target.defined()) continue;
    for (Real& number : target.mutable_data()) number = number * Real(0.75) + Real(0.125);
    try {
      const Tape tape(y, cotangent(y.shape()));
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Array arrived = tape.grad(leaves[i]);
        if (!arrived.defined() || near(arrived, analytic[i], gradient_tolerance)) continue;
        fail(place,
             fmt::format("input {}: another gradient, and no error, when {} was written to before the rules ran. A "
                         "rule captures it, where record() should save it",
                         i, output ? "the output" : fmt::format("input {}", written)));
      }
    } catch (const GraphError&) {  // noticed
    }
  }
}

// Whether the rule still gives gradients when `part` of what record() saved is taken away.
bool manages_without(Node& node, Save part, const Array& seed) {
  const Save all = node.save;
  const Array output = node.saved_output;
  node.save = static_cast<Save>(static_cast<int>(all) & ~static_cast<int>(part));
  if (part == Save::output) node.saved_output = Array();
  bool manages = true;
  try {
    local_gradients(node, seed);
  } catch (const Error&) {
    manages = false;
  }
  node.save = all;
  node.saved_output = output;
  return manages;
}

// Of the last op alone: those before it have tests of their own. What a rule does not need for the gradients that are wanted,
// it may need for others: so all of them must be wanted.
void expect_nothing_idle_is_saved(const Function& f, const Arrays& inputs, Place place) {
  const Tensor y = f(leaves_of(inputs));
  if (y.is_leaf()) return;
  Node& node = *y.node();
  for (const Node::Input& input : node.inputs) {
    if (input.node == nullptr) return;
  }
  for (const auto& [part, name] : {std::pair(Save::inputs, "inputs"), std::pair(Save::output, "output")}) {
    const bool saved = (static_cast<int>(node.save) & static_cast<int>(part)) != 0;
    if (!saved || !manages_without(node, part, cotangent(y.shape()))) continue;
    fail(place, fmt::format("{}: record() saves the {}, which the rule never reads: it stays in memory for nothing",
                            node.op, name));
  }
}

// The gradient of an input is the same when no other input wants one.
void expect_each_alone(const Function& f, const Arrays& inputs, std::size_t i, const Array& analytic, Place place) {
  const Tensors leaves = leaves_of(inputs, i);
  const Tensor y = f(leaves);
  const Array alone = Tape(y, cotangent(y.shape())).grad(leaves[i]);
  if (!alone.defined())
    return fail(place, fmt::format("input {}: no gradient when it is the only one that wants one", i));
  const testing::AssertionResult same = near(alone, analytic, gradient_tolerance);
  if (!same) fail(place, fmt::format("input {} alone: {}", i, same.message()));
}

}  // namespace

Array randn(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return rushlight::randn(shape, generator);
}

Array uniform(const Shape& shape, std::uint64_t seed, double low, double high) {
  Generator generator(seed);
  return rand(shape, generator, low, high);
}

Array cotangent(const Shape& shape) {
  Array c(shape);
  std::int64_t i = 0;
  for (Real& value : c.mutable_data()) value = static_cast<Real>(0.21 + 0.13 * static_cast<double>(i++ % 11));
  return c;
}

Array numeric_gradient(const Function& f, const Arrays& inputs, std::size_t i, double step) {
  Array gradient(inputs[i].shape());
  const auto entries = gradient.mutable_data();
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const auto loss_at = [&](double offset) {
      Arrays moved = inputs;
      moved[i] = inputs[i].clone();
      Real& value = moved[i].mutable_data()[entry];
      value = static_cast<Real>(value + offset);
      return std::pair(probe(f(constants(moved)).value()), static_cast<double>(value));
    };
    const auto [above, high] = loss_at(step);
    const auto [below, low] = loss_at(-step);
    entries[entry] = static_cast<Real>((above - below) / (high - low));  // the step that float really took
  }
  return gradient;
}

Arrays tape_gradients(const Function& f, const Arrays& inputs) {
  const Tensors leaves = leaves_of(inputs);
  const Tensor y = f(leaves);
  const Tape tape(y, cotangent(y.shape()));
  Arrays gradients;
  for (const Tensor& leaf : leaves) gradients.push_back(tape.grad(leaf));
  return gradients;
}

void expect_gradients(const Function& f, const Arrays& inputs, const GradientOptions& options, const char* file,
                      int line) {
  const Place place{file, line};
  Arrays analytic;
  try {
    analytic = copies(tape_gradients(f, inputs));
    expect_nothing_is_overwritten(f, inputs, analytic, place);
    expect_writes_are_noticed(f, inputs, analytic, place);
    expect_nothing_idle_is_saved(f, inputs, place);
  } catch (const Error& error) {
    return fail(place, error.what());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!differentiable(options, i)) continue;
    const testing::AssertionResult arrived = grad_ok(analytic[i], inputs[i].shape(), options.floor);
    if (!arrived) {
      fail(place, fmt::format("input {}: {}", i, arrived.message()));
    } else {
      expect_entries(i, analytic[i], numeric_gradient(f, inputs, i, options.step), options.tolerance, place);
      if (inputs.size() > 1) expect_each_alone(f, inputs, i, analytic[i], place);
    }
  }
}

}  // namespace rushlight::test
