// helpers.hpp: traces made by hand, and networks to look at.
#pragma once

#include "03_layers/layers.hpp"
#include "09_spatial/spatial.hpp"
#include "13_transformers/transformer.hpp"
#include "14_profiling/profiling.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

constexpr auto real_bytes = static_cast<std::int64_t>(sizeof(Real));

// A forward event of an op in a module, with these times.
inline TraceEvent event_of(const char* op, std::int64_t start, std::int64_t end, std::int32_t module = 0,
                           Phase phase = Phase::forward) {
  TraceEvent event{.op = op,
                   .phase = phase,
                   .start_ns = start,
                   .end_ns = end,
                   .inputs = {},
                   .output = {},
                   .cost = {},
                   .rule_cost = {},
                   .owners = {}};
  event.module = module;
  return event;
}

inline TraceEvent costing(TraceEvent event, std::optional<std::int64_t> flops, std::optional<std::int64_t> bytes) {
  event.cost = {flops, bytes};
  return event;
}

// The modules of a small transformer, as they stand in members(), and the places of theirs.
constexpr std::int32_t embed = 1, block0 = 2, attn = 3, q = 4, k = 5, mlp = 6, fc1 = 7, fc2 = 8, block1 = 9, mlp1 = 10,
                       block10 = 11, head = 12;
inline const std::vector<std::string>& small_modules() {
  static const std::vector<std::string> modules{"",
                                                "embed",
                                                "blocks.0",
                                                "blocks.0.attn",
                                                "blocks.0.attn.q",
                                                "blocks.0.attn.k",
                                                "blocks.0.mlp",
                                                "blocks.0.mlp.fc1",
                                                "blocks.0.mlp.fc2",
                                                "blocks.1",
                                                "blocks.1.mlp",
                                                "blocks.10",
                                                "head"};
  return modules;
}

inline Sequential small_mlp(std::uint64_t seed = 1) {
  Generator g(seed);
  return Sequential{Linear({.in = 6, .out = 8}, g), Relu(), Linear({.in = 8, .out = 3}, g)};
}

inline Sequential small_cnn(std::uint64_t seed = 1) {
  Generator g(seed);
  return Sequential{Conv2d({.in = 2, .out = 4, .kernel = 3, .padding = 1}, g),
                    BatchNorm2d({.features = 4}),
                    Relu(),
                    MaxPool2d(),
                    Conv2d({.in = 4, .out = 4, .kernel = 3, .groups = 2}, g),
                    Flatten(),
                    Linear({.in = 16, .out = 3}, g)};
}

inline GPT small_gpt(double dropout = 0, std::uint64_t seed = 1) {
  Generator g(seed);
  return GPT({.vocabulary = 11, .context = 8, .width = 8, .layers = 2, .heads = 2, .dropout = dropout}, g);
}

inline Indices some_ids(std::int64_t batch, std::int64_t tokens = 6) {
  Indices ids(Shape{batch, tokens});
  std::int32_t next = 3;
  for (std::int32_t& id : ids.mutable_data()) id = next = (next * 7 + 2) % 11;
  return ids;
}

using Shapes = std::vector<Shape>;

inline Work forward(std::string_view op, Shapes inputs, Shape output) {
  return {.op = op, .phase = Phase::forward, .inputs = std::move(inputs), .output = output};
}

inline Work backward(std::string_view op, Shapes inputs, Shape output, std::vector<bool> needs,
                     Save save = Save::nothing) {
  return {.op = op,
          .phase = Phase::backward,
          .inputs = std::move(inputs),
          .output = output,
          .needs = std::move(needs),
          .save = save};
}

}  // namespace rushlight::test
