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

}  // namespace
}  // namespace rushlight::test
