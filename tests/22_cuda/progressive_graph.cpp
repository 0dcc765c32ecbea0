// A whole training step in a graph: forward, backward and the optimizer, started by one launch of the host.
#include <memory>

#include "02_activations/activations.hpp"
#include "03_layers/linear.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/sgd.hpp"
#include "13_transformers/transformer.hpp"
#include "22_cuda/graph.hpp"
#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

constexpr int warm_steps = 2;  // on the first batch: afterwards the cache has every block, and SGD its velocities
constexpr int graph_steps = 2;

struct CachedCuda {
  CachedCuda() { cuda::install({.cached = true}); }
  ~CachedCuda() { cuda::remove(); }
  CachedCuda(const CachedCuda&) = delete;
  CachedCuda& operator=(const CachedCuda&) = delete;
};

struct Seen {
  std::vector<double> losses;  // of the steps after the warm ones
  Arrays parameters;
  std::vector<std::int64_t> launches, kernels;  // of each of those steps
};

// A network with its optimizer and the places of its batch. load() puts batch `i` into those places.
struct Training {
  virtual ~Training() = default;
  virtual void load(int i) = 0;
  virtual Tensor loss() = 0;
  virtual Optimizer& optimizer() = 0;

  void step() {
    const Tensor value = loss();
    optimizer().zero_grad();
    value.backward();
    optimizer().step();
    last_loss = value.value();
  }
  Array last_loss;
};

struct Regression : Training {
  Regression() : random(4), first({3, 8}, random), second({8, 2}, random) {
    for (Linear* each : {&first, &second}) each->to(gpu);
    sgd = std::make_unique<SGD>(Tensors{first.weight, first.bias, second.weight, second.bias},
                                SGDOptions{.lr = 0.05, .momentum = 0.9});
  }
  void load(int i) override {
    refill(x, uniform({5, 3}, static_cast<std::uint64_t>(10 + i), -1, 1));
    refill(y, uniform({5, 2}, static_cast<std::uint64_t>(20 + i), -1, 1));
  }
  Tensor loss() override { return mse_loss(second(tanh(first(Tensor(x)))), Tensor(y)); }
  Optimizer& optimizer() override { return *sgd; }

  Generator random;
  Linear first, second;
  Array x = uniform({5, 3}, 10, -1, 1).to(gpu), y = uniform({5, 2}, 20, -1, 1).to(gpu);
  std::unique_ptr<SGD> sgd;
};

// Labels are checked on the CPU, as long as those on the device are known to be the same: in the warm steps and in the
// capture they are.
struct Language : Training {
  Language() : random(3), gpt({.vocabulary = 11, .context = 6, .width = 16, .layers = 1, .heads = 2}, random) {
    gpt.to(gpu);
    sgd = std::make_unique<SGD>(gpt.parameters(), SGDOptions{.lr = 0.1, .momentum = 0.9});
  }
  static Indices text(int i, int further) {
    std::vector<std::int32_t> ids;
    for (int at = 0; at < 12; ++at) ids.push_back((at * (i + 1) + further) % 11);
    return {{2, 6}, ids};
  }
  void load(int i) override {
    if (i == 0) return;
    refill(batch[0], text(i, 0));
    refill(batch[1], text(i, 1));
  }
  Tensor loss() override { return cross_entropy(gpt.forward(batch[0]), batch[1]); }
  Optimizer& optimizer() override { return *sgd; }

  Generator random;
  GPT gpt;
  std::vector<Indices> sources{text(0, 0), text(0, 1)};
  std::vector<Indices> batch = Indices::to(gpu, sources);
  std::unique_ptr<SGD> sgd;
};

Seen results_of(Training& training, Seen seen) {
  for (const Tensor& each : training.optimizer().parameters()) seen.parameters.push_back(each.value().cpu());
  return seen;
}

// Host launches and kernels of one call of `step`, and the loss that it leaves.
void look(Seen& seen, Training& training, const std::function<void()>& step) {
  {
    const emulator::Count count;
    step();
    cudaDeviceSynchronize();
    seen.launches.push_back(count.from_host);
    seen.kernels.push_back(count.launches);
  }
  seen.losses.push_back(static_cast<double>(training.last_loss.item()));
}

template <class Network>
Seen without_graph() {
  const CachedCuda device;
  Network training;
  Seen seen;
  for (int i = 0; i < warm_steps; ++i) training.step();
  for (int i = 1; i <= graph_steps; ++i) {
    if constexpr (std::is_same_v<Network, Language>) {
      training.batch = Indices::to(gpu, {Language::text(i, 0), Language::text(i, 1)});
    } else {
      training.load(i);
    }
    look(seen, training, [&] { training.step(); });
  }
  return results_of(training, seen);
}

template <class Network>
Seen with_graph() {
  const CachedCuda device;
  const WorkStream stream;
  Network training;
  CapturedGraph graph(stream);
  Seen seen;
  stream.run([&] {
    for (int i = 0; i < warm_steps; ++i) training.step();
    graph.capture([&] { training.step(); });
    for (int i = 1; i <= graph_steps; ++i) {
      training.load(i);
      look(seen, training, [&] { graph.launch(); });
    }
  });
  return results_of(training, seen);
}

template <class Network>
void expect_the_same() {
  const Seen plain = without_graph<Network>(), graph = with_graph<Network>();
  ASSERT_EQ(graph.parameters.size(), plain.parameters.size());
  for (std::size_t i = 0; i < plain.parameters.size(); ++i) {
    EXPECT_TRUE(same_bits(graph.parameters[i], plain.parameters[i])) << "parameter " << i;
  }
  EXPECT_EQ(graph.losses, plain.losses);
  EXPECT_NE(plain.losses[0], plain.losses[1]) << "another batch, another loss";
  EXPECT_EQ(graph.launches, std::vector<std::int64_t>(graph_steps, 1)) << "one launch of the host a step";
  EXPECT_EQ(graph.kernels, plain.kernels) << "and all the kernels";
  EXPECT_GT(plain.launches[0], 20);
}

TEST(Progressive_22_9, ACapturedStepTrainsToTheSameBits) { expect_the_same<Regression>(); }

TEST(Progressive_22_9, ACapturedStepOfAGptTrainsToTheSameBits) { expect_the_same<Language>(); }

TEST(Progressive_22_9, ACaptureCannotAllocate) {
  const CachedCuda device;
  const WorkStream stream;
  Regression training;
  CapturedGraph graph(stream);
  stream.run([&] {
    EXPECT_THROW(graph.capture([&] { training.step(); }), KernelError);
    EXPECT_NO_THROW(training.step()) << "the stream can be used again";
  });
}

TEST(Progressive_22_9, ACapturedStepCannotLookAtTheLoss) {
  const CachedCuda device;
  const WorkStream stream;
  Regression training;
  CapturedGraph graph(stream);
  stream.run([&] {
    for (int i = 0; i < warm_steps; ++i) training.step();
    const auto looks = [&] {
      training.step();
      static_cast<void>(training.last_loss.item());
    };
    EXPECT_THROWS_WITH(graph.capture(looks), KernelError, "not permitted when stream is capturing");
  });
}

}  // namespace
}  // namespace rushlight::test
