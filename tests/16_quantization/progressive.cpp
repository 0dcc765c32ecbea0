// Modules 01 to 16 together: a GPT that was quantised speaks nearly as before, and training can foresee rounding.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/sgd.hpp"
#include "13_transformers/gpt.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

const GPTOptions small{.vocabulary = 40, .context = 16, .width = 64, .layers = 2, .heads = 4};

GPT random_gpt() {
  Generator random(11);
  GPT gpt(small, random);
  for (auto& [name, parameter] : gpt.named_parameters()) {
    if (parameter.rank() == 2)
      parameter.set_value(randn(parameter.shape(), 100 + name.size()) * Array::scalar(Real(0.15)));
  }
  gpt.eval();
  return gpt;
}

Indices some_ids() {
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 24; ++i) ids.push_back(i * 17 % 40);
  return Indices({2, 12}, ids);
}

TEST(Progressive_16_7, AGptInEveryFormat) {
  for (const auto& [format, least] : std::vector<std::pair<WeightFormat, double>>{
           {WeightFormat::int8, 20}, {WeightFormat::q8_0, 25}, {WeightFormat::q4_0, 4}}) {
    GPT gpt = random_gpt();
    NoGrad off;
    const Array before = gpt(some_ids()).value();
    const QuantizeReport report = quantize(gpt, {.weights = format});
    const Array after = gpt(some_ids()).value();
    EXPECT_GT(sqnr(before, after), least) << name_of(format);
    EXPECT_LT(sqnr(before, after), 60) << name_of(format);
    for (const QuantizedPart& part : report.parts) {
      const bool matrix = part.kind == "Linear" || part.kind == "Unembed" || part.kind == "Embedding";
      EXPECT_EQ(part.quantized, matrix) << part.path << ": " << part.why;
    }
    EXPECT_LT(report.bytes_after() * 3, report.bytes_before());
  }
}

TEST(Progressive_16_7, StaticRangesFromItsOwnData) {
  GPT gpt = random_gpt();
  NoGrad off;
  const Array before = gpt(some_ids()).value();
  quantize(gpt, {.calibrate = [&] { gpt(some_ids()); }});
  EXPECT_GT(sqnr(before, gpt(some_ids()).value()), 18);
}

// Two clouds that a layer can tell apart; the loss after some steps of training, once quantised.
struct Clouds {
  Array x = randn({64, 32}, 5);
  Indices labels{Shape{64}};
  Clouds() {
    for (std::int64_t i = 0; i < 64; ++i) {
      labels.mutable_data()[i] = static_cast<std::int32_t>(i % 5);
      x.mutable_data()[i * 32 + i % 5] += 4;
    }
  }
};

TEST(Progressive_16_8, TrainingPreparesWhatQuantiseThenMakes) {
  const Clouds data;
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  SGD optimizer(net.parameters(), {.lr = 0.05});
  Array last;
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(net(Tensor(data.x)), data.labels);
    loss.backward();
    optimizer.step();
  }
  net.eval();
  const Array simulated = net(Tensor(data.x)).value();
  const auto* fake = dynamic_cast<FakeQuantLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(fake, nullptr);
  const std::optional<QParams> range = fake->input();
  const QuantizeReport report = quantize(net);
  EXPECT_TRUE(part_of(report, "fc1").quantized);
  const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(layer, nullptr);
  EXPECT_EQ(layer->input(), range) << "the range that training found";
  const Array real = net(Tensor(data.x)).value();
  EXPECT_GT(sqnr(simulated, real), 40);  // a tie that rounds the other way is all that may differ
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < 64; ++i) {
    const Real* row = real.data().data() + i * 5;
    right += std::max_element(row, row + 5) - row == i % 5 ? 1 : 0;
  }
  EXPECT_GE(right, 60);
}

}  // namespace
}  // namespace rushlight::test
