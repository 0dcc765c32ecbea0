// fake_quantize.hpp: training that knows it will be rounded. Forward computes with the numbers that int8 would have kept;
// backward pretends that rounding was not there (the straight-through estimator; Bengio et al., 2013; Jacob et al., 2018).
#pragma once

#include <vector>

#include "03_layers/linear.hpp"
#include "16_quantization/quantize_model.hpp"

namespace rushlight {

// --- 16.8 (fake_quantize.cpp) ------------------------------------------------------------------------------------------

// x -> dequantize(quantize(x)), same shape; one op, "fake_quantize".
//   dL/dx = G where lowest <= round(x/scale) + zero_point <= 127, else 0
// NaN stays NaN, so that a training run that broke shows it; its gradient is 0.
Tensor fake_quantize(const Tensor& x, const QParams& params);

// The same with one QParams for every place along axis 0 of x (a weight's outputs). Throws ShapeError that names
// the shape of x and how many params there are, unless these agree.
Tensor fake_quantize(const Tensor& x, const std::vector<QParams>& params);

// A Linear that computes as its quantised self will, and learns: weight and bias are the very tensors of the layer it
// stands in for. forward, x (..., I) -> (..., O):
//   in training, `observer` sees x first
//   linear(fake_quantize(x, the observer's QParams), fake_quantize(weight, per row, symmetric, by its range now), bias)
// Before the observer has seen a number (a model put into evaluation at once), x is not rounded.
class FakeQuantLinear : public Module {
 public:
  FakeQuantLinear(const Tensor& weight, const Tensor& bias, std::unique_ptr<Observer> observer);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;                              // none: the layer itself lists weight and bias
  const std::optional<QParams>& input() const { return input_; }  // as of the last forward in training

 private:
  Tensor weight_, bias_;
  std::unique_ptr<Observer> observer_;
  std::optional<QParams> input_;
};

// Puts a FakeQuantLinear in the place of every Linear that quantize(model, config) would quantise and that has no
// stand-in yet. Train as ever; then quantize(model, config) makes the real thing. Returns how many. Each gets an
// observer of its own from config.observer. Throws ValueError that names the format when config.weights is not int8,
// what quantize() throws about `skip`.
std::int64_t prepare_qat(Module& model, const QuantizeConfig& config = {.observer = [] {
                                          return std::make_unique<MovingAverageMinMaxObserver>();
                                        }});

// --- given (report.cpp) ------------------------------------------------------------------------------------------------

// Whether `skip` names this path or something around it; check_skip: ValueError for an entry that is no module's path.
bool is_skipped(const std::string& path, const std::vector<std::string>& skip);
void check_skip(Module& model, const std::vector<std::string>& skip);

}  // namespace rushlight
