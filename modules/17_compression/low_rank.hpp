// low_rank.hpp: a matrix as the product of a tall one and a wide one. W (O, I) ≈ L·R with L (O, r) and R (r, I) holds
// r·(O + I) numbers instead of O·I, and the best such product is known: the first r terms of the singular value
// decomposition (Eckart and Young, 1936).
// Letters: O outputs, I inputs, r rank, K = min(O, I).
#pragma once

#include "03_layers/layers.hpp"

namespace rushlight {

// matrix = u·diag(s)·vt. Columns of u and rows of vt have length 1 and are at right angles; s falls, s >= 0.
struct Svd {
  Array u;   // (O, K)
  Array s;   // (K)
  Array vt;  // (K, I)
};

// xt::linalg::svd, which is LAPACK's gesdd. Throws ShapeError unless the matrix has two axes of at least 1, ValueError
// when it holds NaN or an infinity. Given (svd.cpp).
Svd svd(const Array& matrix);

// --- 17.5 low rank (low_rank.cpp) ----------------------------------------------------------------------------------

// The smallest rank whose terms hold at least this share of the energy, Σ s². At least 1. Throws ValueError unless
// 0 <= energy <= 1 and s holds at least one number.
std::int64_t rank_for_energy(const Array& s, double energy);

// The largest rank at which the two factors of a weight (O, I) hold no more than `numbers` numbers, at most K. Throws
// ShapeError unless there are two axes, ValueError when not even rank 1 fits.
std::int64_t rank_for_budget(const Shape& weight, std::int64_t numbers);

// √Σ_{i >= rank} s_i², added up in double: how far, in the Frobenius norm, the best matrix of that rank is from the
// whole. Throws ValueError unless 0 <= rank <= K.
double tail(const Array& s, std::int64_t rank);

struct Factors {
  Array left;   // (O, r)
  Array right;  // (r, I)
};

// The first `rank` terms, each half of √s: left = u·√s, right = √s·vt, so that neither factor trains much faster than
// the other. Throws ValueError unless 1 <= rank <= K.
Factors factors_of(const Svd& parts, std::int64_t rank);

// y = x·Wᵀ + b as two layers: "0" is (r, I) without bias, "1" is (O, r) with the layer's bias, if it has one. The layer
// itself stays as it was and shares no parameter with them. Throws as factors_of and svd do.
Sequential factored(const Linear& layer, std::int64_t rank);

}  // namespace rushlight
