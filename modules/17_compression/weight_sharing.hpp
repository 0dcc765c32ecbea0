// weight_sharing.hpp: a weight whose numbers are all taken from a short list. Then a number is a small code, and the
// list is stored once (Han, Mao and Dally, "Deep compression", 2016).
// Letters: K numbers in the list.
#pragma once

#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 17.8 sharing (weight_sharing.cpp) -----------------------------------------------------------------------------

// weight[i] = values[codes[i]].
struct Codebook {
  Array values;   // (K)
  Indices codes;  // the shape of the weight; 0..K-1
};

struct SharingOptions {
  std::int64_t clusters = 16;  // K, at least 1, and 2 where zeros are kept and there is a number other than zero
  bool keep_zeros = true;  // zeros have code 0, whose value is exactly 0, and take no part in the search for the rest
  int rounds = 100;        // at most, of assigning and averaging; at least 1
};

// k-means in one dimension (Lloyd, 1957/1982). The list starts as evenly spaced numbers from the smallest to the
// largest of the weight, both included (one number: the mean of the two). Then in turns: every number takes the nearest
// of the list, of two equally near the one that comes first; every entry of the list becomes the mean of those that
// took it, or stays if nobody did. It ends when no number changes its code, or after so many rounds; in any case with
// codes that are nearest. With keep_zeros and a zero in the weight, entry 0 is 0 and belongs to the zeros alone, and
// the others are found for the rest. A list is always K long, also where not all of it is used. Throws ValueError for
// options out of range, a weight without numbers, and one that holds NaN or an infinity.
Codebook share_weights(const Array& weight, const SharingOptions& options = {});

// values (K), codes -> a weight of the codes' shape. In the graph: the gradient of an entry is the sum over all places
// that use it, so a list can be trained (a Substitution puts it to use). Throws ShapeError unless values has rank 1,
// IndexError for a code that is none.
Tensor from_codebook(const Tensor& values, const Indices& codes);

}  // namespace rushlight
