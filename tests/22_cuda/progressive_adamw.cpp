// FusedAdamW: AdamW to the last bit, at one launch a step; and in a captured graph at any step and learning rate.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "13_transformers/transformer.hpp"
#include "22_cuda/fused_adamw.hpp"
#include "22_cuda/graph.hpp"
#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

// A GPT that sees one batch again and again, in two groups of different options.
struct Learner {
  Learner() { gpt.to(gpu); }

  std::vector<Group<AdamWOptions>> groups() {
    Tensors all = gpt.parameters(), rest;
    rest.push_back(all.back());
    all.pop_back();
    return {{all, {.lr = 1e-2, .weight_decay = 0.1}}, {rest, {.lr = 2e-2, .weight_decay = 0}}};
  }
  void backward(Optimizer& optimizer) {
    const Tensor loss = cross_entropy(gpt.forward(batch[0]), batch[1]);
    optimizer.zero_grad();
    loss.backward();
  }
  void step(Optimizer& optimizer) {
    backward(optimizer);
    optimizer.step();
  }
  Arrays values() {
    Arrays all;
    for (const Tensor& each : gpt.parameters()) all.push_back(each.value().cpu());
    return all;
  }

  Generator random{3};
  GPT gpt{{.vocabulary = 11, .context = 6, .width = 16, .layers = 1, .heads = 2}, random};
  std::vector<Indices> sources{Indices({1, 6}, {0, 1, 2, 3, 4, 5}), Indices({1, 6}, {1, 2, 3, 4, 5, 6})};
  std::vector<Indices> batch = Indices::to(gpu, sources);
};

void expect_same(const Arrays& found, const Arrays& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(same_bits(found[i], expected[i])) << "parameter " << i;
  }
}

template <class Chosen>
Arrays trained(std::int64_t launches_a_step) {
  Learner learner;
  Chosen optimizer(learner.groups());
  for (int step = 0; step < 3; ++step) {
    learner.backward(optimizer);
    if (step == 1) learner.gpt.parameters()[2].zero_grad();  // one without a gradient is skipped, and is a step behind
    const emulator::Count count;
    const std::uint64_t before = transfers();
    optimizer.step();
    if (step == 0) continue;  // makes what it remembers
    EXPECT_EQ(transfers(), before);
    if (step == 1) EXPECT_EQ(count.launches, launches_a_step) << "parameters " << learner.gpt.parameters().size();
  }
  return learner.values();
}

TEST(Progressive_22_7, AStepOfAdamWIsOneLaunchForEachGroup) {
  const CudaHere device;
  Learner learner;
  const auto all = static_cast<std::int64_t>(learner.gpt.parameters().size());
  expect_same(trained<FusedAdamW>(2), trained<AdamW>(all - 1));
}

TEST(Progressive_22_7, OnTheCpuItIsAdamW) {
  const auto after_three = [](Optimizer& optimizer, const Tensor& p) {
    for (int step = 0; step < 3; ++step) {
      optimizer.zero_grad();
      (p * p).backward(uniform({3, 2}, 5, 0.5, 1));
      optimizer.step();
    }
    return p.value();
  };
  const Tensor one(uniform({3, 2}, 1, -1, 1), true), other(uniform({3, 2}, 1, -1, 1), true);
  FusedAdamW fused({one});
  AdamW plain({other});
  EXPECT_TRUE(same_bits(after_three(fused, one), after_three(plain, other)));
}

// Both change: t of the bias corrections by itself, the learning rate by the schedule.
TEST(Progressive_22_9, ACapturedStepOfAdamWIsAtEachStepItsOwn) {
  constexpr int warm = 2, steps = 4;
  const auto rate = [](int step) { return 1e-2 * (step + 1); };
  const auto plain = [&] {
    Learner learner;
    AdamW optimizer(learner.groups());
    for (int step = 0; step < steps; ++step) {
      optimizer.set_lr(rate(step));
      learner.step(optimizer);
    }
    return std::pair(learner.values(), optimizer.state_dict().numbers);
  };
  const auto captured = [&] {
    const WorkStream stream;
    Learner learner;
    FusedAdamW optimizer(learner.groups());
    CapturedGraph graph(stream);
    stream.run([&] {
      for (int step = 0; step < warm; ++step) {
        optimizer.set_lr(rate(step));
        learner.step(optimizer);
      }
      graph.capture([&] { learner.step(optimizer); });
      for (int step = warm; step < steps; ++step) {
        optimizer.set_lr(rate(step));
        optimizer.before_launch();
        const emulator::Count count;
        graph.launch();
        EXPECT_EQ(count.from_host, 1);
      }
    });
    return std::pair(learner.values(), optimizer.state_dict().numbers);
  };
  cuda::install({.cached = true});
  {
    const auto [values, numbers] = plain();
    const auto [values_captured, numbers_captured] = captured();
    expect_same(values_captured, values);
    EXPECT_EQ(numbers_captured, numbers) << "the steps are counted, and a checkpoint goes on from there";
  }
  cuda::remove();
}

TEST(Progressive_22_9, WithoutACaptureThereIsNothingToLaunch) {
  const CudaHere device;
  Learner learner;
  FusedAdamW optimizer(learner.groups());
  EXPECT_THROWS_WITH(optimizer.before_launch(), ValueError, "capture");
}

}  // namespace
}  // namespace rushlight::test
