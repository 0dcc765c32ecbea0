// device.cpp: given. The tables of primitives, and the functions that look into them. One rule is checked here, for all
// of them: the operands of an op lie on one device. A number (rank 0) on the CPU goes with any.
#include "01_tensor/device.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "01_tensor/guard.hpp"

namespace rushlight {
namespace {

constexpr Primitives plain_table{
    .full = Array::full,
    .add = plain::add,
    .sub = plain::sub,
    .mul = plain::mul,
    .div = plain::div,
    .maximum = plain::maximum,
    .minimum = plain::minimum,
    .neg = plain::neg,
    .exp = plain::exp,
    .log = plain::log,
    .sqrt = plain::sqrt,
    .tanh = plain::tanh,
    .erf = plain::erf,
    .abs = plain::abs,
    .pow = plain::pow,
    .greater = plain::greater,
    .less = plain::less,
    .equal = plain::equal,
    .where = plain::where,
    .sum = plain::sum,
    .mean = plain::mean,
    .max = plain::max,
    .argmax = plain::argmax,
    .matmul = plain::matmul,
    .permute = plain::permute,
    .broadcast_to = plain::broadcast_to,
    .concat = plain::concat,
    .slice = plain::slice,
    .unslice = plain::unslice,
    .take = plain::take,
    .take_adjoint = plain::take_adjoint,
    .gather = plain::gather,
    .gather_adjoint = plain::gather_adjoint,
};

constexpr std::array device_names{"cpu", "cuda"};
constinit std::array<Primitives, device_names.size()> tables{plain_table};
constinit std::array<DeviceMemory, device_names.size()> memories{};
constinit std::atomic<std::uint64_t> transferred{0};

void check_available(Device device) {
  if (available(device)) return;
  throw DeviceError("the device {} is not there: nothing has been installed for it.", {name_of(device)});
}

template <class Operand>
bool goes_anywhere(const Operand& operand) {
  return operand.device() == Device::cpu && operand.shape().rank() == 0;
}

// The one device of all operands. Numbers on the CPU have no say where there are others.
template <class... Operands>
Device device_of(const char* op, const Operands&... operands) {
  Device device = Device::cpu;
  ((device = operands.device() != Device::cpu ? operands.device() : device), ...);
  if (device == Device::cpu || ((operands.device() == device || goes_anywhere(operands)) && ...)) return device;
  std::string devices;
  (devices.append(devices.empty() ? "" : ", ").append(name_of(operands.device())), ...);
  throw DeviceError("{}: the operands lie on different devices ({}). Move them with .to(…) first.", {op, devices});
}

// A result on its way to whoever called the op.
template <class Result>
Result checked(const char* op, Result result) {
  if constexpr (guard::on) guard::check_end(op, "its result", result);
  return result;
}

// The entry of `op` for the operands' device, called with `arguments`.
template <class Function, class... Arguments>
auto call(const char* op, Function Primitives::*entry, Device device, Arguments&&... arguments) {
  check_available(device);
  const Function function = primitives_of(device).*entry;
  if (function == nullptr) throw DeviceError("{}: the device {} cannot do this.", {op, name_of(device)});
  return checked(op, function(std::forward<Arguments>(arguments)...));
}

using Unary = decltype(Primitives::neg);
using Binary = decltype(Primitives::add);
using Compare = decltype(Primitives::greater);

Array unary(const char* op, Unary Primitives::*entry, const Array& x) { return call(op, entry, x.device(), x); }

// Plain numbers become numbers of the device, without a transfer.
Array there(Device device, const Array& x) {
  return x.device() == device ? x : primitives_of(device).full({}, x.item());
}

template <class Function>
auto binary(const char* op, Function Primitives::*entry, const Array& a, const Array& b) {
  const Device device = device_of(op, a, b);
  if (device == Device::cpu) return checked(op, (tables[0].*entry)(a, b));
  return call(op, entry, device, there(device, a), there(device, b));
}

}  // namespace

const char* name_of(Device device) { return device_names[static_cast<std::size_t>(device)]; }

bool available(Device device) {
  return device == Device::cpu || memories[static_cast<std::size_t>(device)].allocate != nullptr;
}

const Primitives& primitives_of(Device device) {
  check_available(device);
  return tables[static_cast<std::size_t>(device)];
}

const DeviceMemory& memory_of(Device device) {
  check_available(device);
  return memories[static_cast<std::size_t>(device)];
}

void install_device(Device device, const DeviceMemory& memory, const Primitives& primitives) {
  if (device == Device::cpu) throw DeviceError("install_device: the device cpu is always there.", {});
  memories[static_cast<std::size_t>(device)] = memory;
  tables[static_cast<std::size_t>(device)] = primitives;
}

void remove_device(Device device) { install_device(device, {}, {}); }

void install_primitives(const Primitives& primitives) { tables[0] = primitives; }

const Primitives& plain_primitives() { return plain_table; }

void copy_block(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes) {
  if (to_device == Device::cpu && from_device == Device::cpu) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  } else if (to_device == from_device) {
    memory_of(to_device).copy_within(to, from, bytes);
  } else {
    ++transferred;
    if (to_device == Device::cpu) return memory_of(from_device).copy_out(to, from, bytes);
    if (from_device == Device::cpu) return memory_of(to_device).copy_in(to, from, bytes);
    throw DeviceError("copying from the device {} to {} goes by way of the CPU: .cpu().to(…).",
                      {name_of(from_device), name_of(to_device)});
  }
}

std::uint64_t transfers() { return transferred; }

Array add(const Array& a, const Array& b) { return binary("add", &Primitives::add, a, b); }
Array sub(const Array& a, const Array& b) { return binary("sub", &Primitives::sub, a, b); }
Array mul(const Array& a, const Array& b) { return binary("mul", &Primitives::mul, a, b); }
Array div(const Array& a, const Array& b) { return binary("div", &Primitives::div, a, b); }
Array maximum(const Array& a, const Array& b) { return binary("maximum", &Primitives::maximum, a, b); }
Array minimum(const Array& a, const Array& b) { return binary("minimum", &Primitives::minimum, a, b); }
Mask greater(const Array& a, const Array& b) { return binary("greater", &Primitives::greater, a, b); }
Mask less(const Array& a, const Array& b) { return binary("less", &Primitives::less, a, b); }
Mask equal(const Array& a, const Array& b) { return binary("equal", &Primitives::equal, a, b); }

Array neg(const Array& x) { return unary("neg", &Primitives::neg, x); }
Array exp(const Array& x) { return unary("exp", &Primitives::exp, x); }
Array log(const Array& x) { return unary("log", &Primitives::log, x); }
Array sqrt(const Array& x) { return unary("sqrt", &Primitives::sqrt, x); }
Array tanh(const Array& x) { return unary("tanh", &Primitives::tanh, x); }
Array erf(const Array& x) { return unary("erf", &Primitives::erf, x); }
Array abs(const Array& x) { return unary("abs", &Primitives::abs, x); }

Array pow(const Array& x, Real exponent) { return call("pow", &Primitives::pow, x.device(), x, exponent); }

Array where(const Mask& condition, const Array& a, const Array& b) {
  const Device device = device_of("where", condition, a, b);
  if (device == Device::cpu) return checked("where", tables[0].where(condition, a, b));
  return call("where", &Primitives::where, device, condition.to(device), there(device, a), there(device, b));
}

Array sum(const Array& x, const Axes& axes, bool keepdim) {
  return call("sum", &Primitives::sum, x.device(), x, axes, keepdim);
}

Array mean(const Array& x, const Axes& axes, bool keepdim) {
  return call("mean", &Primitives::mean, x.device(), x, axes, keepdim);
}

Array max(const Array& x, const Axes& axes, bool keepdim) {
  return call("max", &Primitives::max, x.device(), x, axes, keepdim);
}

Indices argmax(const Array& x, int axis) { return call("argmax", &Primitives::argmax, x.device(), x, axis); }

Array matmul(const Array& a, const Array& b, MatmulFlags flags) {
  return call("matmul", &Primitives::matmul, device_of("matmul", a, b), a, b, flags);
}

Array permute(const Array& x, const Axes& axes) { return call("permute", &Primitives::permute, x.device(), x, axes); }

Array broadcast_to(const Array& x, const Shape& shape) {
  return call("broadcast_to", &Primitives::broadcast_to, x.device(), x, shape);
}

Array concat(const Arrays& parts, int axis) {
  const Device device = parts.empty() ? Device::cpu : parts[0].device();
  for (const Array& part : parts) device_of("concat", parts[0], part);
  return call("concat", &Primitives::concat, device, parts, axis);
}

Array slice(const Array& x, int axis, Slice range) {
  return call("slice", &Primitives::slice, x.device(), x, axis, range);
}

Array unslice(const Array& x, const Shape& shape, int axis, Slice range) {
  return call("unslice", &Primitives::unslice, x.device(), x, shape, axis, range);
}

Array take(const Array& table, const Indices& ids) {
  return call("take", &Primitives::take, device_of("take", table, ids), table, ids);
}

Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids) {
  return call("take_adjoint", &Primitives::take_adjoint, device_of("take_adjoint", x, ids), x, shape, ids);
}

Array gather(const Array& x, int axis, const Indices& index) {
  return call("gather", &Primitives::gather, device_of("gather", x, index), x, axis, index);
}

Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index) {
  return call("gather_adjoint", &Primitives::gather_adjoint, device_of("gather_adjoint", x, index), x, shape, axis,
              index);
}

}  // namespace rushlight
