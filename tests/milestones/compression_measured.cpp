// What the milestone of 2018 measures, on clocks and networks of which everything is known.
#include <cmath>

#include "07_training/checkpoint.hpp"
#include "2018_compression/measured.hpp"
#include "2018_compression/noise.hpp"
#include "2018_compression/states.hpp"
#include "support/rush_test.hpp"
#include "support/temporary_folder.hpp"

namespace rushlight::compression {
namespace {

using test::TemporaryFolder;

TEST(Milestones_19, SpeedLeavesTheWarmUpOut) {
  bench::SimulatedClock clock;
  int calls = 0;
  const bench::Work one = [&] {
    ++calls;
    clock.advance(calls <= 30 ? 1.0 : calls == 50 ? 0.005 : 0.002);  // thirty slow ones, and later a single one
  };
  const Speed speed = speed_of(
      one, [&] { clock.advance(0.5); }, 100, {.answers = 300, .samples = 8}, clock);
  EXPECT_EQ(calls, 300);
  EXPECT_NEAR(speed.median, 0.002, 1e-9);
  EXPECT_NEAR(speed.p99, 0.002, 1e-9) << "the 268th of the 270 that count";
  EXPECT_NEAR(speed.rate, 200, 1e-6);
}

TEST(Milestones_19, TheTailIsSeen) {
  bench::SimulatedClock clock;
  int calls = 0;
  const bench::Work one = [&] { clock.advance(++calls % 20 == 0 ? 0.007 : calls % 5 == 0 ? 0.004 : 0.001); };
  const Speed speed = speed_of(
      one, [&] { clock.advance(1); }, 1, {.answers = 400, .samples = 8}, clock);
  EXPECT_NEAR(speed.median, 0.001, 1e-12);
  EXPECT_NEAR(speed.p99, 0.007, 1e-12);
}

GPT small_gpt(bool tied) {
  Generator random(1);
  GPT gpt({.vocabulary = 9, .context = 4, .width = 32, .layers = 1, .heads = 2, .tied = tied}, random);
  gpt.eval();
  return gpt;
}

TEST(Milestones_19, HeldBytesCountWhatIsSharedOnce) {
  GPT tied = small_gpt(true), untied = small_gpt(false);
  EXPECT_EQ(held_bytes(tied), std::int64_t{sizeof(Real)} * tied.parameter_count());
  EXPECT_EQ(held_bytes(untied) - held_bytes(tied), std::int64_t{sizeof(Real)} * 9 * 32);
}

TEST(Milestones_19, HeldBytesAreThoseOfTheSmallWeights) {
  GPT gpt = small_gpt(true);
  const std::int64_t biases = 4 * 32 + 128 + 32, norms = 3 * 2 * 32, positions = 4 * 32;
  const std::int64_t in_blocks = 9 * 32 + 4 * 32 * 32 + 2 * 32 * 128;
  quantize(gpt, {.weights = WeightFormat::q4_0});
  EXPECT_EQ(held_bytes(gpt), in_blocks / 32 * 18 + std::int64_t{sizeof(Real)} * (biases + norms + positions));
  GPT int8 = small_gpt(true);
  quantize(int8, {.weights = WeightFormat::int8});
  const std::int64_t rows = 9 + 4 * 32 + 128 + 32;  // a scale and a sum each
  EXPECT_EQ(held_bytes(int8), in_blocks + 8 * rows + std::int64_t{sizeof(Real)} * (biases + norms + positions));
}

TEST(Milestones_19, MemoryIsWeightsAndWhatWasAliveAtOnce) {
  GPT gpt = small_gpt(true);
  const bench::Work answer = [] {
    const Array one = zeros({1000});
    const Array two = zeros({500});
    bench::keep(one);
    bench::keep(two);
  };
  const std::int64_t more = memory_of(gpt, answer) - held_bytes(gpt);
  EXPECT_GE(more, 1500 * std::int64_t{sizeof(Real)});
  EXPECT_LE(more, 2 * 1500 * std::int64_t{sizeof(Real)}) << "a pool may round up";
}

TEST(Milestones_19, NoiseIsThatOfEachLayersOwnWeight) {
  GPT gpt = small_gpt(true);
  const std::vector<LayerNoise> layers = noise_of(gpt);
  ASSERT_EQ(layers.size(), 7U) << "the embedding, four of the attention and two of the feed-forward layer";
  EXPECT_EQ(layers[0].path, "embed");
  const Array weight = gpt.blocks[0].mlp.fc2.weight.value();
  for (std::size_t i = 0; i < formats.size(); ++i) {
    EXPECT_EQ(layers[6].path, "blocks.0.mlp.fc2");
    EXPECT_EQ(layers[6].decibels[i], sqnr(weight, dequantize(quantize_weight(weight, formats[i]))));
  }
  Generator random(1);
  Sequential net{Linear({.in = 33, .out = 2}, random)};
  EXPECT_GT(noise_of(net)[0].decibels[0], 30);
  EXPECT_TRUE(std::isnan(noise_of(net)[0].decibels[1])) << "33 numbers in a row are no blocks";
}

TEST(Milestones_19, AFileIsAsLongAsItIs) {
  const TemporaryFolder folder;
  const std::string path = folder / "five";
  write_file(path, std::vector<std::uint8_t>{1, 2, 3, 4, 5});
  EXPECT_EQ(size_of_file(path), 5);
  EXPECT_THROWS_WITH(size_of_file(path + "?"), FileError, "five?");
}

TokenIds some_text() {
  TokenIds ids;
  for (int i = 0; i < 40; ++i) ids.push_back(i * 5 % 9);
  return ids;
}

TEST(Milestones_19, StatesOfAGptAreMeasuredOutOfTheirFiles) {
  const TemporaryFolder folder;
  GPT gpt = small_gpt(true);
  milestone::Journal journal({}, {});
  GptStates states(some_text(), folder.path(), journal, [](const Measured&, std::size_t) {});
  states.add_float("float", gpt, "a");
  states.add_small("small", gpt, WeightFormat::q8_0, "b");
  bool asked = false;
  states.add_small("spoilt", gpt, WeightFormat::q8_0, "c", [&](SafeTensors state) {
    asked = true;
    for (std::uint8_t& byte : state.tensors.at("embed.weight").bytes) byte = 0;
    return state;
  });
  EXPECT_TRUE(asked);
  const std::vector<Measured>& all = states.part.states;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NEAR(all[0].quality, milestone::loss_on_text(gpt, some_text(), 4), 1e-6);
  EXPECT_NE(all[1].quality, all[0].quality);
  EXPECT_NEAR(all[1].quality, all[0].quality, 0.02);
  EXPECT_NEAR(all[2].quality, std::log(9.0), 1e-5) << "an embedding of zeros says nothing";
  EXPECT_EQ(all[0].file_bytes, size_of_file(folder / "a"));
  EXPECT_EQ(all[1].file_bytes, size_of_file(folder / "b"));
  EXPECT_LT(all[1].memory_bytes, all[0].memory_bytes);
  for (const Measured& state : all) {
    EXPECT_GT(state.speed.median, 0);
    EXPECT_GE(state.speed.p99, state.speed.median);
    EXPECT_GT(state.speed.rate, 0);
  }
  EXPECT_GT(states.compare_with(1, 14).ratio.low, 0);
}

}  // namespace
}  // namespace rushlight::compression
