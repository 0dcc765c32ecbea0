// table_indexing.cpp: given. take, gather and their adjoints, in the forms whose bits do not change between runs.
#include "22_cuda/table.hpp"

namespace rushlight::cuda::table {
namespace {

Shape taken_shape(const char* op, const Shape& table, const Indices& ids) {
  if (table.rank() == 0) throw ShapeError("{}: a table of shape () has no rows.", {op});
  Shape shape = ids.shape();
  for (int axis = 1; axis < table.rank(); ++axis) shape.push_back(table[axis]);
  return shape;
}

int checked_axis(const Shape& shape, int axis, const Indices& index) {
  const int along = normalize_axis("gather", axis, shape.rank());
  Shape expected = index.shape();
  if (expected.rank() == shape.rank()) expected[along] = shape[along];
  if (expected != shape) {
    throw ShapeError("gather: index {} does not fit {} along axis {}: ranks and all other sizes must agree.",
                     {index.shape(), shape, along});
  }
  return along;
}

}  // namespace

Array take(const Array& table, const Indices& ids) {
  Array out = fresh(taken_shape("take", table.shape(), ids));
  if (out.size() > 0) take_rows(view_to_write(out), view(table), view(ids), strides_of(table.shape())[0]);
  return out;
}

Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids) {
  const Shape taken = taken_shape("take_adjoint", shape, ids);
  if (x.shape() != taken) {
    throw ShapeError("take_adjoint: got {}, but taking {} ids from {} gives {}.",
                     {x.shape(), ids.shape(), shape, taken});
  }
  Array out = table::full(shape, 0);
  if (x.size() > 0) add_rows_ordered(view_to_write(out), view(x), view(ids), strides_of(shape)[0]);
  return out;
}

Array gather(const Array& x, int axis, const Indices& index) {
  const int along = checked_axis(x.shape(), axis, index);
  Array out = fresh(index.shape());
  if (out.size() == 0) return out;
  gather_lines(view_to_write(out), view(x), view(index), x.shape()[along], index.shape()[along],
               strides_of(x.shape())[along]);
  return out;
}

Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index) {
  if (x.shape() != index.shape()) {
    throw ShapeError("gather_adjoint: got {}, but the index is {}.", {x.shape(), index.shape()});
  }
  const int along = checked_axis(shape, axis, index);
  Array out = table::full(shape, 0);
  if (x.size() == 0) return out;
  scatter_lines(view_to_write(out), view(x), view(index), shape[along], index.shape()[along], strides_of(shape)[along]);
  return out;
}

}  // namespace rushlight::cuda::table
