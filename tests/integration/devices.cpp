// Everything above module 01 runs on any device: through the primitives, or through a kernel slot. Here it runs on a
// device whose numbers nobody can look at: what reads data() there throws, and what copies to the CPU is counted.
//
// On the CPU only, by nature: readers, writers and pictures (files), tokenizers (text), sampling and metrics (the next
// token and the accuracy are wanted here), gradcheck, anomaly mode and diagnosis (they look at every number). Made on the
// CPU and moved once: random values, dropout's masks, causal and padding masks, tables of positions.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "07_training/clip.hpp"
#include "09_spatial/module_cases.hpp"
#include "12_attention/module_cases.hpp"
#include "13_transformers/module_cases.hpp"
#include "13_transformers/transformer.hpp"
#include "17_compression/module_cases.hpp"
#include "20_alignment/module_cases.hpp"
#include "device_kernels.hpp"
#include "op_cases.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {
namespace {

Tensors leaves_on(Device device, const Arrays& inputs) {
  Tensors leaves;
  for (const Array& input : inputs) leaves.emplace_back(input.clone().to(device), true);
  return leaves;
}

// The value and the gradients of y = f(leaves) under L = Σ c·y, back on the CPU.
Arrays value_and_gradients(Device device, const Function& f, const Tensors& leaves, const Tensors& watched) {
  const Tensor y = f(leaves);
  EXPECT_EQ(y.device(), device);
  y.backward(cotangent(y.shape()).to(device));
  Arrays found{y.value().cpu()};
  for (const Tensor& each : watched) {
    EXPECT_EQ(each.grad().device(), device);
    found.push_back(each.grad().cpu());
  }
  return found;
}

void expect_equal(const Arrays& there, const Arrays& here, const std::string& what) {
  ASSERT_EQ(there.size(), here.size()) << what;
  for (std::size_t i = 0; i < here.size(); ++i) {
    EXPECT_TRUE(near(there[i], here[i], gradient_tolerance)) << what << (i == 0 ? ": value" : ": gradient");
  }
}

TEST(Integration_05, EveryOpRunsOnADevice) {
  std::int64_t calls = 0;
  for (const OpCase& op : op_cases()) {
    SCOPED_TRACE(op.name);
    const Tensors here = leaves_on(Device::cpu, op.inputs);
    const Arrays expected = value_and_gradients(Device::cpu, op.f, here, here);
    const CountingDevice device;
    const DeviceKernels kernels;
    const Tensors there = leaves_on(gpu, op.inputs);
    try {
      expect_equal(value_and_gradients(gpu, op.f, there, there), expected, op.name);
    } catch (const DeviceError& error) {
      ADD_FAILURE() << op.name << " bypasses the primitives: " << error.what();
    }
    calls += CountingDevice::calls;
  }
  EXPECT_GT(calls, 4 * std::ssize(op_cases())) << "the device was hardly asked for anything";
}

Arrays run_module(const ModuleCase& module_case, Device device) {
  const std::unique_ptr<Module> module = module_case.make();
  module->to(device);
  const Tensor x(uniform(module_case.input, 5, -1, 1).to(device), true);
  return value_and_gradients(
      device, [&](const Tensors& in) { return module->forward(in[0]); }, {x}, module->parameters());
}

TEST(Integration_05, EveryModuleRunsOnADevice) {
  for (const auto& cases : {module_cases(), spatial_module_cases(), attention_module_cases(),
                            transformer_module_cases(), compression_module_cases(), alignment_module_cases()}) {
    for (const ModuleCase& each : cases) {
      SCOPED_TRACE(each.name);
      const Arrays expected = run_module(each, Device::cpu);
      const CountingDevice device;
      const DeviceKernels kernels;
      try {
        expect_equal(run_module(each, gpu), expected, each.name);
      } catch (const DeviceError& error) {
        ADD_FAILURE() << each.name << " bypasses the primitives: " << error.what();
      }
    }
  }
}

using MakeOptimizer = std::function<std::unique_ptr<Optimizer>(const Tensors&)>;

Arrays three_steps(Device device, const MakeOptimizer& make) {
  const Tensors parameters = leaves_on(device, {uniform({3, 2}, 1, -1, 1), uniform({2}, 2, -1, 1)});
  const std::unique_ptr<Optimizer> optimizer = make(parameters);
  for (int step = 0; step < 3; ++step) {
    optimizer->zero_grad();
    (parameters[0] * parameters[0] + parameters[1]).backward(cotangent({3, 2}).to(device));
    clip_grad_norm(parameters, 0.9);
    optimizer->step();
  }
  Arrays values;
  for (const Tensor& each : parameters) values.push_back(each.value().cpu());
  return values;
}

TEST(Integration_06, EveryOptimizerStepsOnADevice) {
  const std::vector<std::pair<const char*, MakeOptimizer>> all{
      {"SGD", [](const Tensors& p) { return std::make_unique<SGD>(p, SGDOptions{.lr = 0.1, .momentum = 0.9}); }},
      {"RMSprop", [](const Tensors& p) { return std::make_unique<RMSprop>(p, RMSpropOptions{.momentum = 0.5}); }},
      {"Adam", [](const Tensors& p) { return std::make_unique<Adam>(p, AdamOptions{.lr = 0.1}); }},
      {"AdamW", [](const Tensors& p) { return std::make_unique<AdamW>(p, AdamWOptions{.lr = 0.1}); }},
  };
  for (const auto& [name, make] : all) {
    const Arrays expected = three_steps(Device::cpu, make);
    const CountingDevice device;
    const DeviceKernels kernels;
    expect_equal(three_steps(gpu, make), expected, name);
  }
}

// A step of a small GPT on the device: the batch goes in, the loss comes out, and nothing else travels.
TEST(Integration_13, AGptTrainsOnADevice) {
  const auto train = [](Device where, std::uint64_t* travelled) {
    Generator generator(3);
    GPT gpt({.vocabulary = 7, .context = 6, .width = 8, .layers = 2, .heads = 2}, generator);
    gpt.to(where);
    AdamW optimizer(gpt.parameters(), {.lr = 1e-2});
    const Indices ids({2, 6}, {0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1}), next({2, 6}, {1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0});
    std::vector<double> losses;
    for (int step = 0; step < 4; ++step) {
      const std::uint64_t before = transfers();
      const Tensor loss = cross_entropy(gpt.forward(ids.to(where)), next.to(where));
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      losses.push_back(static_cast<double>(loss.item()));
      if (travelled != nullptr) *travelled = transfers() - before;
    }
    return losses;
  };
  const std::vector<double> here = train(Device::cpu, nullptr);
  const CountingDevice device;
  const DeviceKernels kernels;
  std::uint64_t travelled = 0;
  const std::vector<double> there = train(gpu, &travelled);
  for (std::size_t i = 0; i < here.size(); ++i) EXPECT_NEAR(there[i], here[i], 1e-4 * here[i]) << "step " << i;
  EXPECT_LT(here.back(), here.front());
  EXPECT_LE(travelled, 12U)
      << "ids and labels in, labels looked at, the loss out, a causal mask for each of two layers";
}

}  // namespace
}  // namespace rushlight::test
