// What `rush compare gpt --devices` and `rush milestone transformer --device` run: the transformer of the 2017 milestone, made small, learns to write digits
// backwards, once on the CPU and once on module 22's device, from the same start, on the same batches. Prints one line of
// JSON: the device, the losses of each step, and how often a step of the device copied to it or from it.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "2017_transformer/reversal.hpp"
#include "22_cuda/cuda.hpp"

namespace rushlight {
namespace {

using milestone::Reversal;

struct Size {
  std::int64_t steps = 6, batch = 2, width = 16;
  std::uint64_t seed = 1;
};

struct Run {
  std::vector<double> losses;
  std::uint64_t transfers = 0;  // of the last step
};

Run train(Device where, const Size& size) {
  Generator start(size.seed), digits(size.seed + 1);
  GPT gpt(
      {.vocabulary = Reversal::vocabulary, .context = Reversal::context, .width = size.width, .layers = 2, .heads = 2},
      start);
  gpt.to(where);
  Adam optimizer(gpt.parameters(), {.lr = 2e-3});
  Run run;
  for (std::int64_t step = 0; step < size.steps; ++step) {
    const milestone::ReversalBatch here = Reversal::batch(size.batch, digits);
    const std::uint64_t before = transfers();
    const std::vector<Indices> batch = Indices::to(where, {here.inputs, here.targets});
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(gpt(batch[0]), batch[1]);
    loss.backward();
    optimizer.step();
    run.losses.push_back(static_cast<double>(loss.item()));
    run.transfers = transfers() - before;
  }
  return run;
}

int run(int argc, char** argv) {
  Size size;
  CLI::App app("Trains a small transformer on the CPU and on a device, and prints both loss curves.");
  app.add_option("--steps", size.steps);
  app.add_option("--batch", size.batch);
  app.add_option("--width", size.width);
  app.add_option("--seed", size.seed);
  CLI11_PARSE(app, argc, argv);
  cuda::install();  // first: without a device nobody wants to wait for the CPU
  const Run here = train(Device::cpu, size);
  const Run there = train(Device::cuda, size);
  const nlohmann::json result{
      {"device", cuda::device_name()}, {"cpu", here.losses}, {"losses", there.losses}, {"transfers", there.transfers}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace rushlight

int main(int argc, char** argv) {
  try {
    return rushlight::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
