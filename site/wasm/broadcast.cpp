// broadcast.cpp: two shapes, the cells that each cell of the result reads, and how often each is used: the number of
// gradients that sum_to() adds up in it.
#include "01_tensor/primitives.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t most_cells = 400;

// "2,3" -> (2, 3); "()" and "-" -> a scalar
Shape shape_of(const std::string& text) {
  Shape shape;
  std::string digits;
  for (const char letter : text + ",") {
    if (letter >= '0' && letter <= '9') {
      digits += letter;
    } else if (!digits.empty()) {
      if (digits.size() > 3) throw ShapeError("broadcast: an axis of {} is more than this page draws.", {digits});
      shape.push_back(std::stoll(digits));
      digits.clear();
    }
  }
  return shape;
}

std::string operand(const Shape& shape, const Shape& result) {
  const Array cells = reshape(arange(shape.numel()), shape);
  return "{\"shape\":" + list(shape) + ",\"strides\":" + list(strides_of(shape)) +
         ",\"reads\":" + list(broadcast_to(cells, result)) + ",\"uses\":" + list(sum_to(ones(result), shape)) + "}";
}

}  // namespace

std::string broadcast(Request& request) {
  const Shape a = shape_of(request.word()), b = shape_of(request.word());
  const Shape result = broadcast_shapes("add", a, b);
  if (result.numel() > most_cells) {
    throw ShapeError("broadcast: {} has more than the {} cells that this page draws.", {result, most_cells});
  }
  return "{\"shape\":" + list(result) + ",\"a\":" + operand(a, result) + ",\"b\":" + operand(b, result) + "}";
}

}  // namespace rushlight::live
