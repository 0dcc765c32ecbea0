// int8_kernels.cpp: given. The product of whole numbers in the instructions that were made for it, if this processor has
// them. The compiler is told per function, so the rest of the program runs everywhere.
#include <algorithm>
#include <array>
#include <atomic>

#include "16_quantization/int8_product.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rushlight {
namespace {

std::atomic<std::int64_t> multiplications = 0;

}  // namespace

#if defined(__x86_64__)
namespace {

constexpr std::int64_t block_rows = 24;  // of a; they stay in the first cache while all rows of b pass

#define RUSHLIGHT_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

// `rows` rows of a times `columns` rows of b. vpdpbusd multiplies four unsigned bytes by four signed ones and adds the
// products to 32 bits. Signed a become unsigned by adding 128, and 128 times the sum of b's row goes off again at the end;
// sums that overflow on the way come back, since all of it counts modulo 2^32.
template <int rows, int columns>
RUSHLIGHT_VNNI void tile_vnni(const Int8Product& p, std::int64_t m, std::int64_t n) {
  __m512i sums[rows][columns];
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm512_setzero_si512();
  }
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(0x80));
  for (std::int64_t k = 0; k < p.k; k += 64) {
    const auto left = static_cast<unsigned>(std::min<std::int64_t>(p.k - k, 64));
    const __mmask64 mask = left == 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
    __m512i b[columns];
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) b[c] = _mm512_maskz_loadu_epi8(mask, p.b + (n + c) * p.k + k);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const __m512i a = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, p.a + (m + r) * p.k + k), flip);
#pragma GCC unroll 4
      for (int c = 0; c < columns; ++c) sums[r][c] = _mm512_dpbusd_epi32(sums[r][c], a, b[c]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) {
      const auto total = static_cast<std::uint32_t>(_mm512_reduce_add_epi32(sums[r][c]));
      const std::uint32_t shifted = total - 128U * static_cast<std::uint32_t>(p.b_sums[n + c]);
      p.c[(m + r) * p.n + n + c] = static_cast<std::int32_t>(shifted);
    }
  }
}

#define RUSHLIGHT_AVX2 __attribute__((target("avx2")))

RUSHLIGHT_AVX2 inline std::int32_t total_of(__m256i sums) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
  return _mm_cvtsi128_si32(four);
}

RUSHLIGHT_AVX2 inline __m256i wide(const std::int8_t* from) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

// The same in 16 bits: vpmaddwd adds the products of two neighbours, exactly. (vpmaddubsw, on bytes, would saturate.)
template <int rows, int columns>
RUSHLIGHT_AVX2 void tile_avx2(const Int8Product& p, std::int64_t m, std::int64_t n) {
  __m256i sums[rows][columns];
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm256_setzero_si256();
  }
  const std::int64_t whole = p.k / 16 * 16;
  for (std::int64_t k = 0; k < whole; k += 16) {
    __m256i b[columns];
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) b[c] = wide(p.b + (n + c) * p.k + k);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const __m256i a = wide(p.a + (m + r) * p.k + k);
#pragma GCC unroll 4
      for (int c = 0; c < columns; ++c) sums[r][c] = _mm256_add_epi32(sums[r][c], _mm256_madd_epi16(a, b[c]));
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      std::int32_t total = total_of(sums[r][c]);
      for (std::int64_t k = whole; k < p.k; ++k) total += p.a[(m + r) * p.k + k] * p.b[(n + c) * p.k + k];
      p.c[(m + r) * p.n + n + c] = total;
    }
  }
}

using Tile = void (*)(const Int8Product&, std::int64_t m, std::int64_t n);
struct Tiles {
  int rows, columns;
  Tile whole, last_rows, last_columns, corner;  // last_...: one row or one column at a time
};

void all_tiles(const Int8Product& p, const Tiles& tiles) {
  for (std::int64_t first = 0; first < p.m; first += block_rows) {
    const std::int64_t end = std::min(first + block_rows, p.m);
    for (std::int64_t n = 0; n < p.n;) {
      const bool wide = n + tiles.columns <= p.n;
      for (std::int64_t m = first; m < end;) {
        const bool tall = m + tiles.rows <= end;
        (tall ? (wide ? tiles.whole : tiles.last_columns) : (wide ? tiles.last_rows : tiles.corner))(p, m, n);
        m += tall ? tiles.rows : 1;
      }
      n += wide ? tiles.columns : 1;
    }
  }
}

void product_vnni(const Int8Product& p) {
  all_tiles(p, {4, 4, tile_vnni<4, 4>, tile_vnni<1, 4>, tile_vnni<4, 1>, tile_vnni<1, 1>});
}

void product_avx2(const Int8Product& p) {
  all_tiles(p, {2, 4, tile_avx2<2, 4>, tile_avx2<1, 4>, tile_avx2<2, 1>, tile_avx2<1, 1>});
}

bool has_vnni() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vnni");
}

}  // namespace
#endif

std::vector<NamedInt8Kernel> int8_kernels() {
  std::vector<NamedInt8Kernel> kernels;
#if defined(__x86_64__)
  if (has_vnni()) kernels.push_back({"avx512-vnni", product_vnni});
  if (__builtin_cpu_supports("avx2")) kernels.push_back({"avx2", product_avx2});
#endif
  kernels.push_back({"loop", int8_product_loop});
  return kernels;
}

void int8_product(const Int8Product& p) {
  static const Int8Kernel fastest = int8_kernels().front().run;
  fastest(p);
  multiplications += p.m * p.n * p.k;
}

std::int64_t int8_multiplications() { return multiplications; }

}  // namespace rushlight
