// residual.cpp: images to rows, and a block whose layers learn only a correction.
#include "09_spatial/residual.hpp"

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"

namespace rushlight {

// 09.9 flatten  x (any shape), start, end -> axes start..end, both included, multiplied into one;  a scalar becomes (1), always
// Throws ShapeError when start comes after end.
// Hint: normalize_axis("flatten", ...) for both; then build the new Shape and reshape.
Tensor flatten(const Tensor& x, int start, int end) {
  todo("09.9");
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
  todo("09.9");
}

// 09.9 ResidualBlock::forward  x (N, in, H, W) -> (N, out, H', W')
//   relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))
// Hint: an empty Sequential returns x itself. The last relu comes after the sum.
Tensor ResidualBlock::forward(const Tensor& x) {
  todo("09.9");
}

// 09.9 ResidualBlock::members  lists "conv1", "bn1", "conv2", "bn2", "downsample"
// Hint: an empty downsample has nothing to list, and may be listed.
void ResidualBlock::members(Members& m) {
  todo("09.9");
}

}  // namespace rushlight
