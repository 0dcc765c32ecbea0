// networks.hpp: small models and losses of the cases on ranks.
#pragma once

#include <cmath>

#include "03_layers/layers.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "ranks.hpp"

namespace rushlight::test {

// 3 -> 5 -> 4 classes; `unused` takes part in nothing.
struct SmallNet : Module {
  explicit SmallNet(std::uint64_t seed) : SmallNet(Generator(seed)) {}
  explicit SmallNet(Generator random)
      : first({.in = 3, .out = 5}, random),
        second({.in = 5, .out = 4}, random),
        unused(rushlight::randn({6}, random), true) {}
  Tensor forward(const Tensor& x) override { return second(tanh(first(x))); }
  void members(Members& m) override {
    m("first", first);
    m("second", second);
    m("unused", unused);
  }
  Linear first, second;
  Tensor unused;
};

inline Batch some_batch(std::int64_t count, std::uint64_t seed) {
  Generator random(seed);
  Batch batch{rushlight::randn({count, 3}, random), Indices({count})};
  for (std::int32_t& label : batch.labels.mutable_data()) label = static_cast<std::int32_t>(random.below(4));
  return batch;
}

// The rows of a batch at these places.
inline Batch rows_of(const Batch& batch, const std::vector<std::int64_t>& places) {
  const auto count = static_cast<std::int64_t>(places.size()), width = batch.inputs.size() / batch.size();
  Batch part{Array({count, width}), Indices({count})};
  for (std::int64_t row = 0; row < count; ++row) {
    const std::int64_t from = places[static_cast<std::size_t>(row)];
    for (std::int64_t i = 0; i < width; ++i) {
      part.inputs.mutable_data()[row * width + i] = batch.inputs.data()[from * width + i];
    }
    part.labels.mutable_data()[row] = batch.labels.data()[from];
  }
  return part;
}

// This rank's rows of a batch that all ranks make alike: those from rank·n/R on.
inline Batch own_rows(const Batch& batch, int rank, int ranks) {
  std::vector<std::int64_t> places;
  for (std::int64_t i = batch.size() * rank / ranks; i < batch.size() * (rank + 1) / ranks; ++i) places.push_back(i);
  return rows_of(batch, places);
}

inline json gradients_of(Module& model) {
  json all = json::object();
  for (const auto& [name, parameter] : model.named_parameters()) {
    all[name] = parameter.grad().defined() ? json(to_doubles(parameter.grad())) : json();
  }
  return all;
}

inline json values_of(Module& model) {
  json all = json::object();
  for (const auto& [name, array] : model.state_dict()) all[name] = to_doubles(array);
  return all;
}

// Whether two nested lists of numbers agree.
inline testing::AssertionResult close(const json& a, const json& b, double rtol, double atol = 1e-7) {
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>(), y = b.get<double>();
    if (std::abs(x - y) <= atol + rtol * std::abs(y)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << x << " is not " << y;
  }
  if (a.type() != b.type() || a.size() != b.size()) {
    return testing::AssertionFailure() << a.dump() << " is not of the form of " << b.dump();
  }
  if (!a.is_structured())
    return a == b ? testing::AssertionSuccess() : testing::AssertionFailure() << a << " is not " << b;
  for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y) {
    if (auto result = close(*x, *y, rtol, atol); !result) {
      return result << (a.is_object() ? " in " + x.key() : "");
    }
  }
  return testing::AssertionSuccess();
}

}  // namespace rushlight::test
