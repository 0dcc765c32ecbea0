// install.cpp: given. The device and its kernels take their places; remove() empties them.
#include "02_activations/activations.hpp"
#include "03_layers/layer_norm.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "07_training/clip.hpp"
#include "12_attention/attention.hpp"
#include "22_cuda/attention.hpp"
#include "22_cuda/fused_adamw.hpp"
#include "22_cuda/table.hpp"

namespace rushlight::cuda {
namespace {

using table::fresh;

Array gelu(const Array& x, GeluApproximation approximation) {
  return table::map(approximation == GeluApproximation::tanh ? Unary::gelu_tanh : Unary::gelu, x);
}

Array gelu_gradient(const Array& grad, const Array& x, GeluApproximation approximation) {
  const bool tanh = approximation == GeluApproximation::tanh;
  return table::zip("gelu", tanh ? Binary::gelu_tanh_backward : Binary::gelu_backward, grad, x);
}

// The kernels take rows; a softmax along another axis is a transpose away.
template <class Rows>
Array along(int axis, const Array& shaped_like, Rows rows) {
  if (axis == shaped_like.rank() - 1) return rows([](const Array& x) { return x; });
  const int last = shaped_like.rank() - 1;
  return transpose(rows([&](const Array& x) { return transpose(x, axis, last); }), axis, last);
}

Array softmax_there(const Array& x, int axis) {
  return along(axis, x, [&](auto moved) {
    const Array in = moved(x);
    Array y = fresh(in.shape());
    if (y.size() > 0) softmax_rows(view_to_write(y), view(in), in.size() / in.dim(-1), in.dim(-1));
    return y;
  });
}

Array softmax_gradient(const Array& grad, const Array& y, int axis) {
  return along(axis, y, [&](auto moved) {
    const Array dy = moved(grad), out = moved(y);
    Array dx = fresh(out.shape());
    if (dx.size() > 0) {
      softmax_rows_backward(view_to_write(dx), view(dy), view(out), out.size() / out.dim(-1), out.dim(-1));
    }
    return dx;
  });
}

LayerNormForward layer_norm_there(const Array& x, const Array& weight, const Array& bias, Real eps) {
  const std::int64_t rows = x.dim(0), width = x.dim(1);
  LayerNormForward result{fresh(x.shape()), fresh({rows, 1}), fresh({rows, 1})};
  layer_norm_rows(view_to_write(result.y), view_to_write(result.mean), view_to_write(result.rstd), view(x),
                  view(weight), view(bias), rows, width, eps);
  return result;
}

Array layer_norm_gradient(const Array& grad, const Array& x, const Array& weight, const Array& mean,
                          const Array& rstd) {
  Array dx = fresh(x.shape());
  layer_norm_rows_backward(view_to_write(dx), view(grad), view(x), view(weight), view(mean), view(rstd), x.dim(0),
                           x.dim(1));
  return dx;
}

Arrays layer_norm_affine(const Array& grad, const Array& x, const Array& mean, const Array& rstd) {
  return {sum(grad * ((x - mean) * rstd), {0}), sum(grad, {0})};
}

void adam(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  adam_step(view_to_write(value), view(grad), view_to_write(exp_avg), view_to_write(exp_avg_sq), numbers_of(step));
}

// In place, for whoever holds the same buffer.
void overwrite(Array& to, const Array& from) {
  copy_block(Device::cuda, to.mutable_data_on(Device::cuda), Device::cuda, from.data_on(Device::cuda),
             static_cast<std::size_t>(from.size()) * sizeof(Real));
}

// Composed of primitives: a dozen passes where Adam has one. As sgd_loop of module 06 says.
void sgd(const SGDStep& step, Array& value, const Array& grad, Array* velocity) {
  const auto real = [](double x) { return static_cast<Real>(x); };
  const Array g = step.decay != 0 ? grad + value * real(step.decay) : grad;
  Array move = g;
  if (velocity != nullptr) {
    overwrite(*velocity, *velocity * real(step.momentum) + g * real(step.take));
    move = step.nesterov ? g + *velocity * real(step.momentum) : *velocity;
  }
  overwrite(value, value - move * real(step.lr));
}

// As rmsprop_loop of module 06 says.
void rmsprop(const RMSpropOptions& options, Array& value, const Array& grad, Array& square_avg, Array* grad_avg,
             Array* velocity) {
  const auto real = [](double x) { return static_cast<Real>(x); };
  const Real alpha = real(options.alpha), rest = real(1 - options.alpha);
  const Array g = options.weight_decay != 0 ? grad + value * real(options.weight_decay) : grad;
  overwrite(square_avg, square_avg * alpha + g * rest * g);
  Array variance = square_avg;
  if (grad_avg != nullptr) {
    overwrite(*grad_avg, *grad_avg * alpha + g * rest);
    const Array spread = variance - *grad_avg * *grad_avg;
    variance = where(less(spread, Array::scalar(0)), Array::scalar(0), spread);
  }
  Array direction = g / (sqrt(variance) + real(options.eps));
  if (velocity != nullptr) {
    overwrite(*velocity, *velocity * real(options.momentum) + direction);
    direction = *velocity;
  }
  overwrite(value, value - direction * real(options.lr));
}

// One transfer. Added up in Real, where the CPU adds in double.
double sum_of_squares_there(const Array& x) { return static_cast<double>(sum(x * x).item()); }

void fill_slots(bool on) {
  constexpr Device device = Device::cuda;
  label_column_slot.install(device, on ? LabelColumnKernel{table::label_column} : LabelColumnKernel{});
  gelu_slot.install(device, on ? GeluKernel{gelu, gelu_gradient} : GeluKernel{});
  softmax_slot.install(device, on ? SoftmaxKernel{softmax_there, softmax_gradient} : SoftmaxKernel{});
  layer_norm_slot.install(
      device, on ? LayerNormKernel{layer_norm_there, layer_norm_gradient, layer_norm_affine} : LayerNormKernel{});
  adam_slot.install(device, on ? AdamKernel{adam} : AdamKernel{});
  sgd_slot.install(device, on ? SGDKernel{sgd} : SGDKernel{});
  rmsprop_slot.install(device, on ? RMSpropKernel{rmsprop} : RMSpropKernel{});
  sum_of_squares_slot.install(device, on ? SumOfSquaresKernel{sum_of_squares_there} : SumOfSquaresKernel{});
  attention_slot.install(device, on ? AttentionKernel{attention, attention_gradients} : AttentionKernel{});
}

}  // namespace

#ifdef __CUDACC__
namespace {

// Empty where there is a GPU. Without a driver the run time answers with an error, without a GPU with another.
std::string missing() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  return count > 0 ? "" : "there are 0 devices";
}

}  // namespace

const char* device_name() {
  static cudaDeviceProp properties;
  return cudaGetDeviceProperties(&properties, 0) == cudaSuccess ? properties.name : "none";
}
#else
namespace {

std::string missing() { return ""; }

}  // namespace

const char* device_name() { return "emulated"; }
#endif

bool present() { return missing().empty(); }

void install(CudaOptions options) {
  if (const std::string reason = missing(); !reason.empty()) {
    throw DeviceError("cuda: no GPU was found ({}). The emulator needs none: build without nvcc.", {reason});
  }
  install_device(Device::cuda, options.cached ? cached_memory() : memory(), primitives());
  fill_slots(true);
}

void remove() {
  fill_slots(false);
  remove_device(Device::cuda);
  release_cached_memory();
}

}  // namespace rushlight::cuda
