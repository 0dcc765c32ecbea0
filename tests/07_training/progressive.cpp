// Module 07 with everything below it.
#include "07_training/clip.hpp"
#include "07_training/diagnosis.hpp"
#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Progressive_07_4, TrainerLearnsWhatNoStraightLineSeparates) {
  Generator g(3);
  Sequential net{Linear({.in = 2, .out = 16}, g), BatchNorm1d({.features = 16}), Gelu(), Dropout({.p = 0.1}, g),
                 Linear({.in = 16, .out = 2}, g)};
  AdamW optimizer(net.parameters(), {.lr = 0.02});
  Schedule schedule = linear_warmup(optimizer, {.warmup = 5, .total = 120});
  Rows data = xor_like(128, 16, 1), test = xor_like(128, 50, 2);
  Trainer trainer(
      {.model = net, .optimizer = optimizer, .data = data, .loss = classify, .schedule = &schedule, .test = &test},
      {.epochs = 20, .limits = {.clip_norm = 1}, .schedule_per_step = true});
  EpochInfo last;
  trainer.on_epoch = [&](const EpochInfo& info) { last = info; };
  EXPECT_EQ(trainer.fit(), Outcome::finished);
  ASSERT_TRUE(last.test.has_value());
  EXPECT_GE(last.test->accuracy, 0.97);
}

TEST(Progressive_07_1, ClippingBetweenBackwardAndStep) {
  Sequential net = small_net();
  SGD optimizer(net.parameters(), {.lr = 1});
  cross_entropy(net(randn({5, 2}, 1)), Indices({5}, {0, 1, 0, 1, 1})).backward();
  const StateDict before = net.state_dict();
  EXPECT_GT(clip_grad_norm(net.parameters(), 1e-3), 1e-3);
  optimizer.step();
  double moved = 0;  // with lr 1 the length of the step is that of the clipped gradient
  for (const auto& [name, value] : net.state_dict()) {
    for (std::size_t i = 0; i < value.data().size(); ++i) {
      const double d = static_cast<double>(value.data()[i]) - static_cast<double>(before.at(name).data()[i]);
      moved += d * d;
    }
  }
  EXPECT_NEAR(std::sqrt(moved), 1e-3, 1e-5);
}

TEST(Progressive_07_2, AScheduleDrivesEveryGroupOfARealOptimizer) {
  Sequential net = small_net();
  const Tensors p = net.parameters();
  AdamW optimizer(
      {{.parameters = {p[0], p[1]}, .options = {.lr = 0.1}}, {.parameters = {p[2], p[3]}, .options = {.lr = 1}}});
  Schedule schedule = cosine_annealing_lr(optimizer, {.T_max = 2});
  for (int t = 0; t < 2; ++t) {
    optimizer.zero_grad();
    cross_entropy(net(randn({5, 2}, 1)), Indices({5}, {0, 1, 0, 1, 1})).backward();
    optimizer.step();
    schedule.step();
  }
  const StateDict before = net.state_dict();
  EXPECT_NEAR(optimizer.lr(1), 0, 1e-12);
  optimizer.step();
  for (const auto& [name, value] : net.state_dict()) EXPECT_TRUE(near(value, before.at(name), {1e-9, 1e-9})) << name;
}

TEST(Progressive_07_3, AStepLowersTheLoss) {
  Sequential net = small_net();
  SGD optimizer(net.parameters(), {.lr = 0.1});
  const std::vector<Batch> batches = {{randn({6, 2}, 1), Indices({6}, {0, 1, 0, 1, 1, 0})}};
  const double first = train_step(net, optimizer, classify, batches).loss;
  EXPECT_LT(train_step(net, optimizer, classify, batches).loss, first);
}

TEST(Progressive_07_5, WeightsOfAModelTravelInAFile) {
  const TemporaryFolder folder;
  Sequential saved = small_net(1), loaded = small_net(2);
  SafeTensors content;
  for (const auto& [name, array] : saved.state_dict()) content.tensors[name] = store(array);
  save_safetensors(folder / "net.safetensors", content);
  StateDict state;
  for (const auto& [name, stored] : load_safetensors(folder / "net.safetensors").tensors)
    state[name] = load_array(stored);
  loaded.load_state_dict(state);
  const Array x = randn({3, 2}, 9);
  EXPECT_TRUE(same_bits(loaded(x).value(), saved(x).value()));
}

TEST(Progressive_07_6, AStoppedTrainerSavesAndGoesOn) {
  const TemporaryFolder folder;
  const TrainerOptions options{.epochs = 3, .checkpoint = folder / "run.safetensors"};
  const auto run = [&](bool stop) {
    Sequential net = small_net();
    SGD optimizer(net.parameters(), {.lr = 0.1, .momentum = 0.9});
    Rows data = xor_like(12, 4);
    Trainer trainer({.model = net, .optimizer = optimizer, .data = data, .loss = classify}, options);
    trainer.load_if_there(options.checkpoint);
    trainer.on_step = [&](const StepInfo& info) {
      if (stop && info.step == 5) request_stop();
    };
    clear_stop();
    const Outcome outcome = trainer.fit();
    clear_stop();
    EXPECT_EQ(outcome, stop ? Outcome::stopped : Outcome::finished);
    return net.state_dict();
  };
  run(true);
  const StateDict resumed = run(false);
  std::filesystem::remove(options.checkpoint);
  expect_same_state(resumed, run(false));
}

TEST(Progressive_07_7, DiagnosisOfAModelInTraining) {
  Sequential net = small_net();
  SGD optimizer(net.parameters(), {.lr = 0.1});
  const std::vector<Batch> batches = {{randn({6, 2}, 1), Indices({6}, {0, 1, 0, 1, 1, 0})}};
  train_step(net, optimizer, classify, batches);
  const FlowReport report = diagnose(net, outputs_of(net, batches[0].inputs));
  EXPECT_TRUE(report.healthy()) << report.text();
  EXPECT_EQ(report.layers.size(), 2u);
  EXPECT_EQ(report.activations.size(), 3u);
}

}  // namespace
}  // namespace rushlight::test
