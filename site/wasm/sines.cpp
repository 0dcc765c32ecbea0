// sines.cpp: what a position looks like beside the others: the table of sines, and how alike two of its rows are.
#include "01_tensor/primitives.hpp"
#include "11_embeddings/embeddings.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {

// sines PAIRS COUNT T: row T of the table, two numbers a hand, and its product with every row, for which a row with itself is 1
std::string sines(Request& request) {
  const std::int64_t width = 2 * request.whole(1, 16), count = request.whole(1, 512), t = request.whole(0, count - 1);
  const Array table = sinusoidal_positions(count, width);
  const Array row = slice(table, 0, {t, t + 1});
  const Array alike = matmul(row, table, {.transpose_b = true}) / static_cast<Real>(width / 2);
  return "{\"hands\":" + list(row) + ",\"alike\":" + list(alike) + "}";
}

}  // namespace rushlight::live
