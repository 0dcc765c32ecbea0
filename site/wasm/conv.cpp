// conv.cpp: one filter over one drawing: what every tap reads, as the columns of a matrix, and what the filter answers.
#include <vector>

#include "09_spatial/conv.hpp"
#include "drawing.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

// "0,-1,2.5" -> a filter of that many numbers
Array filter_of(const std::string& text, std::int64_t side) {
  std::vector<Real> weights;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    char* end = nullptr;
    weights.push_back(static_cast<Real>(std::strtod(part.c_str(), &end)));
    if (part.empty() || *end != '\0') throw ValueError("conv: \"{}\" is not a number of a filter.", {part});
  }
  if (std::ssize(weights) != side * side) {
    throw ShapeError("conv: a filter of {}x{} has {} numbers, found {}.",
                     {side, side, side * side, std::int64_t(std::ssize(weights))});
  }
  return Array({1, 1, side, side}, weights);
}

}  // namespace

std::string conv(Request& request) {
  const std::int64_t side = request.whole(1, 7), stride = request.whole(1, 4), padding = request.whole(0, 4);
  const Array x = drawing_of(request.word());
  const Array weight = filter_of(request.word(), side);
  const Window window{side, stride, padding};
  const Pair out = output_size("conv2d", x.shape(), window);
  const Array y = conv2d(Tensor(x), Tensor(weight), {}, {.stride = stride, .padding = padding}).value();
  return "{\"out\":" + list(Shape{out.h, out.w}) + ",\"values\":" + list(y) +
         ",\"columns\":" + list(im2col(x, 0, window)) + "}";
}

}  // namespace rushlight::live
