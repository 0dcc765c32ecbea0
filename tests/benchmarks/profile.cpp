// profile.cpp: training steps of a network under the profiler of module 14, for `rush profile` and `rush bench profiling`.
//   profile NETWORK [--steps N] [--accelerated]          prints one JSON object: tables, rows, trace and pictures
//   profile NETWORK --cost [--rounds N] [--accelerated]  steps without, without, and with a tracer, in turns
// Exit status 3: a task is still a blank; the object says which.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "01_tensor/todo.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "09_spatial/spatial.hpp"
#include "13_transformers/transformer.hpp"
#include "14_profiling/profiling.hpp"
#include "18_acceleration/acceleration.hpp"
#include "networks.hpp"

namespace {

using namespace rushlight;
using Json = nlohmann::ordered_json;

// A network with a batch to train it on.
struct Subject {
  std::unique_ptr<Module> model;
  std::int64_t batch;
  ForwardPass forward;  // of the first examples of the batch
  Indices labels;
  std::unique_ptr<Optimizer> optimizer;
};

Indices ids_of(const char* name, const Shape& shape, std::int64_t limit) {
  Indices ids(shape);
  const std::vector<std::int64_t> numbers = benchmarks::integers(name, shape.numel(), limit);
  std::copy(numbers.begin(), numbers.end(), ids.mutable_data().begin());
  return ids;
}

Tensor images(std::int64_t examples, const Shape& rest) {
  Shape shape{examples};
  for (const std::int64_t size : rest) shape.push_back(size);
  const std::vector<float> numbers = benchmarks::uniform("images", shape.numel(), 1.0);
  return Tensor(Array(shape, std::vector<Real>(numbers.begin(), numbers.end())));
}

Subject with_images(Sequential network, std::int64_t batch, const Shape& image, std::int64_t classes) {
  Subject made{.model = std::make_unique<Sequential>(std::move(network)),
               .batch = batch,
               .forward = {},
               .labels = ids_of("labels", {batch}, classes),
               .optimizer = {}};
  made.forward = [model = made.model.get(), image, batch, all = images(batch, image)](std::int64_t examples) {
    return model->forward(examples == batch ? all : images(examples, image));
  };
  made.optimizer = std::make_unique<Adam>(made.model->parameters(), AdamOptions{.lr = 1e-3});
  return made;
}

Subject mlp() {
  const benchmarks::MlpSizes& net = benchmarks::mlp_b;
  Generator g(0);
  return with_images(Sequential{Linear({.in = net.inputs, .out = net.layers[0]}, g), Relu(),
                                Linear({.in = net.layers[0], .out = net.layers[1]}, g), Relu(),
                                Linear({.in = net.layers[1], .out = net.layers[2]}, g)},
                     net.batch, {net.inputs}, net.layers[2]);
}

Subject cnn() {
  const benchmarks::CnnSizes& net = benchmarks::cnn_c;
  Generator g(0);
  const std::int64_t side = net.side / 4;
  return with_images(
      Sequential{Conv2d({.in = net.channels[0], .out = net.channels[1], .kernel = 3, .padding = 1}, g), Relu(),
                 MaxPool2d(), Conv2d({.in = net.channels[1], .out = net.channels[2], .kernel = 3, .padding = 1}, g),
                 Relu(), MaxPool2d(), Flatten(), Linear({.in = net.channels[2] * side * side, .out = net.classes}, g)},
      net.batch, {net.channels[0], net.side, net.side}, net.classes);
}

Subject gpt() {
  const benchmarks::GptSizes& net = benchmarks::gpt_d;
  Generator g(0);
  auto model = std::make_unique<GPT>(GPTOptions{.vocabulary = net.vocabulary,
                                                .context = net.tokens,
                                                .width = net.width,
                                                .layers = net.layers,
                                                .heads = net.heads},
                                     g);
  Subject made{.model = {},
               .batch = net.batch,
               .forward = {},
               .labels = ids_of("labels", {net.batch, net.tokens}, net.vocabulary),
               .optimizer = std::make_unique<AdamW>(model->parameters(), AdamWOptions{.lr = 3e-4})};
  const auto ids = [net](std::int64_t examples) { return ids_of("ids", {examples, net.tokens}, net.vocabulary); };
  made.forward = [model = model.get(), ids, net, all = ids(net.batch)](std::int64_t examples) {
    return model->forward(examples == net.batch ? all : ids(examples));
  };
  made.model = std::move(model);
  return made;
}

const std::map<std::string, Subject (*)()> networks{{"mlp", mlp}, {"cnn", cnn}, {"gpt", gpt}};

// Milliseconds that this process has computed. What others do to the clock is in the time of a step, and none of it here.
double processor_ms() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// One training step, its parts named where somebody listens. What it took of the processor, in ms.
double step(Subject& subject, Tracer* tracer = nullptr) {
  const auto part = [tracer](const char* name, const std::function<void()>& work) {
    if (tracer == nullptr) return work();
    const Tracer::Span span(*tracer, name);
    work();
  };
  const double start = processor_ms();
  Tensor loss;
  subject.optimizer->zero_grad();
  part("forward", [&] { loss = cross_entropy(subject.forward(subject.batch), subject.labels); });
  part("backward", [&] { loss.backward(); });
  part("optimizer", [&] { subject.optimizer->step(); });
  return processor_ms() - start;
}

Json as_json(const CostSum& cost) {
  return {{"flops", cost.flops},
          {"bytes", cost.bytes},
          {"unknown_flops", cost.unknown_flops},
          {"unknown_bytes", cost.unknown_bytes}};
}

Json rows_of(const Trace& trace) {
  Json ops = Json::array(), modules = Json::array();
  for (const OpRow& row : by_op(trace)) {
    ops.push_back({{"op", row.op},
                   {"phase", name_of(row.phase)},
                   {"calls", row.calls},
                   {"ns", row.ns},
                   {"cost", as_json(row.cost)}});
  }
  for (const ModuleRow& row : by_module(trace)) {
    modules.push_back({{"path", row.path},
                       {"own_ns", row.own_ns},
                       {"forward_ns", row.forward_ns},
                       {"backward_ns", row.backward_ns},
                       {"cost", as_json(row.cost)}});
  }
  return {{"ops", std::move(ops)}, {"modules", std::move(modules)}};
}

Json profile(Subject& subject, std::int64_t steps) {
  const Summary ahead = summary(*subject.model, subject.batch, subject.forward);
  step(subject), step(subject);  // memory has been asked for before, caches are warm
  Tracer tracer;
  tracer.watch(*subject.model);
  tracer.start();
  for (std::int64_t i = 0; i < steps; ++i) step(subject, &tracer);
  const Trace trace = tracer.stop();
  const Machine machine = measure_machine();
  const std::vector<RooflinePoint> points = roofline(by_op(trace), machine);
  Json report{{"steps", steps},
              {"duration_ns", trace.duration_ns},
              {"in_ops_ns", trace.in_events_ns()},
              {"peak_bytes", trace.peak_bytes},
              {"convention", flop_convention},
              {"machine", {{"flops_per_s", machine.flops_per_s}, {"bytes_per_s", machine.bytes_per_s}}}};
  report.update(rows_of(trace));
  report["parameters"] = subject.model->parameter_count();
  report["predicted"] = {{"flops", ahead.rows.at(0).flops},
                         {"rule_flops", ahead.rows.at(0).rule_flops},
                         {"activation_bytes", ahead.activation_bytes}};
  report["text"] = {to_text(ahead), table_by_op(trace), table_by_module(trace)};
  report["files"] = {{"trace.json", chrome_trace(trace)},
                     {"flame.svg", flame_svg(trace)},
                     {"roofline.svg", roofline_svg(points, machine)}};
  return report;
}

// Three equal networks in turns: two as they are, which shows what chance does, and one with a tracer.
Json cost(Subject (*make)(), std::int64_t rounds) {
  Subject plain = make(), again = make(), watched = make();
  Tracer tracer;
  tracer.watch(*watched.model);
  Json off = Json::array(), off_again = Json::array(), on = Json::array();
  std::int64_t events = 0;
  const auto under_tracer = [&] {
    tracer.start();
    const double ms = step(watched, &tracer);
    events = static_cast<std::int64_t>(tracer.stop().events.size());
    return ms;
  };
  step(plain), step(again), under_tracer();
  for (std::int64_t round = 0; round < rounds; ++round) {
    off.push_back(step(plain));
    on.push_back(under_tracer());
    off_again.push_back(step(again));
  }
  return {{"events", events}, {"off_ms", off}, {"off_again_ms", off_again}, {"on_ms", on}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"training steps under the profiler"};
  std::string network;
  std::int64_t steps = 3, rounds = 40;
  bool accelerated = false, only_cost = false;
  app.add_option("network", network)->required()->check(CLI::IsMember({"mlp", "cnn", "gpt"}));
  app.add_option("--steps", steps)->check(CLI::Range(1, 1000));
  app.add_option("--rounds", rounds)->check(CLI::Range(1, 100000));
  app.add_flag("--accelerated", accelerated);
  app.add_flag("--cost", only_cost);
  CLI11_PARSE(app, argc, argv);
  try {
    if (accelerated) accelerate();
    if (only_cost) {
      std::cout << cost(networks.at(network), rounds).dump() << "\n";
      return 0;
    }
    Subject subject = networks.at(network)();
    std::cout << profile(subject, steps).dump() << "\n";
    return 0;
  } catch (const Todo& blank) {
    std::cout << Json{{"todo", blank.id}}.dump() << "\n";
    return 3;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
