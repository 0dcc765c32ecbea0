// Weights processed as compare/weights.hpp does it: each has its property, and none changes what the model says.
#include <cmath>

#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "compare/trace.hpp"
#include "compare/weights.hpp"
#include "support/rush_test.hpp"

using namespace rushlight;
using namespace rushlight::compare;

namespace {

// Grouped queries and norms that are not the identity: what a formula forgets shows.
const GPTOptions options{.vocabulary = 7, .context = 5, .width = 8, .layers = 2, .heads = 4, .groups = 2, .hidden = 6};

StateDict state() {
  Generator random(1);
  GPT gpt(options, random);
  for (auto& [name, parameter] : gpt.named_parameters()) parameter.set_value(fixed(name, parameter.shape()));
  return with_own_head(gpt.state_dict());
}

Array log_probabilities(const StateDict& weights) {
  Generator random(1);
  GPT gpt(with_own_head(options), random);
  gpt.load_state_dict(weights);
  const NoGrad off;
  return log_softmax(gpt(Indices({2, 4}, {1, 3, 3, 0, 6, 2, 5, 1}))).value();
}

void expect_same_model(const StateDict& processed) {
  const Array before = log_probabilities(state()), after = log_probabilities(processed);
  double largest = 0, gap = 0;
  for (std::size_t i = 0; i < before.data().size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(before.data()[i])));
    gap = std::max(gap, std::abs(static_cast<double>(before.data()[i]) - after.data()[i]));
  }
  EXPECT_GT(largest, 1) << "a model that says nothing proves nothing";
  EXPECT_LT(gap, sizeof(Real) == 8 ? 1e-11 : 1e-4);
}

void expect_all(const Array& array, double value, const std::string& name) {
  for (const Real x : array.data()) ASSERT_NEAR(x, value, 1e-5) << name;
}

// The mean over the first axis, for every place on the others.
void expect_centred_columns(const Array& matrix, const std::string& name) {
  const auto columns = static_cast<std::size_t>(matrix.size() / matrix.dim(0));
  for (std::size_t column = 0; column < columns; ++column) {
    double sum = 0;
    for (std::size_t i = column; i < matrix.data().size(); i += columns) sum += matrix.data()[i];
    ASSERT_NEAR(sum, 0, 1e-4) << name << ", column " << column;
  }
}

}  // namespace

TEST(Integration_13, AHeadOfItsOwnIsTheSameModel) {
  Generator random(1);
  GPT gpt(options, random);
  for (auto& [name, parameter] : gpt.named_parameters()) parameter.set_value(fixed(name, parameter.shape()));
  const NoGrad off;
  const Array tied = log_softmax(gpt(Indices({2, 4}, {1, 3, 3, 0, 6, 2, 5, 1}))).value();
  const Array untied = log_probabilities(state());
  for (std::size_t i = 0; i < tied.data().size(); ++i) ASSERT_NEAR(tied.data()[i], untied.data()[i], 1e-6);
}

TEST(Integration_13, FoldedLayerNormsAreTheIdentity) {
  const StateDict folded = fold_layer_norm(state(), options);
  for (const auto& [name, array] : folded) {
    if (name.find("ln") == std::string::npos) continue;
    expect_all(array, name.ends_with("weight") ? 1 : 0, name);
  }
  expect_same_model(folded);
}

TEST(Integration_13, CentredWritingWeightsAddNoMean) {
  const StateDict centred = centre_writing_weights(state(), options);
  for (const std::string name : {"blocks.0.attn.out", "blocks.1.mlp.fc2"}) {
    expect_centred_columns(centred.at(name + ".weight"), name);
    expect_centred_columns(centred.at(name + ".bias"), name);
  }
  for (const char* table : {"embed.weight", "pos_embed.weight"}) {
    for (std::int64_t row = 0; row < centred.at(table).dim(0); ++row) {
      double sum = 0;
      for (std::int64_t d = 0; d < options.width; ++d) {
        sum += centred.at(table).data()[static_cast<std::size_t>(row * options.width + d)];
      }
      EXPECT_NEAR(sum, 0, 1e-4) << table << ", row " << row;
    }
  }
  expect_same_model(centred);
}

TEST(Integration_13, ACentredUnembeddingHasNoMeanScore) {
  const StateDict centred = centre_unembed(state());
  expect_centred_columns(centred.at("unembed.weight"), "unembed.weight");
  expect_centred_columns(centred.at("unembed.bias"), "unembed.bias");
  expect_same_model(centred);
}

TEST(Integration_13, AFoldedValueBiasIsZero) {
  const StateDict before = state(), folded = fold_value_bias(state(), options);
  for (const std::string layer : {"blocks.0.", "blocks.1."}) {
    expect_all(folded.at(layer + "attn.v.bias"), 0, layer);
    const Array was = before.at(layer + "attn.out.bias"), is = folded.at(layer + "attn.out.bias");
    EXPECT_NE(was.data()[0], is.data()[0]);
  }
  expect_same_model(folded);
}

TEST(Integration_13, AllProcessingTogetherKeepsTheModel) {
  const StateDict folded = fold_layer_norm(state(), options);
  const StateDict centred = centre_unembed(centre_writing_weights(folded, options));
  expect_same_model(fold_value_bias(centred, options));
}
