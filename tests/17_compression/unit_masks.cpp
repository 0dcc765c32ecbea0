// Masks: what they leave, what they take, and that nothing brings it back.
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "07_training/checkpoint.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

Pruned<Sequential> masked_net(std::uint64_t seed) {
  Pruned<Sequential> net(small_net(seed), both);
  net.masks.set("0.weight", random_mask({6, 5}, 31));
  net.masks.set("2.weight", random_mask({3, 6}, 32));
  return net;
}

TEST(Unit_17_1, MasksAreBuffersAndNoParameters) {
  Pruned<Sequential> net(small_net(1), {"2.weight"});
  std::vector<std::string> parameters, buffers;
  for (const auto& [path, tensor] : net.named_parameters()) parameters.push_back(path);
  for (const auto& [path, tensor] : net.named_buffers()) buffers.push_back(path);
  EXPECT_EQ(parameters, (std::vector<std::string>{"model.0.weight", "model.0.bias", "model.2.weight", "model.2.bias"}));
  EXPECT_EQ(buffers, (std::vector<std::string>{"masks.2.weight"}));
  EXPECT_TRUE(near(net.masks.at("2.weight"), Shape{3, 6}, Doubles(18, 1), exactly));
}

TEST(Unit_17_1, SparsityCountsNumbersNotLayers) {
  Sequential model = small_net(1);
  Masks masks(model, both);
  EXPECT_EQ(masks.sparsity(), 0);
  masks.set("2.weight", zeros({3, 6}));
  EXPECT_DOUBLE_EQ(masks.sparsity(), 18.0 / 48) << "18 of 30 + 18";
  Array one = ones({6, 5});
  one.mutable_data()[7] = 0;
  masks.set("0.weight", one);
  EXPECT_DOUBLE_EQ(masks.sparsity(), 19.0 / 48);
  EXPECT_EQ(Masks().sparsity(), 0) << "no masks, nothing pruned";
}

TEST(Unit_17_1, EffectiveIsTheWeightOrZero) {
  Sequential model = small_net(2);
  Masks masks(model, both);
  const Array mask = random_mask({6, 5}, 3);
  masks.set("0.weight", mask);
  Tensor weight = parameter_of(model, "0.weight"), other = parameter_of(model, "2.weight");
  const Replacements effective = masks.effective(model);
  ASSERT_EQ(effective.size(), 2u);
  Doubles expected = to_doubles(weight.value());
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = mask.data()[i] == 0 ? 0 : expected[i];
  EXPECT_TRUE(near(effective.at(weight.identity()).value(), Shape{6, 5}, expected, exactly));
  EXPECT_TRUE(near(effective.at(other.identity()).value(), other.value(), exactly)) << "a mask of ones changes nothing";
}

TEST(Unit_17_1, APrunedWeightThatIsInfiniteIsZero) {
  Sequential model = small_net(2);
  Masks masks(model, {"0.weight"});
  Array mask = ones({6, 5});
  mask.mutable_data()[4] = 0;
  masks.set("0.weight", mask);
  Tensor weight = parameter_of(model, "0.weight");
  weight.mutable_value().mutable_data()[4] = static_cast<Real>(infinity);
  EXPECT_EQ(masks.effective(model).at(weight.identity()).value().data()[4], 0) << "0 times infinity is NaN: select";
}

TEST(Unit_17_1, ApplyWritesTheZerosAndNothingElse) {
  Sequential model = small_net(4);
  Masks masks(model, {"2.weight"});
  const Array mask = random_mask({3, 6}, 5);
  masks.set("2.weight", mask);
  Tensor weight = parameter_of(model, "2.weight");
  const StateDict before = model.state_dict();
  masks.apply(model);
  const StateDict after = model.state_dict();
  for (std::int64_t i = 0; i < 18; ++i) {
    const Real expected = mask.data()[i] == 0 ? Real{0} : before.at("2.weight").data()[i];
    EXPECT_EQ(after.at("2.weight").data()[i], expected) << i;
  }
  for (const std::string name : {"0.weight", "0.bias", "2.bias"}) {
    EXPECT_TRUE(same_bits(after.at(name), before.at(name))) << name;
  }
  EXPECT_TRUE(weight.is_leaf() && weight.requires_grad()) << "an optimizer that holds the weight still can";
  EXPECT_EQ(zeros_of(weight.value()), zeros_of(mask)) << "and it is the same tensor";
}

TEST(Unit_17_1, AForwardComputesWithTheMask) {
  Pruned<Sequential> net = masked_net(6);
  const Array x = randn({4, 5}, 7);
  const Array masked = net(Tensor(x)).value();
  EXPECT_TRUE(same_bits(net.forward(Tensor(x)).value(), masked));
  const Array whole = net.model(Tensor(x)).value();
  EXPECT_FALSE(near(whole, masked)) << "the stored weights are whole so far";
  net.masks.apply(net.model);
  EXPECT_TRUE(same_bits(net.model(Tensor(x)).value(), masked)) << "now they are not";
}

// Trains `net` and looks at the pruned weights after every step.
void expect_zero_through(Pruned<Sequential>& net, Optimizer& optimizer) {
  const Tensor x(randn({8, 5}, 8));
  for (int step = 0; step < 100; ++step) {
    optimizer.zero_grad();
    probe_loss(net(x)).backward();
    for (const std::string& path : both) {
      const Tensor weight = parameter_of(net.model, path);
      ASSERT_TRUE(zero_where_masked(weight.grad(), net.masks.at(path))) << "gradient of " << path << ", step " << step;
    }
    optimizer.step();
    const Replacements used = net.masks.effective(net.model);
    for (const std::string& path : both) {
      const Tensor weight = parameter_of(net.model, path);
      ASSERT_TRUE(zero_where_masked(used.at(weight.identity()).value(), net.masks.at(path)))
          << path << ", step " << step;
    }
  }
}

// An optimizer that has been at work before still carries momentum for weights that are pruned now. That is the case in
// which a mask that is only multiplied in once is lost with the next step.
TEST(Unit_17_1, GF16_PrunedWeightsStayZeroThroughAHundredAdamWSteps) {
  Pruned<Sequential> net(small_net(9), both);
  AdamW optimizer(net.parameters(), {.lr = 0.01, .weight_decay = 0.1});
  const Tensor x(randn({8, 5}, 8));
  for (int step = 0; step < 10; ++step) {
    optimizer.zero_grad();
    probe_loss(net(x)).backward();
    optimizer.step();
  }
  net.masks.set("0.weight", random_mask({6, 5}, 31));
  net.masks.set("2.weight", random_mask({3, 6}, 32));
  net.masks.apply(net.model);
  const StateDict before = net.model.state_dict();
  expect_zero_through(net, optimizer);
  bool drifted = false, moved = false;
  for (const std::string& path : both) {
    const Array stored = parameter_of(net.model, path).value(), mask = net.masks.at(path);
    for (std::int64_t i = 0; i < stored.size(); ++i) {
      drifted = drifted || (mask.data()[i] == 0 && stored.data()[i] != 0);
      moved = moved || (mask.data()[i] != 0 && stored.data()[i] != before.at(path).data()[i]);
    }
  }
  EXPECT_TRUE(drifted) << "without old momentum this case would prove little";
  EXPECT_TRUE(moved) << "the other weights train";
  const Array y = net(x).value();
  net.masks.apply(net.model);
  for (const std::string& path : both) {
    EXPECT_TRUE(zero_where_masked(parameter_of(net.model, path).value(), net.masks.at(path))) << path;
  }
  EXPECT_TRUE(same_bits(net(x).value(), y)) << "writing the zeros changes nothing that is computed";
}

// With a new optimizer nothing pulls at a pruned weight at all: zero stays zero in memory, too.
TEST(Unit_17_1, GF16_WithANewOptimizerEvenWhatIsStoredStaysZero) {
  for (const int kind : {0, 1, 2}) {
    SCOPED_TRACE(kind);
    Pruned<Sequential> net = masked_net(10);
    net.masks.apply(net.model);
    std::unique_ptr<Optimizer> optimizer;
    if (kind == 0) optimizer = std::make_unique<AdamW>(net.parameters(), AdamWOptions{.lr = 0.01, .weight_decay = 0.1});
    if (kind == 1) optimizer = std::make_unique<Adam>(net.parameters(), AdamOptions{.lr = 0.01, .weight_decay = 0.1});
    if (kind == 2) {
      optimizer = std::make_unique<SGD>(net.parameters(),
                                        SGDOptions{.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true});
    }
    expect_zero_through(net, *optimizer);
    for (const std::string& path : both) {
      EXPECT_TRUE(zero_where_masked(parameter_of(net.model, path).value(), net.masks.at(path))) << path;
    }
  }
}

TEST(Unit_17_1, GF16_MasksAreSavedAndLoaded) {
  Pruned<Sequential> net = masked_net(11);  // the zeros are not in the weights: only the masks know
  const StateDict state = net.state_dict();
  ASSERT_TRUE(state.contains("masks.0.weight"));
  SafeTensors file;
  for (const auto& [name, array] : state) file.tensors[name] = store(array);
  const SafeTensors read = decode_safetensors(encode_safetensors(file), "pruned.safetensors");
  StateDict loaded;
  for (const auto& [name, stored] : read.tensors) loaded[name] = load_array(stored);
  Pruned<Sequential> other(small_net(12), both);
  other.load_state_dict(loaded);
  const Tensor x(randn({4, 5}, 13));
  EXPECT_TRUE(same_bits(other(x).value(), net(x).value()));
  EXPECT_TRUE(same_bits(other.masks.at("2.weight"), net.masks.at("2.weight")));
  EXPECT_DOUBLE_EQ(other.masks.sparsity(), net.masks.sparsity());
  loaded.erase("masks.0.weight");
  EXPECT_THROWS_WITH(other.load_state_dict(loaded), ValueError, "missing", "masks.0.weight");
}

TEST(Unit_17_1, WhatHasBecomeInfiniteIsWrittenAsZeroToo) {
  Sequential model = small_net(1);
  Masks masks(model, {"0.weight"});
  Array mask = ones({6, 5});
  for (Real& number : mask.mutable_data().first(3)) number = 0;
  masks.set("0.weight", mask);
  Tensor weight = parameter_of(model, "0.weight");
  const auto numbers = weight.mutable_value().mutable_data();
  numbers[0] = static_cast<Real>(infinity);
  numbers[1] = static_cast<Real>(-infinity);
  numbers[2] = static_cast<Real>(not_a_number);
  masks.apply(model);
  EXPECT_TRUE(zero_where_masked(parameter_of(model, "0.weight").value(), mask));
}

TEST(Unit_17_1, ErrorsNameThePath) {
  Sequential model = small_net(1);
  EXPECT_THROWS_WITH(Masks(model, {"0.wait"}), ValueError, "Masks", "0.wait");
  EXPECT_THROWS_WITH(Masks(model, {"0.weight", "0.weight"}), ValueError, "0.weight");
  Masks masks(model, {"0.weight"});
  EXPECT_THROWS_WITH(masks.at("2.weight"), ValueError, "2.weight");
  EXPECT_THROWS_WITH(masks.set("0.weight", ones({5, 6})), ShapeError, "(6, 5)", "(5, 6)");
  EXPECT_THROWS_WITH(masks.set("0.weight", ones({6, 5}) * Real(0.5)), ValueError, "0.5");
  Generator g(1);
  Sequential other{Linear({.in = 2, .out = 2}, g)};
  Masks both_layers(model, both);
  EXPECT_THROW(both_layers.effective(other), ValueError);
}

}  // namespace
}  // namespace rushlight::test
