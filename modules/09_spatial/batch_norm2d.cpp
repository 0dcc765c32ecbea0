// batch_norm2d.cpp: batch norm for images. Module 03 normalises every channel over all the other axes, however many there
// are; what is left to say is what an image batch looks like.
#include "09_spatial/batch_norm2d.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 09.8 BatchNorm2d::check_input  x -> nothing if it is (N, C, H, W) with C = features(), otherwise ShapeError:
//   "BatchNorm2d: x is (2, 2), but it must be (N, 3, H, W)."
// Look out for: an image batch with the channels last, (N, H, W, C), has rank 4, too.
// Hint: BatchNorm1d::check_input in module 03.
void BatchNorm2d::check_input(const Shape& x) const {
  todo("09.8");
}

}  // namespace rushlight
