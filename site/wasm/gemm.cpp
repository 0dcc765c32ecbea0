// gemm.cpp: the two functions of OpenBLAS that the modules use, for WebAssembly: C = alpha·A·B + beta·C in row-major order,
// in tiles of 4 x 8 numbers that stay in registers; and y = alpha·A·x + beta·y. On this machine OpenBLAS does both.
#include <cstring>
#include <vector>

namespace {

using Four = float __attribute__((vector_size(16)));
constexpr int transposed = 112;  // CblasTrans
constexpr int tile_rows = 4, tile_columns = 8;

Four load(const float* from) {
  Four four;
  std::memcpy(&four, from, sizeof four);
  return four;
}

struct Matrix {
  const float* data;
  int leading;
  bool turned;
  float at(int row, int column) const { return turned ? data[column * leading + row] : data[row * leading + column]; }
};

// Row by row, whichever way it lay before.
std::vector<float> upright(const Matrix& b, int rows, int columns) {
  std::vector<float> copy(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) copy[std::size_t(row * columns + column)] = b.at(row, column);
  }
  return copy;
}

void full_tile(const Matrix& a, const Matrix& b, int row, int column, int depth, float* sums) {
  Four tile[tile_rows][2] = {};
  for (int p = 0; p < depth; ++p) {
    const float* from = b.data + p * b.leading + column;
    const Four left = load(from), right = load(from + 4);
    for (int r = 0; r < tile_rows; ++r) {
      const float factor = a.at(row + r, p);
      tile[r][0] += factor * left;
      tile[r][1] += factor * right;
    }
  }
  std::memcpy(sums, tile, sizeof tile);
}

void part_of_tile(const Matrix& a, const Matrix& b, int row, int column, int rows, int columns, int depth,
                  float* sums) {
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < columns; ++v) {
      float sum = 0;
      for (int p = 0; p < depth; ++p) sum += a.at(row + r, p) * b.data[p * b.leading + column + v];
      sums[r * tile_columns + v] = sum;
    }
  }
}

}  // namespace

extern "C" void cblas_sgemm(int, int turn_a, int turn_b, int m, int n, int k, float alpha, const float* a_data, int lda,
                            const float* b_data, int ldb, float beta, float* c, int ldc) {
  const Matrix a{a_data, lda, turn_a == transposed};
  Matrix b{b_data, ldb, turn_b == transposed};
  std::vector<float> copy;
  if (b.turned) {
    copy = upright(b, k, n);
    b = {copy.data(), n, false};
  }
  for (int row = 0; row < m; row += tile_rows) {
    for (int column = 0; column < n; column += tile_columns) {
      const int rows = m - row < tile_rows ? m - row : tile_rows;
      const int columns = n - column < tile_columns ? n - column : tile_columns;
      float sums[tile_rows * tile_columns];
      if (rows == tile_rows && columns == tile_columns) {
        full_tile(a, b, row, column, k, sums);
      } else {
        part_of_tile(a, b, row, column, rows, columns, k, sums);
      }
      for (int r = 0; r < rows; ++r) {
        for (int v = 0; v < columns; ++v) {
          float& place = c[(row + r) * ldc + column + v];
          place = alpha * sums[r * tile_columns + v] + (beta == 0 ? 0 : beta * place);
        }
      }
    }
  }
}

extern "C" void cblas_sgemv(int, int turn, int rows, int columns, float alpha, const float* a_data, int lda,
                            const float* x, int step_x, float beta, float* y, int step_y) {
  const Matrix a{a_data, lda, turn == transposed};
  const int outputs = a.turned ? columns : rows, inputs = a.turned ? rows : columns;
  for (int i = 0; i < outputs; ++i) {
    float sum = 0;
    for (int j = 0; j < inputs; ++j) sum += a.at(i, j) * x[j * step_x];
    float& to = y[i * step_y];
    to = alpha * sum + (beta == 0 ? 0 : beta * to);
  }
}
