// print.cpp: given. Arrays as text.
#include <algorithm>

#include "01_tensor/array.hpp"

namespace rushlight {
namespace {

constexpr std::int64_t edge = 4;  // elements shown at each end of a long axis

void append_axis(std::string& text, const Array& array, int axis, std::int64_t offset, std::int64_t stride) {
  if (axis == array.rank()) {
    text += formatted("{:.6g}", {array.data()[offset]});
    return;
  }
  const std::int64_t size = array.shape()[axis];
  const std::int64_t inner = size ? stride / size : 0;
  text += '[';
  for (std::int64_t i = 0; i < size; ++i) {
    if (i > 0) text += ", ";
    if (size > 2 * edge + 1 && i == edge) {
      text += "..., ";
      i = size - edge;
    }
    append_axis(text, array, axis + 1, offset + i * inner, inner);
  }
  text += ']';
}

}  // namespace

std::string to_string(const Array& array) {
  if (!array.defined()) return "Array()";
  std::string text = formatted("Array{} ", {array.shape()});
  append_axis(text, array, 0, 0, array.size());
  return text;
}

}  // namespace rushlight

auto fmt::formatter<rushlight::Shape>::format(const rushlight::Shape& shape, format_context& context) const
    -> format_context::iterator {
  const std::string text = shape.str();
  return std::copy(text.begin(), text.end(), context.out());
}
