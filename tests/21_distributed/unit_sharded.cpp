// ZeRO's first stage: the numbers of AdamW, remembered in pieces.
#include "networks.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_21_7, TheLargestGoFirstToWhoeverHasTheLeast) {
  EXPECT_EQ(owners_of({4, 10, 4, 3, 3}, 2), (std::vector<int>{1, 0, 1, 1, 0}));
  EXPECT_EQ(owners_of({5, 5, 5, 5}, 2), (std::vector<int>{0, 1, 0, 1}))
      << "among equals the first, and the lowest rank";
  const std::vector<int> owners = owners_of(std::vector<std::int64_t>(100, 5), 3);
  for (std::size_t i = 0; i < owners.size(); ++i) EXPECT_EQ(owners[i], static_cast<int>(i % 3)) << i;
  EXPECT_EQ(owners_of({7}, 3), (std::vector<int>{0}));
  EXPECT_EQ(owners_of({1, 2, 3}, 1), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(owners_of({}, 2), std::vector<int>());
  EXPECT_THROWS_WITH(owners_of({1}, 0), ValueError, "0");
}

void say_steps(World& world, json& says, bool sharded) {
  SmallNet net(4);
  const Tensors parameters = net.parameters();
  const auto make = [](const Tensors& mine) -> std::unique_ptr<Optimizer> {
    return std::make_unique<AdamW>(mine, AdamWOptions{.lr = 0.05, .weight_decay = 0.1});
  };
  AdamW whole(parameters, AdamWOptions{.lr = 0.05, .weight_decay = 0.1});
  ShardedOptimizer shards(world, parameters, make);
  for (int step = 0; step < 5; ++step) {
    net.zero_grad();
    cross_entropy(net(Tensor(some_batch(6, 10 + step).inputs)), some_batch(6, 10 + step).labels).backward();
    if (step == 3) net.first.bias.zero_grad();  // one without a gradient is passed over
    sharded ? shards.step() : whole.step();
  }
  says["values"] = values_of(net);
  says["state"] = shards.state_numbers();
  says["numbers"] = net.parameter_count() - net.unused.size();
  says["owners"] = shards.owners();
}
RANKS(sharded_steps) { say_steps(world, says, true); }
RANKS(whole_steps) { say_steps(world, says, false); }

TEST(Unit_21_7, ShardedStepsAreWholeSteps) {
  const json wanted = on_ranks(1, "whole_steps")[0]["values"];
  for (const int ranks : {1, 2, 3}) {
    const std::vector<json> said = on_ranks(ranks, "sharded_steps");
    std::int64_t state = 0;
    for (const json& each : said) {
      EXPECT_EQ(each["values"], wanted) << "bit for bit, on every rank, with " << ranks;
      EXPECT_EQ(each["owners"], said[0]["owners"]);
      state += each["state"].get<std::int64_t>();
    }
    EXPECT_EQ(state, 2 * said[0]["numbers"].get<std::int64_t>()) << "each number is remembered once in all";
  }
}

RANKS(more_ranks_than_parameters) {
  Tensor only(Array({2}, {1, 1}), true);
  ShardedOptimizer shards(world, {only}, [](const Tensors& mine) -> std::unique_ptr<Optimizer> {
    return std::make_unique<SGD>(mine, SGDOptions{.lr = 0.5});
  });
  only.set_grad(Array({2}, {2, 4}));
  shards.step();
  says["value"] = to_doubles(only.value());
  says["state"] = shards.state_numbers();
}

TEST(Unit_21_7, ARankWithoutParametersStillTakesPart) {
  for (const json& said : on_ranks(2, "more_ranks_than_parameters")) EXPECT_EQ(said["value"], json({0, -1}));
}

RANKS(values_that_went_apart) {  // parameter 1 has no gradient in the first step
  const Real own = static_cast<Real>(10 * world.rank());
  Tensors parameters{Tensor(Array({2}, {own, own}), true), Tensor(Array({1}, {own + 1}), true),
                     Tensor(Array({1}, {own + 2}), true)};
  ShardedOptimizer shards(world, parameters, [](const Tensors& mine) -> std::unique_ptr<Optimizer> {
    return std::make_unique<SGD>(mine, SGDOptions{.lr = 1});
  });
  parameters[0].set_grad(Array({2}, {1, 1}));
  parameters[2].set_grad(Array({1}, {1}));
  says["values"] = json::array();
  for (int step = 0; step < 2; ++step) {
    shards.step();
    for (const Tensor& parameter : parameters) says["values"].push_back(to_doubles(parameter.value()));
    shards.zero_grad();
  }
  says["owners"] = shards.owners();
}

TEST(Unit_21_7, EveryValueComesFromItsOwnerWithAGradientOrWithout) {
  const json wanted = json::parse("[[-1, -1], [11], [11], [-1, -1], [11], [11]]");  // owners 0, 1, 1
  for (const json& said : on_ranks(2, "values_that_went_apart")) {
    EXPECT_EQ(said["owners"], json({0, 1, 1}));
    EXPECT_EQ(said["values"], wanted);
  }
}

RANKS(no_parameters) {
  EXPECT_THROWS_WITH(ShardedOptimizer(world, {},
                                      [](const Tensors& mine) -> std::unique_ptr<Optimizer> {
                                        return std::make_unique<SGD>(mine, SGDOptions{.lr = 0.5});
                                      }),
                     ValueError, "no parameters");
  says["owners"] = owners_of({2, 1}, world.size());
}

TEST(Unit_21_7, NothingToStep) { EXPECT_EQ(on_ranks(1, "no_parameters")[0]["owners"], json({0, 0})); }

}  // namespace
}  // namespace rushlight::test
