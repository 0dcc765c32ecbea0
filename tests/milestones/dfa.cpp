#include "dfa.hpp"

#include <cstring>

namespace rushlight::test {
namespace {

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

std::shared_ptr<const Dataset> cloud(const Array& prototypes, std::int64_t count, Generator& random) {
  const std::int64_t classes = prototypes.dim(0), width = prototypes.dim(1);
  Array features = rushlight::randn({count, width}, random, 0, 2);
  Indices labels(Shape{count});
  const auto x = features.mutable_data();
  for (std::int64_t n = 0; n < count; ++n) {
    const std::int64_t label = random.below(classes);
    labels.mutable_data()[n] = static_cast<std::int32_t>(label);
    for (std::int64_t i = 0; i < width; ++i) x[n * width + i] += prototypes.data()[label * width + i];
  }
  return std::make_shared<TensorDataset>(features, labels);
}

}  // namespace

const nlohmann::json& dfa_golden() {
  static const nlohmann::json loaded = golden("dfa.json");
  return loaded;
}

dfa::Learner golden_learner() {
  const nlohmann::json& d = dfa_golden().at("dims");
  dfa::Learner learner({.in = d.at("d_in"),
                        .width = d.at("d"),
                        .hidden = d.at("hidden"),
                        .classes = d.at("C"),
                        .blocks = d.at("blocks")},
                       1);
  StateDict state;
  for (const auto& [name, values] : dfa_golden().at("params").items()) state[name] = array_of(values);
  learner.model.load_state_dict(state);
  for (std::size_t l = 0; l < learner.feedback.matrices.size(); ++l) {
    learner.feedback.matrices[l] = array_of(dfa_golden().at("B").at(l));
  }
  return learner;
}

Batch golden_batch() {
  const auto labels = dfa_golden().at("y").get<std::vector<std::int32_t>>();
  return {.inputs = array_of(dfa_golden().at("x")), .labels = Indices({std::ssize(labels)}, labels)};
}

testing::AssertionResult near_named(dfa::ResidualMlp& model, const nlohmann::json& names, bool gradients,
                                    double factor) {
  std::int64_t found = 0;
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (!names.contains(name)) continue;
    ++found;
    const Array actual = gradients ? parameter.grad() : parameter.value();
    if (!actual.defined()) return testing::AssertionFailure() << name << " has no gradient";
    const auto outcome = near(actual, parameter.shape(), scaled(values_of(names.at(name)), factor),
                              gradients ? gradient_tolerance : value_tolerance);
    if (!outcome) return testing::AssertionFailure() << name << ": " << outcome.message();
  }
  if (found == std::ssize(names)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << found << " of " << names.size() << " names are parameters of the model";
}

bool has_gradient(dfa::ResidualMlp& model, const std::string& prefix) {
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (name.starts_with(prefix) && parameter.grad().defined()) return true;
  }
  return false;
}

bool same_parameters(dfa::ResidualMlp& a, dfa::ResidualMlp& b, const std::string& prefix) {
  const StateDict left = a.state_dict(), right = b.state_dict();
  for (const auto& [name, array] : left) {
    if (name.starts_with(prefix) && !same_bits(array, right.at(name))) return false;
  }
  return true;
}

bool same_feedback(const dfa::Feedback& a, const dfa::Feedback& b) {
  if (a.matrices.size() != b.matrices.size()) return false;
  for (std::size_t l = 0; l < a.matrices.size(); ++l) {
    if (!same_bits(a.matrices[l], b.matrices[l])) return false;
  }
  return true;
}

Synthetic synthetic_data(std::uint64_t seed) {
  Generator random(seed);
  const Array prototypes = rushlight::randn({10, 48}, random);
  const auto train = cloud(prototypes, 2048, random);
  return {.train = train, .test = cloud(prototypes, 1024, random)};
}

}  // namespace rushlight::test
