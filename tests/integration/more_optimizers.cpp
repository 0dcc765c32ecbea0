// What module 06 gives beside its own (more.hpp): AMSGrad against its formula in plain doubles, and StateComplaints.
#include "06_optimizers/more.hpp"

#include <cmath>

#include "06_optimizers/state_complaints.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// A gradient that is large once, and where Adam begins to forget it.
const std::vector<double> gradients{0.5, -8, 0.25, 0.5, -0.125, 0.25, 0.5, 0.25};

// The parameter after each step, in double precision.
std::vector<double> by_formula(double lambda, bool decoupled) {
  double theta = 1.5, m = 0, v = 0, largest = 0;
  std::vector<double> path;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const double t = static_cast<double>(i) + 1, g = gradients[i] + (decoupled ? 0 : lambda * theta);
    if (decoupled) theta -= 0.1 * lambda * theta;
    m = 0.8 * m + 0.2 * g;
    v = 0.7 * v + 0.3 * g * g;
    largest = std::fmax(largest, v);
    theta -= 0.1 * m / (1 - std::pow(0.8, t)) / (std::sqrt(largest / (1 - std::pow(0.7, t))) + 1e-3);
    path.push_back(theta);
  }
  return path;
}

template <class Optimizer>
std::vector<double> path_of(Optimizer& optimizer, Tensor& x) {
  std::vector<double> path;
  for (const double gradient : gradients) {
    x.set_grad(Array({1}, {static_cast<Real>(gradient)}));
    optimizer.step();
    path.push_back(static_cast<double>(x.value().data()[0]));
  }
  return path;
}

void expect_path(const std::vector<double>& actual, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 2e-6) << "step " << i + 1;
}

TEST(Integration_06, AMSGradDividesByTheLargestMeanSquareSoFar) {
  for (const double lambda : {0.0, 0.3}) {
    Tensor x(Array({1}, {1.5}), true), y(Array({1}, {1.5}), true);
    AMSGrad<Adam> coupled({x}, {.lr = 0.1, .betas = {0.8, 0.7}, .eps = 1e-3, .weight_decay = lambda});
    AMSGrad<AdamW> decoupled({y}, {.lr = 0.1, .betas = {0.8, 0.7}, .eps = 1e-3, .weight_decay = lambda});
    expect_path(path_of(coupled, x), by_formula(lambda, false));
    expect_path(path_of(decoupled, y), by_formula(lambda, true));
  }
}

TEST(Integration_06, AMSGradRemembersTheLargestInItsState) {
  Tensor x(Array({1}, {1.5}), true), y(Array({1}, {1.5}), true), z(Array({1}, {1.5}), true);
  const AdamOptions options{.lr = 0.1, .betas = {0.8, 0.7}, .eps = 1e-3};
  AMSGrad<Adam> first({x}, options), resumed({y}, options);
  path_of(first, x);
  y.set_value(x.value().clone());
  resumed.load_state_dict(first.state_dict());
  expect_path(path_of(resumed, y), path_of(first, x));
  Adam plain({z}, options);
  EXPECT_THROW(plain.load_state_dict(first.state_dict()), Error) << "Adam has no place for the largest";
}

TEST(Integration_06, AMSGradWithoutDecayLeavesABrokenWeightAlone) {  // as adam_loop: 0 · inf would be NaN
  Tensor x(Array({2}, {inf, nan}), true), y(Array({2}, {inf, nan}), true);
  AMSGrad<Adam> coupled({x}, {.lr = 0.1});
  AMSGrad<AdamW> decoupled({y}, {.lr = 0.1, .weight_decay = 0});
  x.set_grad(ones({2}));
  y.set_grad(ones({2}));
  coupled.step();
  decoupled.step();
  for (const Tensor& weight : {x, y}) EXPECT_EQ(weight.value().data()[0], inf);
  for (const auto& state : {coupled.state_dict(), decoupled.state_dict()}) {
    for (const auto& [name, array] : state.arrays) {
      for (const double each : to_doubles(array)) EXPECT_TRUE(std::isfinite(each)) << name << " holds " << each;
    }
  }
}

// What is expected: a number "n" and an array "a" of shape ().
void compare(const OptimizerState& state) {
  StateComplaints complaints(state);
  complaints.expect_number("n");
  complaints.expect_array("a", {});
  complaints.throw_if_any("Plain");
}

TEST(Integration_06, StatesAreComparedEntryByEntry) {
  const OptimizerState good{.optimizer = "Plain", .numbers = {{"n", 1}}, .arrays = {{"a", Array::scalar(1)}}};
  compare(good);
  OptimizerState bad = good;
  bad.numbers["a"] = 1;
  EXPECT_THROWS_WITH(compare(bad), ValueError, "unexpected: a");
  bad = good;
  bad.arrays["n"] = Array::scalar(1);
  EXPECT_THROWS_WITH(compare(bad), ValueError, "unexpected: n");
  bad = good;
  bad.arrays.at("a") = Array();
  EXPECT_THROWS_WITH(compare(bad), ValueError, "a: ", "undefined");
  bad.arrays.clear();
  bad.numbers.clear();
  EXPECT_THROWS_WITH(compare(bad), ValueError, "missing: n", "missing: a");
}

}  // namespace
}  // namespace rushlight::test
