// tensor_parallel.hpp: a layer that no single rank has. The first of two linear layers is cut by its outputs, the second by
// its inputs, and what lies between needs no message. Source: Shoeybi and others, "Megatron-LM: training multi-billion
// parameter language models using model parallelism", 2019, section 3.
// Letters: I inputs, O outputs, R ranks. Chunks are those of chunk_of (21.2).
#pragma once

#include "03_layers/linear.hpp"
#include "21_distributed/collectives.hpp"

namespace rushlight {

// --- 21.9 (tensor_parallel.cpp) --------------------------------------------------------------------------------------

// Two ops that are each other's derivative. The world must outlive the graph, and all ranks must run backward alike.
Tensor copy_to_ranks(const Tensor& x, World& world);   // x itself;  dx = Σ over ranks of G
Tensor sum_over_ranks(const Tensor& x, World& world);  // Σ over ranks of x;  dx = G

// Rank r's outputs of a Linear that all ranks have alike. x (..., I), the same on all ranks -> (..., O_r). Parameters:
// weight (O_r, I) and bias (O_r), rows of the whole ones in chunk r of O. ValueError when O < R.
class ColumnLinear : public Module {
 public:
  ColumnLinear(const Linear& whole, World& world);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Tensor weight, bias;  // bias is empty where the whole layer has none

 private:
  World& world_;
};

// A Linear that reads what a ColumnLinear gave: x (..., I_r) -> (..., O), the same on all ranks. Parameters: weight
// (O, I_r), columns in chunk r of I, and the whole bias (O), which is added once, after the sum. ValueError when I < R.
class RowLinear : public Module {
 public:
  RowLinear(const Linear& whole, World& world);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Tensor weight, bias;

 private:
  World& world_;
};

}  // namespace rushlight
