// Ranks that have nothing to learn from, while others do.
#include "networks.hpp"

namespace rushlight::test {
namespace {

RANKS(labels_count_on_rank_0) {  // rank 1 has two examples, and both are ignored
  SmallNet net(5);
  DataParallel parallel(world, net);
  Batch batch = some_batch(2, 7);
  if (world.rank() == 1) {
    for (std::int32_t& label : batch.labels.mutable_data()) label = -100;
  }
  int passes = 0;
  const auto loss = [&](const Tensor& output, const Batch& of) {
    ++passes;
    return cross_entropy_of(output, of);
  };
  const StepResult result = parallel.backward(loss, batch);
  says["passes"] = passes;
  says["loss"] = result.loss;
  says["counted"] = result.counted;
  says["gradients"] = gradients_of(net);
}

TEST(Unit_21_6, ABatchOfIgnoredLabelsRunsNoForwardPass) {
  const std::vector<json> said = on_ranks(2, "labels_count_on_rank_0");
  EXPECT_EQ(said[0]["passes"], 1);
  EXPECT_EQ(said[1]["passes"], 0);
  EXPECT_EQ(said[0]["gradients"], said[1]["gradients"]);
  EXPECT_EQ(said[1]["counted"], 2);
  SmallNet net(5);
  const Batch batch = some_batch(2, 7);
  EXPECT_NEAR(said[1]["loss"].get<double>(), cross_entropy(net(Tensor(batch.inputs)), batch.labels).item(), 1e-5);
}

// `extra` is used as long as it is switched on.
struct Switched : Module {
  Switched() : base(Array({2}, {1, 1}), true), extra(Array({2}, {2, 2}), true) {}
  Tensor forward(const Tensor& x) override { return on ? x * base + x * extra : x * base; }
  void members(Members& m) override {
    m("base", base);
    m("extra", extra);
  }
  Tensor base, extra;
  bool on = true;
};

RANKS(a_step_without_work) {  // rank 1 has nothing in the second step, in which nobody uses `extra`
  Switched net;
  DataParallel parallel(world, net);
  const auto loss = [](const Tensor& output, const Batch&) { return mean(output); };
  parallel.backward(loss, {Array({1, 2}, {1, 2}), Indices({1})});
  net.on = false;
  const std::int64_t rows = world.rank() == 0 ? 1 : 0;
  parallel.backward(loss, {ones({rows, 2}), Indices({rows})});
  says["gradients"] = gradients_of(net);
}

TEST(Unit_21_6, ARankWithoutExamplesForgetsItsOldGradients) {
  for (const json& said : on_ranks(2, "a_step_without_work")) {
    EXPECT_TRUE(said["gradients"]["extra"].is_null()) << said["gradients"].dump();
    EXPECT_TRUE(close(said["gradients"]["base"], json({0.5, 0.5}), 1e-6));
  }
}

RANKS(statistics_of_idle_ranks) {  // in step s, rank s has nothing
  Generator random(1);
  Sequential net{Linear({.in = 3, .out = 4}, random), BatchNorm1d({.features = 4})};
  DataParallel parallel(world, net);
  says["values"] = json::array();
  for (int idle = 0; idle < world.size(); ++idle) {
    parallel.backward(cross_entropy_of, some_batch(world.rank() == idle ? 0 : 4, 4));
    says["values"].push_back(values_of(net));
  }
}

TEST(Unit_21_6, ARankWithoutExamplesTakesRank0sStatistics) {
  for (const int ranks : {2, 3}) {
    const std::vector<json> said = on_ranks(ranks, "statistics_of_idle_ranks");
    for (const json& each : said) EXPECT_EQ(each["values"], said[0]["values"]) << ranks << " ranks";
    EXPECT_NE(said[0]["values"][0], said[0]["values"][1]) << "rank 0 was busy in the second step";
  }
}

// The gradient of `extra` is there, and is 0.
RANKS(zeros_are_gradients) {
  Switched net;
  DataParallel parallel(world, net);
  const auto loss = [&](const Tensor& output, const Batch&) { return mean(output) + Tensor(Real{0}) * sum(net.extra); };
  net.on = false;
  parallel.backward(loss, {Array({1, 2}, {1, 2}), Indices({1})});
  says["gradients"] = gradients_of(net);
}

TEST(Unit_21_6, AGradientOfZerosIsAGradient) {
  for (const json& said : on_ranks(2, "zeros_are_gradients")) {
    EXPECT_EQ(said["gradients"]["extra"], json({0.0, 0.0})) << "weight decay moves what has one";
  }
}

RANKS(a_good_step_after_a_bad_one) {
  SmallNet net(5), other(5);
  DataParallel parallel(world, net), fresh(world, other);
  Batch broken = some_batch(2, 7);
  if (world.rank() == 1) broken.inputs.mutable_data()[0] = static_cast<Real>(not_a_number);
  EXPECT_THROW(parallel.backward(cross_entropy_of, broken), ValueError);
  EXPECT_THROW(parallel.backward(cross_entropy_of, some_batch(0, 7)), ValueError);
  const StepResult after = parallel.backward(cross_entropy_of, some_batch(2, 7));
  const StepResult first = fresh.backward(cross_entropy_of, some_batch(2, 7));
  EXPECT_EQ(after.loss, first.loss);
  EXPECT_EQ(gradients_of(net), gradients_of(other));
  says["done"] = true;
}

TEST(Unit_21_6, AfterAThrowTheNextStepBeginsAnew) {
  for (const json& said : on_ranks(2, "a_good_step_after_a_bad_one")) EXPECT_EQ(said["done"], true);
}

}  // namespace
}  // namespace rushlight::test
