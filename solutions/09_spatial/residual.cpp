// residual.cpp: images to rows, and a block whose layers learn only a correction.
#include "09_spatial/residual.hpp"

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"

namespace rushlight {

// 09.9 flatten  x (any shape), start, end -> axes start..end, both included, multiplied into one;  a scalar becomes (1), always
// Throws ShapeError when start comes after end.
// Hint: normalize_axis("flatten", ...) for both; then build the new Shape and reshape.
Tensor flatten(const Tensor& x, int start, int end) {
  if (x.rank() == 0) return reshape(x, {1});
  const int first = normalize_axis("flatten", start, x.rank());
  const int last = normalize_axis("flatten", end, x.rank());
  if (first > last) {
    throw ShapeError("flatten: of x {}, axis {} comes after axis {}: start must not be behind end.",
                     {x.shape(), first, last});
  }
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (axis > first && axis <= last) {
      shape[first] *= x.dim(axis);
    } else {
      shape.push_back(x.dim(axis));
    }
  }
  return reshape(x, shape);
}

// 09.9 ResidualBlock  conv1 and bn1, conv2 and bn2 are there already. downsample: Conv2d 1x1 with the stride and no
// bias, then BatchNorm2d; it stays empty when neither the channels nor the size change.
// Hint: downsample.add(Conv2d({...}, generator)).add(BatchNorm2d({...})).
ResidualBlock::ResidualBlock(ResidualBlockOptions options, Generator& generator)
    : conv1({.in = options.in, .out = options.out, .kernel = 3, .stride = options.stride, .padding = 1, .bias = false},
            generator),
      bn1({.features = options.out}),
      conv2({.in = options.out, .out = options.out, .kernel = 3, .padding = 1, .bias = false}, generator),
      bn2({.features = options.out}) {
  if (options.in == options.out && options.stride == 1) return;
  downsample
      .add(Conv2d({.in = options.in, .out = options.out, .kernel = 1, .stride = options.stride, .bias = false},
                  generator))
      .add(BatchNorm2d({.features = options.out}));
}

// 09.9 ResidualBlock::forward  x (N, in, H, W) -> (N, out, H', W')
//   relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))
// Hint: an empty Sequential returns x itself. The last relu comes after the sum.
Tensor ResidualBlock::forward(const Tensor& x) {
  const Tensor correction = bn2(conv2(relu(bn1(conv1(x)))));
  return relu(correction + downsample(x));
}

// 09.9 ResidualBlock::members  lists "conv1", "bn1", "conv2", "bn2", "downsample"
// Hint: an empty downsample has nothing to list, and may be listed.
void ResidualBlock::members(Members& m) {
  m("conv1", conv1);
  m("bn1", bn1);
  m("conv2", conv2);
  m("bn2", bn2);
  m("downsample", downsample);
}

}  // namespace rushlight
