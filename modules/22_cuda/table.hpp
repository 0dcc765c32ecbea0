// table.hpp: the primitives of module 01, on the device. Each works out shapes as the CPU's does, makes the result and starts
// kernels. Given.
#pragma once

#include "01_tensor/primitives.hpp"
#include "04_losses/label_column.hpp"
#include "22_cuda/cuda.hpp"

namespace rushlight::cuda::table {

Array full(const Shape& shape, Real value);
Indices argmax(const Array& x, int axis);  // not a task: one thread walks over one line
LabelColumn label_column(const Indices& labels, const Shape& column, std::int32_t ignore_index);

Array sum(const Array& x, const Axes& axes, bool keepdim);
Array mean(const Array& x, const Axes& axes, bool keepdim);
Array max(const Array& x, const Axes& axes, bool keepdim);
Array matmul(const Array& a, const Array& b, MatmulFlags flags);
Array permute(const Array& x, const Axes& axes);
Array broadcast_to(const Array& x, const Shape& shape);
Array concat(const Arrays& parts, int axis);
Array slice(const Array& x, int axis, Slice range);
Array unslice(const Array& x, const Shape& shape, int axis, Slice range);
Array take(const Array& table, const Indices& ids);
Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids);
Array gather(const Array& x, int axis, const Indices& index);
Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index);

Array map(Unary op, const Array& x, Real parameter = 0);
Array zip(const char* name, Binary op, const Array& a, const Array& b);

inline Array fresh(const Shape& shape) { return Array::on(Device::cuda, shape); }
Layout layout_of(const Shape& shape);  // no strides yet
void set_strides(Layout& layout, int operand, const Shape& strides);

}  // namespace rushlight::cuda::table
