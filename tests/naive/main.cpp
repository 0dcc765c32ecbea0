// naive_<network>_solution: prints what was seen as one line of JSON.
#include <cstdio>

#include "naive/naive.hpp"

int main() {
  const rushlight::naive::Seen seen = rushlight::naive::NAIVE_TRAIN();
  std::printf("{\"losses\": [");
  for (std::size_t i = 0; i < seen.losses.size(); ++i) std::printf("%s%.9g", i > 0 ? ", " : "", seen.losses[i]);
  std::printf("], \"without_gradient\": %zu}\n", seen.without_gradient.size());
}
