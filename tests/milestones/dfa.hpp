// dfa.hpp: the tiny network of tests/golden/dfa.json, and a data set that takes seconds to learn.
#pragma once

#include <memory>
#include <string>

#include "08_dataloader/dataset.hpp"
#include "2016_feedback_alignment/dfa_rule.hpp"
#include "2016_feedback_alignment/experiment.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

const nlohmann::json& dfa_golden();

// Five inputs, a stream of 3, four hidden units, three classes, two blocks: as the golden file has them.
dfa::Learner golden_learner();
Batch golden_batch();

// Gradients or values of the file against those of the model, by name. `names` maps name to numbers.
testing::AssertionResult near_named(dfa::ResidualMlp& model, const nlohmann::json& names, bool gradients,
                                    double factor = 1);

// Whether any parameter whose name begins so has a gradient.
bool has_gradient(dfa::ResidualMlp& model, const std::string& prefix);

bool same_parameters(dfa::ResidualMlp& a, dfa::ResidualMlp& b, const std::string& prefix = "");
bool same_feedback(const dfa::Feedback& a, const dfa::Feedback& b);

// Ten prototypes from N(0, 1) in 48 dimensions, with noise of deviation 2 around them: hard for random features, easy
// for a hidden layer that learns. 2048 to train on, 1024 to test on.
struct Synthetic {
  std::shared_ptr<const Dataset> train, test;
};
Synthetic synthetic_data(std::uint64_t seed);

}  // namespace rushlight::test
