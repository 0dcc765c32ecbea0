// GF-15: whoever is watched computes the same, to the bit.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using Gradients = std::vector<std::pair<std::string, Array>>;
using Step = std::function<Tensor()>;  // the loss

Gradients gradients_of(Module& model, const Step& step) {
  model.zero_grad();
  step().backward();
  Gradients gradients;
  for (const auto& [name, parameter] : model.named_parameters()) gradients.emplace_back(name, parameter.grad());
  return gradients;
}

// Two models that are equal, one of them watched. A parameter whose name ends in `structural_zero` has no gradient but
// what rounding leaves of 0, and how much that is depends on the precision and on the machine's kernels.
template <class Model>
void expect_neutral(Model plain, Model watched, const std::function<Tensor(Model&)>& loss,
                    const std::string& structural_zero = "") {
  const Gradients expected = gradients_of(plain, [&] { return loss(plain); });
  Tracer tracer;
  tracer.watch(watched);
  tracer.start();
  const Gradients seen = gradients_of(watched, [&] { return loss(watched); });
  const Trace trace = tracer.stop();
  EXPECT_FALSE(trace.events.empty());
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto& [name, gradient] = seen[i];
    ASSERT_TRUE(gradient.defined() && expected[i].second.defined()) << name;
    const bool zero = !structural_zero.empty() && name.ends_with(structural_zero);
    EXPECT_TRUE(grad_ok(gradient, gradient.shape(), zero ? -1 : 1e-9)) << name << ": zeros would prove nothing";
    EXPECT_TRUE(same_bits(gradient, expected[i].second)) << name;
  }
}

TEST(GradientFlow_14_4, GF15_APerceptronThatIsWatched) {
  const Array x = randn({5, 6}, 2);
  const Indices labels({5}, {0, 1, 2, 1, 0});
  expect_neutral<Sequential>(small_mlp(), small_mlp(),
                             [&](Sequential& net) { return cross_entropy(net(Tensor(x)), labels); });
}

TEST(GradientFlow_14_4, GF15_AConvolutionalNetworkThatIsWatched) {
  const Array x = randn({3, 2, 8, 8}, 2);
  const Indices labels({3}, {0, 1, 2});
  // Batch norm takes away what the bias of the convolution before it adds.
  expect_neutral<Sequential>(
      small_cnn(), small_cnn(), [&](Sequential& net) { return cross_entropy(net(Tensor(x)), labels); }, "0.bias");
}

TEST(GradientFlow_14_4, GF15_AGptWithDropoutThatIsWatched) {
  const Indices ids = some_ids(3), labels = some_ids(3);
  // A key's bias adds the same number to every score of a query, and softmax does not see it.
  expect_neutral<GPT>(
      small_gpt(0.2), small_gpt(0.2), [&](GPT& gpt) { return cross_entropy(gpt(ids), labels); }, "attn.k.bias");
}

TEST(GradientFlow_14_4, GF15_NothingStaysBehind) {
  GPT gpt = small_gpt();
  const Indices ids = some_ids(2);
  const Step loss = [&] { return cross_entropy(gpt(ids), ids); };
  const Gradients before = gradients_of(gpt, loss);
  {
    Tracer tracer;
    tracer.watch(gpt);
    EXPECT_GT(hook_count(gpt), 0);
    tracer.start();
    loss();
    tracer.stop();
  }
  EXPECT_EQ(hook_count(gpt), 0);
  const Gradients after = gradients_of(gpt, loss);
  for (std::size_t i = 0; i < before.size(); ++i) {
    ASSERT_TRUE(before[i].second.defined() && after[i].second.defined()) << before[i].first;
    EXPECT_TRUE(same_bits(before[i].second, after[i].second)) << before[i].first;
  }
}

}  // namespace
}  // namespace rushlight::test
