// init.cpp: how parameters start. A sum over `in` independent terms has `in` times the variance of one term, so weights
// of deviation about 1/√in keep the size of what flows through a layer.
#include "03_layers/init.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 03.3 constant_  every number becomes `value`
// Hint: parameter.set_value(Array::full(...)). It replaces the value and keeps the tensor's place in the graph.
void constant_(Tensor& parameter, Real value) {
  todo("03.3");
}

// 03.3 zeros_, ones_
// Hint: constant_.
void zeros_(Tensor& parameter) {
  todo("03.3");
}
void ones_(Tensor& parameter) {
  todo("03.3");
}

// 03.3 uniform_, normal_  numbers from U(low, high) and from N(mean, deviation²)
// Hint: rand and randn in random.hpp make such Arrays.
void uniform_(Tensor& parameter, Generator& generator, double low, double high) {
  todo("03.3");
}
void normal_(Tensor& parameter, Generator& generator, double mean, double deviation) {
  todo("03.3");
}

// 03.3 fans_of  (O, I, kernel...) -> in = I·kernel, out = O·kernel
// Hint: the kernel is the product of all axes from the third on; 1 for a matrix.
Fans fans_of(const Shape& weight) {
  if (weight.rank() < 2) {
    throw ShapeError("fans_of: a weight of shape {} has no fan-in and fan-out: needs (out, in, ...).", {weight});
  }
  todo("03.3");
}

// 03.3 xavier_uniform_, xavier_normal_  deviation gain·√(2 / (in + out))
// Hint: U(-b, b) has deviation b/√3; so b = √3 · deviation.
void xavier_uniform_(Tensor& weight, Generator& generator, double gain) {
  todo("03.3");
}
void xavier_normal_(Tensor& weight, Generator& generator, double gain) {
  todo("03.3");
}

// 03.3 kaiming_uniform_, kaiming_normal_  deviation √(2 / (1 + a²)) / √fan, where fan is `in` unless options.fan_out
// Hint: one helper for the deviation serves both.
void kaiming_uniform_(Tensor& weight, Generator& generator, KaimingOptions options) {
  todo("03.3");
}
void kaiming_normal_(Tensor& weight, Generator& generator, KaimingOptions options) {
  todo("03.3");
}

}  // namespace rushlight
