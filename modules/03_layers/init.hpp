// init.hpp: how parameters start, as torch.nn.init. Every function replaces the value of a leaf outside the graph and
// keeps its shape; numbers are drawn in row-major order, so a seed fixes them on every machine. One that throws draws none.
#pragma once

#include "01_tensor/random.hpp"
#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 03.3 (init.cpp) ---------------------------------------------------------------------------------------------

void constant_(Tensor& parameter, Real value);
void zeros_(Tensor& parameter);
void ones_(Tensor& parameter);
void uniform_(Tensor& parameter, Generator& generator, double low = 0, double high = 1);
void normal_(Tensor& parameter, Generator& generator, double mean = 0, double deviation = 1);

// How many numbers each output sums over (in), and how many outputs each input reaches (out). A weight is (out, in) or,
// for a convolution, (out, in, kernel...): the kernel's size multiplies both. Throws ShapeError below rank 2.
struct Fans {
  std::int64_t in;
  std::int64_t out;
};
Fans fans_of(const Shape& weight);

// U(-b, b) and N(0, s²) with b = gain·√(6 / (in + out)), s = gain·√(2 / (in + out)). Glorot and Bengio, 2010.
void xavier_uniform_(Tensor& weight, Generator& generator, double gain = 1);
void xavier_normal_(Tensor& weight, Generator& generator, double gain = 1);

struct KaimingOptions {
  double a = 0;          // slope of the leaky relu that follows; 0 is relu
  bool fan_out = false;  // keep the size of gradients instead of activations
};

// U(-b, b) and N(0, s²) with s = √(2 / (1 + a²)) / √fan and b = √3·s. He et al., 2015.
void kaiming_uniform_(Tensor& weight, Generator& generator, KaimingOptions options = {});
void kaiming_normal_(Tensor& weight, Generator& generator, KaimingOptions options = {});

}  // namespace rushlight
