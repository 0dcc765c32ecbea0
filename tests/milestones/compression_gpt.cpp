// Part two of the milestone of 2018: surgery on a GPT, what the smaller one hears, and how it writes.
#include <cmath>

#include "05_autograd/autograd.hpp"
#include "2018_compression/gpt.hpp"
#include "2018_compression/spoil.hpp"
#include "support/rush_test.hpp"

namespace rushlight::compression {
namespace {

GPTOptions small_options(std::int64_t layers = 4, std::int64_t hidden = 64) {
  return {.vocabulary = 7, .context = 8, .width = 32, .layers = layers, .heads = 2, .hidden = hidden};
}

// Weights that make its answers far from uniform.
GPT small_gpt(std::uint64_t seed, const GPTOptions& options = small_options()) {
  Generator random(seed);
  GPT gpt(options, random);
  for (auto& [name, parameter] : gpt.named_parameters()) {
    Tensor(parameter).set_value(randn(parameter.shape(), random, 0, 0.4));
  }
  gpt.eval();
  return gpt;
}

Array answers(GPT& gpt) {
  const NoGrad no_grad;
  return gpt(Indices({2, 8}, std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 0, 3, 3, 1, 6, 2, 2, 5, 4})).value();
}

TEST(Milestones_19, NeuronsThatWereSilentAnywayAreNotMissed) {
  GPT whole = small_gpt(1);
  for (TransformerBlock& block : whole.blocks) {  // every third neuron gives nothing, and is the weakest
    Array rows = block.mlp.fc1.weight.value().clone();
    for (std::int64_t m = 0; m < 64; m += 3) {
      for (std::int64_t i = 0; i < 32; ++i) rows.mutable_data()[m * 32 + i] = 0;
    }
    block.mlp.fc1.weight.set_value(rows);
    block.mlp.fc1.bias.set_value(zeros({64}));
  }
  const StateDict before = whole.state_dict();
  GPT fewer = small_gpt(2, small_options(4, 42));
  fewer.load_state_dict(with_fewer_neurons(whole, 42));
  EXPECT_TRUE(test::near(answers(fewer), answers(whole), {1e-4, 1e-4}));
  for (const auto& [name, array] : whole.state_dict()) EXPECT_TRUE(test::same_bits(array, before.at(name))) << name;
}

TEST(Milestones_19, EverySecondBlockBeginsWithTheFirst) {
  GPT whole = small_gpt(1);
  GPT half = small_gpt(2, small_options(2));
  half.load_state_dict(with_every_second_block(whole));
  const StateDict all = whole.state_dict(), some = half.state_dict();
  for (const char* name : {"attn.q.weight", "mlp.fc2.bias", "ln1.weight"}) {
    EXPECT_TRUE(test::same_bits(some.at(std::string("blocks.0.") + name), all.at(std::string("blocks.0.") + name)));
    EXPECT_TRUE(test::same_bits(some.at(std::string("blocks.1.") + name), all.at(std::string("blocks.2.") + name)));
  }
  EXPECT_TRUE(test::same_bits(some.at("embed.weight"), all.at("embed.weight")));
}

// -Σ over the classes of the target's probabilities times the student's log probabilities, at temperature T.
TEST(Milestones_19, TheStudentHearsTheTeacherAndALittleOfTheText) {
  GPTOptions forgetful = small_options();
  forgetful.dropout = 0.5;
  GPT student = small_gpt(1), teacher = small_gpt(2, forgetful);
  teacher.train();
  const milestone::Windows windows = milestone::windows({0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2}, {0, 2}, 8);
  const Array s = student(windows.inputs).value();
  teacher.eval();
  const Array t = teacher(windows.inputs).value();
  teacher.train();
  double soft = 0, hard = 0;
  for (std::int64_t row = 0; row < 16; ++row) {
    double zs = 0, zt = 0, z1 = 0;
    for (std::int64_t c = 0; c < 7; ++c) {
      zs += std::exp(s.data()[row * 7 + c] / 2), zt += std::exp(t.data()[row * 7 + c] / 2);
      z1 += std::exp(double{s.data()[row * 7 + c]});
    }
    for (std::int64_t c = 0; c < 7; ++c) {
      const double p = std::exp(t.data()[row * 7 + c] / 2) / zt, q = std::exp(s.data()[row * 7 + c] / 2) / zs;
      soft += 4 * p * std::log(p / q) / 16;
    }
    hard -= (s.data()[row * 7 + windows.targets.data()[row]] - std::log(z1)) / 16;
  }
  const Tensor loss = distillation(teacher)(student, windows);
  EXPECT_NEAR(loss.item(), 0.9 * soft + 0.1 * hard, 1e-4);
  loss.backward();
  for (const Tensor& parameter : teacher.parameters()) EXPECT_FALSE(parameter.grad().defined());
  EXPECT_TRUE(teacher.training()) << "its mode is as it was";
}

TEST(Milestones_19, AReaderWritesWhatTheWholeModelFindsLikeliest) {
  GPT gpt = small_gpt(3);
  Reader reader(gpt);
  std::vector<std::int32_t> text{0};
  const NoGrad no_grad;
  for (int i = 0; i < 8; ++i) {
    const Array logits = gpt(Indices({1, std::ssize(text)}, text)).value();
    const auto last = logits.data().subspan(logits.data().size() - 7, 7);
    const auto best = static_cast<std::int32_t>(std::ranges::max_element(last) - last.begin());
    EXPECT_EQ(reader.next(), best) << i;
    text.push_back(best);
  }
  EXPECT_EQ(reader.next(), text[1]) << "the context is full: it begins anew";
  EXPECT_EQ(reader.length(), 8);
  reader.text();
  EXPECT_EQ(reader.next(), text[1]);
}

TEST(Milestones_19, WidthsAreComparedWithTheSameCache) {
  const WidthRow row = compare_at(32, 1, 14, 1);
  EXPECT_EQ(row.width, 32);
  // embedding and positions, 4 + 2 matrices' worth of a block with their biases, three norms
  EXPECT_EQ(row.float_bytes, std::int64_t{sizeof(Real)} *
                                 (96 * 32 + 64 * 32 + 4 * (32 * 32 + 32) + 2 * 4 * 32 * 32 + 4 * 32 + 32 + 3 * 2 * 32));
  for (const bench::Interval& ratio : {row.q8_0, row.q4_0}) {
    EXPECT_GT(ratio.low, 0);
    EXPECT_LE(ratio.low, ratio.high);
  }
}

TEST(Milestones_19, ScalesOfTheNextLayerAndNothingElse) {
  for (const WeightFormat format : {WeightFormat::q8_0, WeightFormat::q4_0}) {
    GPT gpt = small_gpt(4, small_options(1));
    const SafeTensors before = quantized_state(gpt, format), after = with_scales_of_another_layer(before);
    EXPECT_EQ(after.metadata, before.metadata);
    const std::int64_t block = format == WeightFormat::q8_0 ? 34 : 18;
    std::vector<std::string> names;
    for (const auto& [name, tensor] : before.tensors) {
      if (tensor.dtype == DType::u8) names.push_back(name);
    }
    ASSERT_EQ(names.size(), 7U);
    for (const auto& [name, tensor] : before.tensors) {
      const std::vector<std::uint8_t>& now = after.tensors.at(name).bytes;
      if (tensor.dtype != DType::u8) {
        EXPECT_EQ(now, tensor.bytes) << name;
        continue;
      }
      const auto place = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
      const std::vector<std::uint8_t>& next = before.tensors.at(names[(place + 1) % names.size()]).bytes;
      for (std::size_t i = 0; i < now.size(); ++i) {
        const bool scale = i % block < 2;
        ASSERT_EQ(now[i], scale ? next[i % next.size()] : tensor.bytes[i]) << name << " at " << i;
      }
    }
  }
  EXPECT_THROWS_WITH(with_scales_of_another_layer({}), ValueError, "two weights");
}

}  // namespace
}  // namespace rushlight::compression
