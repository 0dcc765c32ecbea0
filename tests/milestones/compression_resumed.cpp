// The milestone of 2018 in two sittings: what was learnt goes on bit for bit, what was measured is not measured again.
#include "2018_compression/kept.hpp"
#include "2018_compression/report.hpp"
#include "2018_compression/states.hpp"
#include "common/learner_state.hpp"
#include "support/rush_test.hpp"
#include "support/temporary_folder.hpp"

namespace rushlight::compression {
namespace {

using test::TemporaryFolder;

ImageSet grey(std::int64_t count, std::uint64_t seed) {
  Generator random(seed);
  ImageSet images{.channels = 1, .height = 28, .width = 28, .pixels = {}, .labels = {}};
  for (std::int64_t i = 0; i < count * 784; ++i) images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  for (std::int64_t i = 0; i < count; ++i) images.labels.push_back(static_cast<std::int32_t>(i % 10));
  return images;
}

// Two epochs of three steps, pruned on the way; Ctrl-C comes in step `stop`, unless it is 0.
StateDict pruned_network(std::int64_t stop, Keeping& keeping) {
  Clothes data(grey(130, 1), grey(20, 2), 3);
  Generator random(4);
  Cnn cnn = milestone::lenet(random);
  const std::vector<std::string> paths = weight_paths(cnn);
  Pruned<Cnn> network(std::move(cnn), paths);
  const auto on_step = [&](std::int64_t step, double) {
    if (step == stop) request_stop();
  };
  prune_in_training(network, data, {.sparsity = 0.8, .prune_epochs = 2}, on_step, keeping);
  return network.state_dict();
}

TEST(Milestones_19, APrunedNetworkThatWasStoppedGoesOnFromThatStep) {
  std::vector<std::int64_t> kept_at;
  Keeping keeping{.on_state = [&](const SafeTensors&, std::int64_t step) { kept_at.push_back(step); }, .begun = {}};
  const StateDict whole = pruned_network(0, keeping);
  EXPECT_EQ(kept_at, (std::vector<std::int64_t>{3, 6})) << "after each epoch";

  SafeTensors left;
  keeping.on_state = [&](const SafeTensors& state, std::int64_t) { left = state; };
  EXPECT_THROW(pruned_network(4, keeping), milestone::Stopped);
  clear_stop();
  ASSERT_FALSE(milestone::is_empty(left));
  Keeping rest{.on_state = {}, .begun = left};
  const StateDict resumed = pruned_network(0, rest);
  ASSERT_EQ(resumed.size(), whole.size());
  for (const auto& [name, array] : whole) EXPECT_TRUE(test::same_bits(array, resumed.at(name))) << name;
}

TEST(Milestones_19, OtherImagesHaveAnotherDigest) {
  const std::string digest = Clothes(grey(3, 1), grey(2, 2), 3).digest();
  EXPECT_EQ(Clothes(grey(3, 1), grey(2, 2), 4).digest(), digest);
  ImageSet train = grey(3, 1), test = grey(2, 2);
  train.labels[1] = 7;
  EXPECT_NE(Clothes(train, grey(2, 2), 3).digest(), digest);
  test.pixels.back() ^= 1;
  EXPECT_NE(Clothes(grey(3, 1), test, 3).digest(), digest);
}

TEST(Milestones_19, WhatWasMeasuredComesBackToTheLastBit) {
  const Measured state{.name = "half",
                       .quality = 1.0 / 3,
                       .file_bytes = 7,
                       .memory_bytes = 11,
                       .speed = {.median = 0.1, .p99 = 1e-300, .rate = 3e9 + 0.1}};
  const Measured back = state_at(kept(state));
  EXPECT_EQ(back.name, "half");
  EXPECT_EQ(back.quality, state.quality);
  EXPECT_EQ(back.file_bytes, 7);
  EXPECT_EQ(back.memory_bytes, 11);
  EXPECT_EQ(back.speed.median, 0.1);
  EXPECT_EQ(back.speed.p99, 1e-300);
  EXPECT_EQ(back.speed.rate, 3e9 + 0.1);

  const auto same = [](const bench::Interval& a, const bench::Interval& b) {
    EXPECT_EQ(a.low, b.low);
    EXPECT_EQ(a.estimate, b.estimate);
    EXPECT_EQ(a.high, b.high);
  };
  const bench::Comparison speed{.ratio = {0.1, 0.2, 0.3},
                                .a_to_itself = {0.4, 0.5, 0.6},
                                .verdict = bench::Verdict::not_to_be_trusted,
                                .warm_up = 5};
  const bench::Comparison again = comparison_at(kept(speed));
  same(again.ratio, speed.ratio);
  same(again.a_to_itself, speed.a_to_itself);
  EXPECT_EQ(again.verdict, speed.verdict);
  EXPECT_EQ(again.warm_up, 5);

  const WidthRow row{.width = 64, .float_bytes = 999, .q8_0 = {1.1, 1.2, 1.3}, .q4_0 = {1.4, 1.5, 1.6}};
  const WidthRow read = width_at(kept(row));
  EXPECT_EQ(read.width, 64);
  EXPECT_EQ(read.float_bytes, 999);
  same(read.q8_0, row.q8_0);
  same(read.q4_0, row.q4_0);
}

TEST(Milestones_19, AMeasurementWithoutANumberIsAnError) {
  Metadata state = kept(Measured{.name = "half", .speed = {}});
  state.erase("speed.p99");
  EXPECT_THROWS_WITH(state_at(state), FileError, "speed.p99");
}

// Two states of a GPT, measured now or before.
std::vector<Measured> two_states(const std::string& folder, bool resume, int& measured) {
  milestone::Options options;
  options.out = folder;
  options.resume = resume;
  milestone::Journal journal(options, {});
  Generator random(8);
  GPT gpt({.vocabulary = 9, .context = 4, .width = 32, .layers = 1, .heads = 2}, random);
  gpt.eval();
  TokenIds text;
  for (int i = 0; i < 40; ++i) text.push_back(i * 5 % 9);
  GptStates states(text, folder, journal, [&](const Measured& state, std::size_t number) {
    EXPECT_EQ(number, state.name == "float" ? 1U : 2U);
    ++measured;
  });
  states.add_float("float", gpt, "a");
  states.add_small("small", gpt, WeightFormat::q8_0, "b");
  EXPECT_GT(states.compare_with(1, 14).ratio.low, 0) << "out of the files that are there";
  return states.part.states;
}

TEST(Milestones_19, StatesAreMeasuredOnceInTwoSittings) {
  const TemporaryFolder folder;
  int measured = 0;
  const std::vector<Measured> first = two_states(folder.path(), false, measured);
  EXPECT_EQ(measured, 2);
  const std::vector<Measured> again = two_states(folder.path(), true, measured);
  EXPECT_EQ(measured, 2) << "measured again";
  ASSERT_EQ(again.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(kept(again[i]), kept(first[i]));
    EXPECT_FALSE(first[i].from_before);
    EXPECT_TRUE(again[i].from_before);
  }
}

Results of_one_sitting() {
  const Measured state{
      .name = "float", .quality = 0.9, .file_bytes = 1000, .speed = {.median = 1, .p99 = 1, .rate = 1}};
  Results results;
  results.cnn = {{state, state}, 1};
  results.gpt = {{state, state}, 1};
  results.widths = {{.width = 64, .q8_0 = {}, .q4_0 = {}}};
  return results;
}

TEST(Milestones_19, TheTableSaysWhatWasMeasuredBeforeTheRunWasStopped) {
  const std::string sign = "¹ Measured before the run was stopped";
  EXPECT_EQ(table_of(of_one_sitting()).find("¹"), std::string::npos);
  EXPECT_FALSE(metrics_json(of_one_sitting()).contains("GPT's speed, measured before the run was stopped"));
  struct {
    void (*mark)(Results&);
    const char* line;
  } const cases[] = {{[](Results& r) { r.cnn.states[0].from_before = true; }, "| float ¹ | 0.9000"},
                     {[](Results& r) { r.gpt.states[1].from_before = true; }, "| float ¹ | 0.9000"},
                     {[](Results& r) { r.widths[0].from_before = true; }, "| 64 ¹ | 0"},
                     {[](Results& r) { r.speed_from_before = true; }, "(0.00 to 0.00). ¹"}};
  for (const auto& [mark, line] : cases) {
    Results results = of_one_sitting();
    mark(results);
    const std::string table = table_of(results);
    EXPECT_NE(table.find(line), std::string::npos) << table;
    EXPECT_NE(table.find(sign), std::string::npos) << table;
  }
  Results results = of_one_sitting();
  results.speed_from_before = true;
  EXPECT_EQ(metrics_json(results)["GPT's speed, measured before the run was stopped"], "yes");
}

}  // namespace
}  // namespace rushlight::compression
