// init.cpp: how parameters start. A sum over `in` independent terms has `in` times the variance of one term, so weights
// of deviation about 1/√in keep the size of what flows through a layer.
#include "03_layers/init.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 03.3 constant_  every number becomes `value`
// Hint: parameter.set_value(Array::full(...)). It replaces the value and keeps the tensor's place in the graph.
void constant_(Tensor& parameter, Real value) { parameter.set_value(Array::full(parameter.shape(), value)); }

// 03.3 zeros_, ones_
// Hint: constant_.
void zeros_(Tensor& parameter) { constant_(parameter, 0); }
void ones_(Tensor& parameter) {
  // solution 03.3
  constant_(parameter, 1);
  // end solution
}

// 03.3 uniform_, normal_  numbers from U(low, high) and from N(mean, deviation²)
// Hint: rand and randn in random.hpp make such Arrays.
void uniform_(Tensor& parameter, Generator& generator, double low, double high) {
  parameter.set_value(rand(parameter.shape(), generator, low, high));
}
void normal_(Tensor& parameter, Generator& generator, double mean, double deviation) {
  // solution 03.3
  parameter.set_value(randn(parameter.shape(), generator, mean, deviation));
  // end solution
}

// 03.3 fans_of  (O, I, kernel...) -> in = I·kernel, out = O·kernel
// Hint: the kernel is the product of all axes from the third on; 1 for a matrix.
Fans fans_of(const Shape& weight) {
  if (weight.rank() < 2) {
    throw ShapeError("fans_of: a weight of shape {} has no fan-in and fan-out: needs (out, in, ...).", {weight});
  }
  // solution 03.3
  std::int64_t kernel = 1;
  for (int axis = 2; axis < weight.rank(); ++axis) kernel *= weight[axis];
  return {.in = weight[1] * kernel, .out = weight[0] * kernel};
  // end solution
}

namespace {  // solution

double xavier_deviation(const Shape& weight, double gain) {
  const Fans fans = fans_of(weight);
  return gain * std::sqrt(2.0 / static_cast<double>(fans.in + fans.out));
}

double kaiming_deviation(const Shape& weight, KaimingOptions options) {
  const Fans fans = fans_of(weight);
  const auto fan = static_cast<double>(options.fan_out ? fans.out : fans.in);
  return std::sqrt(2.0 / (1 + options.a * options.a) / fan);
}

// U(-b, b) has deviation b/√3.
double bound_for(double deviation) { return std::sqrt(3.0) * deviation; }

}  // namespace

// 03.3 xavier_uniform_, xavier_normal_  deviation gain·√(2 / (in + out))
// Hint: U(-b, b) has deviation b/√3; so b = √3 · deviation.
void xavier_uniform_(Tensor& weight, Generator& generator, double gain) {
  const double bound = bound_for(xavier_deviation(weight.shape(), gain));
  uniform_(weight, generator, -bound, bound);
}
void xavier_normal_(Tensor& weight, Generator& generator, double gain) {
  // solution 03.3
  normal_(weight, generator, 0, xavier_deviation(weight.shape(), gain));
  // end solution
}

// 03.3 kaiming_uniform_, kaiming_normal_  deviation √(2 / (1 + a²)) / √fan, where fan is `in` unless options.fan_out
// Hint: one helper for the deviation serves both.
void kaiming_uniform_(Tensor& weight, Generator& generator, KaimingOptions options) {
  const double bound = bound_for(kaiming_deviation(weight.shape(), options));
  uniform_(weight, generator, -bound, bound);
}
void kaiming_normal_(Tensor& weight, Generator& generator, KaimingOptions options) {
  // solution 03.3
  normal_(weight, generator, 0, kaiming_deviation(weight.shape(), options));
  // end solution
}

}  // namespace rushlight
