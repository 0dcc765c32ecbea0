// ranks.cpp: what `rush ranks` and `rush bench ranks` run, started by mpirun or srun.
//   ranks train [--steps N] [--network mlp|cnn] [--batch B] [--seed S] [--data FOLDER] [--file RUN] [--resume] [--save-every N] [--agree-every N]
//   ranks bench [--steps N] [--rounds N]
// Rank 0 prints one JSON object a line. Status: 0 done, 1 a rank failed, whose message says which.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "03_layers/activation_layers.hpp"
#include "03_layers/sequential.hpp"
#include "06_optimizers/adam.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "21_distributed/distributed.hpp"
#include "common/lenet.hpp"

namespace rushlight {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::int64_t steps = 200, batch = 64, save_every = 50, agree_every = 100, rounds = 21;
  std::uint64_t seed = 1;
  std::string network = "mlp", data, file;
  bool resume = false;
};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void print(const World& world, const Json& line) {
  if (world.rank() != 0) return;
  std::puts(line.dump().c_str());
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::shared_ptr<const Dataset> images(const Options& options, Split split) {
  const DataSource source = find_fashion_mnist(options.data);
  return std::make_shared<ImageDataset>(fashion_mnist(source, split), Transforms{.normalize = fashion_mnist_normalize(),
                                                                                 .flatten = options.network == "mlp"});
}

// That of the milestone of this name; mlp has 235,146 numbers, 0.9 MB.
Sequential network(const Options& options) {
  Generator random(options.seed);
  if (options.network == "cnn") return milestone::lenet(random);
  return Sequential{Linear({.in = 784, .out = 256}, random), Relu(), Linear({.in = 256, .out = 128}, random), Relu(),
                    Linear({.in = 128, .out = 10}, random)};
}

Json as_json(const std::vector<Straggler>& slow) {
  Json all = Json::array();
  for (const Straggler& each : slow) all.push_back({{"rank", each.rank}, {"times_slower", each.times_slower}});
  return all;
}

// What every rank has must be the same: a model that has gone apart trains on, badly.
void report_agreement(World& world, Module& net, std::int64_t step) {
  require_agreement(world, net);
  if (world.rank() == 0) print(world, {{"event", "agreement"}, {"step", step}, {"checksum", checksum(net)}});
}

void train(World& world, const Options& options) {
  Sequential net = network(options);
  DistributedLoader data(images(options, Split::train),
                         {.batch_size = options.batch, .shuffle = true, .seed = options.seed}, world.rank(),
                         world.size());
  DataParallel parallel(world, net);
  Adam optimizer(net.parameters(), {.lr = 1e-3});
  Progress progress;
  const RunParts parts{net, optimizer, data, progress};
  if (options.resume) load_run(world, options.file, parts);
  print(world,
        {{"event", "start"}, {"ranks", world.size()}, {"step", progress.step}, {"buckets", parallel.buckets().size()}});
  double own = 0;
  while (progress.step < options.steps) {
    Batch batch;
    if (!data.next(batch)) {
      data.start_epoch(++progress.epoch);
      progress.epoch_step = 0;
      data.next(batch);
    }
    const StepResult result = parallel.backward(cross_entropy_of, batch);
    optimizer.step();
    ++progress.step;
    ++progress.epoch_step;
    own += parallel.times().backward;
    if (progress.step % 10 == 0) {
      const Json slow = as_json(stragglers(world, own));
      own = 0;
      print(world, {{"event", "progress"}, {"step", progress.step}, {"loss", result.loss}, {"stragglers", slow}});
    }
    if (progress.step % options.agree_every == 0) report_agreement(world, net, progress.step);
    if (!options.file.empty() && (progress.step % options.save_every == 0 || progress.step == options.steps)) {
      save_run(world, options.file, parts);
    }
  }
  require_agreement(world, net);
  world.set_patience(600);  // for rank 0, which looks at all of the test images
  if (world.rank() == 0) {
    DataLoader test(images(options, Split::test), {.batch_size = 500});
    const Evaluation evaluation = evaluate(net, cross_entropy_of, test);
    print(world, {{"event", "result"},
                  {"accuracy", evaluation.accuracy},
                  {"loss", evaluation.loss},
                  {"checksum", checksum(net)}});
  }
  world.barrier();
}

// ---- measuring

template <class Act>
double timed(World& world, std::int64_t rounds, const Act& act) {  // the median, after one that does not count
  std::vector<double> seconds;
  for (std::int64_t round = 0; round <= rounds; ++round) {
    world.barrier();
    const double start = now();
    act();
    if (round > 0) seconds.push_back(now() - start);
  }
  return median(seconds);
}

Json messages(World& world, const Options& options) {
  Json points = Json::array();
  for (const std::size_t size : {1u, 256u, 4096u, 16384u, 65536u, 262144u, 1048576u}) {
    std::vector<Real> numbers(size, 1), arrived(size, 1);
    const auto exchange = [&] {  // as in a step of a ring: everybody sends and receives at once
      Request sent = world.start_send(numbers, (world.rank() + 1) % world.size());
      world.receive(arrived, (world.rank() + world.size() - 1) % world.size());
      sent.wait();
    };
    const auto add = [&] {
      for (std::size_t i = 0; i < size; ++i) numbers[i] += arrived[i];
    };
    Json point{{"bytes", size * sizeof(Real)}};
    point["exchange"] = timed(world, options.rounds, exchange);
    point["add"] = timed(world, options.rounds, add);
    point["ring"] = timed(world, options.rounds, [&] { ring_all_reduce(world, numbers); });
    points.push_back(point);
  }
  return points;
}

// Seconds of a step, and those of them that it waits for sums; without overlap nothing hides these.
Json steps(World& world, const Options& options, const DataParallelOptions& how) {
  Sequential net = network(options);
  DistributedLoader data(images(options, Split::train), {.batch_size = options.batch, .shuffle = true}, world.rank(),
                         world.size());
  DataParallel parallel(world, net, how);
  Adam optimizer(net.parameters(), {.lr = 1e-3});
  std::vector<double> whole, waiting;
  for (std::int64_t step = 0; step <= options.steps; ++step) {
    Batch batch;
    if (!data.next(batch)) {
      data.start_epoch(data.state().epoch + 1);
      data.next(batch);
    }
    world.barrier();
    const double start = now();
    parallel.backward(cross_entropy_of, batch);
    optimizer.step();
    if (step == 0) continue;
    whole.push_back(now() - start);
    waiting.push_back(parallel.times().waiting);
  }
  return {{"step", median(whole)},
          {"waiting", median(waiting)},
          {"early", parallel.times().early},
          {"buckets", parallel.buckets().size()}};
}

void bench(World& world, const Options& options) {
  Json report{{"event", "bench"},
              {"ranks", world.size()},
              {"batch", options.batch},
              {"numbers", network(options).parameter_count()}};
  if (world.size() > 1) report["messages"] = messages(world, options);
  report["steps"] = Json::array();
  for (const std::int64_t kib : {64, 256, 1024}) {
    report["steps"].push_back({{"bucket_kib", kib},
                               {"overlap", steps(world, options, {.bucket_bytes = kib << 10})},
                               {"apart", steps(world, options, {.bucket_bytes = kib << 10, .overlap = false})}});
  }
  print(world, report);
}

}  // namespace
}  // namespace rushlight

int main(int argc, char** argv) {
  using namespace rushlight;
  CLI::App app{"Training on several processes."};
  Options options;
  app.require_subcommand(1);
  CLI::App* training = app.add_subcommand("train");
  CLI::App* measuring = app.add_subcommand("bench");
  for (CLI::App* each : {training, measuring}) {
    each->add_option("--steps", options.steps)->check(CLI::PositiveNumber);
    each->add_option("--batch", options.batch)->check(CLI::PositiveNumber);
    each->add_option("--data", options.data);
  }
  training->add_option("--seed", options.seed);
  training->add_option("--network", options.network)->check(CLI::IsMember({"mlp", "cnn"}));
  training->add_option("--save-every", options.save_every)->check(CLI::PositiveNumber);
  training->add_option("--agree-every", options.agree_every)->check(CLI::PositiveNumber);
  CLI::Option* file = training->add_option("--file", options.file);
  training->add_flag("--resume", options.resume)->needs(file);
  measuring->add_option("--rounds", options.rounds)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return run_job([&](World& world) { *training ? train(world, options) : bench(world, options); });
}
