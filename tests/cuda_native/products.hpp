// products.hpp: what is held against cuBLAS, where cuBLAS is installed.
#pragma once

#include "roofs.hpp"

namespace rushlight {

// Adds the matrix products, fused attention and a training step of a GPT to roofs.kernels.
void time_products(Roofs& roofs);

}  // namespace rushlight
