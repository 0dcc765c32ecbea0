// sequential.cpp: layers one after the other.
#include "03_layers/sequential.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 03.7 append  one more layer at the end;  ValueError that says, for example, "layer 0 is null"
// Hint: a unique_ptr moves; a null one is a ValueError now, not a crash in forward.
void Sequential::append(std::unique_ptr<Module> layer) {
  if (layer == nullptr) throw ValueError("Sequential: layer {} is null.", {size()});
  layers_.push_back(std::move(layer));
}

// 03.7 operator[]  index -> that layer;  -1 is the last;  IndexError that says, for example, "index 2" (as it
// was given) and "2 layers"
// Hint: normalize_axis does not know layers; check both ends yourself.
Module& Sequential::operator[](std::int64_t index) {
  const std::int64_t from_front = index < 0 ? index + size() : index;
  if (from_front < 0 || from_front >= size()) {
    throw IndexError("Sequential: index {} is outside its {} layers.", {index, size()});
  }
  return *layers_[static_cast<std::size_t>(from_front)];
}

// 03.7 forward  x -> what the last layer makes of it
// Hint: y = (*layer)(y). A Tensor is a handle, so this copies nothing.
Tensor Sequential::forward(const Tensor& x) {
  Tensor y = x;
  for (const auto& layer : layers_) y = (*layer)(y);
  return y;
}

// 03.7 members  the layers under "0", "1", "2", ...
// Hint: std::to_string.
void Sequential::members(Members& m) {
  for (std::size_t i = 0; i < layers_.size(); ++i) m(std::to_string(i), *layers_[i]);
}

}  // namespace rushlight
