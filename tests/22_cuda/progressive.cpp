// The kernels in their places: primitives and layers as everybody calls them, and a GPT that trains on the device.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "13_transformers/transformer.hpp"
#include "device_checks.hpp"

namespace rushlight::test {
namespace {

struct Primitive {
  const char* name;
  std::function<Array(const Array&, const Array&, const Indices&, const Indices&)> f;
};

// Of x (2, 3, 4), y (3, 1), ids (3) below 2, and places (2, 2, 4) below 3.
std::vector<Primitive> all_primitives() {
  const auto bytes = [](const Mask& mask) { return where(mask, Array::scalar(1), Array::scalar(0)); };
  return {
      {"add", [](auto& x, auto& y, auto&, auto&) { return x + y; }},
      {"sub", [](auto& x, auto& y, auto&, auto&) { return y - x; }},
      {"mul", [](auto& x, auto& y, auto&, auto&) { return x * y; }},
      {"div", [](auto& x, auto& y, auto&, auto&) { return x / y; }},
      {"scalar", [](auto& x, auto&, auto&, auto&) { return Real{2} - x; }},
      {"maximum", [](auto& x, auto& y, auto&, auto&) { return maximum(x, y); }},
      {"minimum", [](auto& x, auto& y, auto&, auto&) { return minimum(y, x); }},
      {"neg", [](auto& x, auto&, auto&, auto&) { return -x; }},
      {"exp", [](auto& x, auto&, auto&, auto&) { return exp(x); }},
      {"log", [](auto& x, auto&, auto&, auto&) { return log(x); }},
      {"sqrt", [](auto& x, auto&, auto&, auto&) { return sqrt(x); }},
      {"tanh", [](auto& x, auto&, auto&, auto&) { return tanh(x); }},
      {"erf", [](auto& x, auto&, auto&, auto&) { return erf(x); }},
      {"abs", [](auto& x, auto& y, auto&, auto&) { return abs(x - y); }},
      {"pow", [](auto& x, auto&, auto&, auto&) { return pow(x, Real(1.5)); }},
      {"greater", [=](auto& x, auto& y, auto&, auto&) { return bytes(greater(x, y)); }},
      {"less", [=](auto& x, auto& y, auto&, auto&) { return bytes(less(x, y)); }},
      {"equal", [=](auto& x, auto& y, auto&, auto&) { return bytes(equal(x, maximum(x, y))); }},
      {"where", [](auto& x, auto& y, auto&, auto&) { return where(less(x, y), x, y); }},
      {"sum", [](auto& x, auto&, auto&, auto&) { return sum(x); }},
      {"sum of the last", [](auto& x, auto&, auto&, auto&) { return sum(x, {-1}, true); }},
      {"sum of the first", [](auto& x, auto&, auto&, auto&) { return sum(x, {0}); }},
      {"sum of two",
       [](auto& x, auto&, auto&, auto&) {
         return sum(x, {0, 2});
       }},
      {"sum_to",
       [](auto& x, auto&, auto&, auto&) {
         return sum_to(x, {3, 1});
       }},
      {"mean", [](auto& x, auto&, auto&, auto&) { return mean(x, {1}); }},
      {"max", [](auto& x, auto&, auto&, auto&) { return max(x, {1}, true); }},
      {"argmax", [](auto& x, auto&, auto&, auto&) { return take(x.with_shape({24}), argmax(x, 1)); }},
      {"matmul", [](auto& x, auto&, auto&, auto&) { return matmul(x, x, {.transpose_b = true}); }},
      {"matmul of one matrix",
       [](auto& x, auto&, auto&, auto&) {
         return matmul(x, slice(x.with_shape({6, 4}), 0, {2}));
       }},
      {"matmul of a flag", [](auto& x, auto& y, auto&, auto&) { return matmul(x, y, {.transpose_a = true}); }},
      {"matmul of vectors",
       [](auto& x, auto& y, auto&, auto&) {
         return matmul(y.with_shape({3}), slice(x, 0, {1}).with_shape({3, 4}));
       }},
      {"permute",
       [](auto& x, auto&, auto&, auto&) {
         return permute(x, {2, 0, 1});
       }},
      {"transpose", [](auto& x, auto&, auto&, auto&) { return transpose(x, -1, -2); }},
      {"broadcast_to",
       [](auto&, auto& y, auto&, auto&) {
         return broadcast_to(y, {2, 3, 5});
       }},
      {"concat",
       [](auto& x, auto&, auto&, auto&) {
         return concat(Arrays{x, slice(x, 1, {1}), x}, 1);
       }},
      {"slice",
       [](auto& x, auto&, auto&, auto&) {
         return slice(x, 2, {-3, slice_end, 2});
       }},
      {"unslice",
       [](auto& x, auto&, auto&, auto&) {
         return unslice(x, {2, 3, 9}, 2, {1, slice_end, 2});
       }},
      {"take", [](auto& x, auto&, auto& ids, auto&) { return take(x, ids); }},
      {"take_adjoint",
       [](auto& x, auto&, auto& ids, auto&) {
         return take_adjoint(permute(x, {1, 0, 2}), {2, 2, 4}, ids);
       }},
      {"gather", [](auto& x, auto&, auto&, auto& places) { return gather(x, 1, places); }},
      {"gather_adjoint",
       [](auto& x, auto&, auto&, auto& places) {
         return gather_adjoint(slice(x, 1, {1}), {2, 3, 4}, 1, places);
       }},
  };
}

TEST(Progressive_22_6, EveryPrimitiveAgreesWithTheCpu) {
  const CudaHere device;
  const Array x = uniform({2, 3, 4}, 1, 0.5, 2), y = uniform({3, 1}, 2, 0.5, 2);
  const Indices ids({3}, {1, 0, 1}), places({2, 2, 4}, {2, 0, 1, 2, 2, 1, 0, 0, 1, 1, 1, 1, 0, 2, 0, 2});
  const Array x_there = x.to(gpu), y_there = y.to(gpu);
  const Indices ids_there = ids.to(gpu), places_there = places.to(gpu);
  for (const auto& [name, f] : all_primitives()) {
    const std::uint64_t before = transfers();
    const Array there = f(x_there, y_there, ids_there, places_there);
    EXPECT_EQ(transfers(), before) << name;
    EXPECT_EQ(there.device(), gpu) << name;
    EXPECT_TRUE(near(there.cpu(), f(x, y, ids, places), {1e-5, 1e-6})) << name;
  }
}

TEST(Progressive_22_6, ALongSumTakesTwoLaunches) {
  const CudaHere device;
  const Array x = uniform({40000}, 1, 0.5, 1), there = x.to(gpu);
  const emulator::Count count;
  EXPECT_NEAR(sum(there).item(), sum(x).item(), 1e-5 * 40000);
  EXPECT_EQ(count.launches, 2);
}

const GPTOptions tiny{.vocabulary = 11, .context = 6, .width = 12, .layers = 2, .heads = 2};
const Indices ids({2, 6}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1}), next({2, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 0});

struct Trained {
  std::vector<double> losses;
  Arrays gradients;  // of the first step
  Arrays parameters;
  std::uint64_t transfers = 0;  // of the last step
};

Trained train(Device where, int steps = 3) {
  Generator generator(3);
  GPT gpt(tiny, generator);
  gpt.to(where);
  AdamW optimizer(gpt.parameters(), {.lr = 1e-2});
  Trained result;
  for (int step = 0; step < steps; ++step) {
    const std::uint64_t before = transfers();
    const std::vector<Indices> batch = Indices::to(where, {ids, next});
    const Tensor loss = cross_entropy(gpt.forward(batch[0]), batch[1]);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    result.losses.push_back(static_cast<double>(loss.item()));
    result.transfers = transfers() - before;
    if (step == 0) {
      for (const Tensor& each : gpt.parameters()) result.gradients.push_back(each.grad().cpu());
    }
  }
  for (const Tensor& each : gpt.parameters()) result.parameters.push_back(each.value().cpu());
  return result;
}

TEST(Progressive_22_8, AGptTrainsAsOnTheCpu) {
  const Trained here = train(Device::cpu);
  const CudaHere device;
  const std::int64_t held = emulator::live_allocations();
  const Trained there = train(gpu);
  for (std::size_t i = 0; i < here.losses.size(); ++i) {
    EXPECT_NEAR(there.losses[i], here.losses[i], 1e-4 * here.losses[i]) << "step " << i;
  }
  EXPECT_LT(there.losses.back(), there.losses.front());
  ASSERT_EQ(there.gradients.size(), here.gradients.size());
  for (std::size_t i = 0; i < here.gradients.size(); ++i) {
    EXPECT_TRUE(near(there.gradients[i], here.gradients[i], {1e-3, 1e-5})) << "parameter " << i;
  }
  EXPECT_LE(there.transfers, 2U) << "the batch in, the loss out";
  EXPECT_EQ(emulator::live_allocations(), held) << "a training run leaves nothing behind on the device";
}

TEST(Progressive_22_9, AGptTrainsOnMemoryFromTheCache) {
  const Trained here = train(Device::cpu, 2);
  const std::int64_t before = emulator::live_allocations();
  cuda::install({.cached = true});
  const Trained there = train(gpu, 2);
  const std::int64_t after_one = emulator::live_allocations();
  train(gpu, 2);
  EXPECT_EQ(emulator::live_allocations(), after_one) << "the second training asks for what the first one asked for";
  cuda::remove();
  EXPECT_EQ(emulator::live_allocations(), before) << "remove() gives the cache back";
  for (std::size_t i = 0; i < here.losses.size(); ++i) {
    EXPECT_NEAR(there.losses[i], here.losses[i], 1e-4 * here.losses[i]) << "step " << i;
  }
}

TEST(Progressive_22_8, EveryRunHasTheSameBits) {
  const CudaHere device;
  const Trained first = train(gpu, 1);
  const emulator::InOrder backward(emulator::Order::backward);
  const Trained second = train(gpu, 1);
  for (std::size_t i = 0; i < first.parameters.size(); ++i) {
    EXPECT_TRUE(same_bits(first.parameters[i], second.parameters[i])) << "parameter " << i;
  }
}

TEST(Progressive_22_7, OptimizersStepAsOnTheCpu) {
  enum class Which : std::uint8_t { adam, sgd, rmsprop };
  const auto steps = [](Device where, Which which) {
    const Tensor p(uniform({3, 2}, 1, -1, 1).to(where), true);
    std::unique_ptr<Optimizer> optimizer;
    const Tensors all{p};
    if (which == Which::adam) optimizer = std::make_unique<Adam>(all, AdamOptions{.lr = 0.1, .weight_decay = 0.1});
    if (which == Which::sgd) {
      optimizer = std::make_unique<SGD>(all, SGDOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true});
    }
    if (which == Which::rmsprop) {
      optimizer = std::make_unique<RMSprop>(
          all, RMSpropOptions{.lr = 0.1, .alpha = 0.5, .weight_decay = 0.1, .momentum = 0.9, .centered = true});
    }
    for (int step = 0; step < 3; ++step) {
      optimizer->zero_grad();
      (p * p).backward(uniform({3, 2}, 5, 0.5, 1).to(where));
      optimizer->step();
    }
    return p.value().cpu();
  };
  const CudaHere device;
  for (const Which which : {Which::adam, Which::sgd, Which::rmsprop}) {
    EXPECT_TRUE(near(steps(gpu, which), steps(Device::cpu, which), {1e-4, 1e-6})) << static_cast<int>(which);
  }
}

}  // namespace
}  // namespace rushlight::test
