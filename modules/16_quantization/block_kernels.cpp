// block_kernels.cpp: given. Four rows of a weight at a time, from their blocks to the sums, in vector registers.
#include "16_quantization/block_product.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rushlight {

#if defined(__x86_64__)
namespace {

#define RUSHLIGHT_AVX512 __attribute__((target("avx512f,avx512bw,f16c")))

RUSHLIGHT_AVX512 inline float scale_512(const std::uint8_t* block) {
  return _cvtsh_ss(static_cast<unsigned short>(block[0] | block[1] << 8));
}

// The 32 whole numbers of a block as two vectors of float.
template <BlockType type>
RUSHLIGHT_AVX512 inline void numbers_512(const std::uint8_t* block, __m512& low, __m512& high) {
  const auto* values = reinterpret_cast<const __m128i*>(block + 2);
  __m128i first = _mm_loadu_si128(values), second;
  if constexpr (type == BlockType::q8_0) {
    second = _mm_loadu_si128(values + 1);
  } else {
    const __m128i four_bits = _mm_set1_epi8(15), eight = _mm_set1_epi8(8);
    second = _mm_sub_epi8(_mm_and_si128(_mm_srli_epi16(first, 4), four_bits), eight);
    first = _mm_sub_epi8(_mm_and_si128(first, four_bits), eight);
  }
  low = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(first));
  high = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(second));
}

template <BlockType type, int rows>
RUSHLIGHT_AVX512 void rows_512(const std::uint8_t* weight, std::int64_t row_bytes, const float* x, std::int64_t k,
                               float* y) {
  constexpr std::int64_t bytes = type == BlockType::q8_0 ? 34 : 18;
  __m512 sums[rows];
  for (auto& sum : sums) sum = _mm512_setzero_ps();
  for (std::int64_t at = 0; at < k; at += 32) {
    const __m512 x_low = _mm512_loadu_ps(x + at), x_high = _mm512_loadu_ps(x + at + 16);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const std::uint8_t* block = weight + r * row_bytes + at / 32 * bytes;
      __m512 low, high;
      numbers_512<type>(block, low, high);
      const __m512 products = _mm512_fmadd_ps(high, x_high, _mm512_mul_ps(low, x_low));
      sums[r] = _mm512_fmadd_ps(products, _mm512_set1_ps(scale_512(block)), sums[r]);
    }
  }
  for (int r = 0; r < rows; ++r) y[r] = _mm512_reduce_add_ps(sums[r]);
}

#define RUSHLIGHT_AVX2 __attribute__((target("avx2,fma,f16c")))

RUSHLIGHT_AVX2 inline float scale_256(const std::uint8_t* block) {
  return _cvtsh_ss(static_cast<unsigned short>(block[0] | block[1] << 8));
}

template <BlockType type>
RUSHLIGHT_AVX2 inline void numbers_256(const std::uint8_t* block, __m128i (&halves)[2]) {
  const auto* values = reinterpret_cast<const __m128i*>(block + 2);
  halves[0] = _mm_loadu_si128(values);
  if constexpr (type == BlockType::q8_0) {
    halves[1] = _mm_loadu_si128(values + 1);
  } else {
    const __m128i four_bits = _mm_set1_epi8(15), eight = _mm_set1_epi8(8);
    halves[1] = _mm_sub_epi8(_mm_and_si128(_mm_srli_epi16(halves[0], 4), four_bits), eight);
    halves[0] = _mm_sub_epi8(_mm_and_si128(halves[0], four_bits), eight);
  }
}

RUSHLIGHT_AVX2 inline float total_of(__m256 sums) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

template <BlockType type, int rows>
RUSHLIGHT_AVX2 void rows_256(const std::uint8_t* weight, std::int64_t row_bytes, const float* x, std::int64_t k,
                             float* y) {
  constexpr std::int64_t bytes = type == BlockType::q8_0 ? 34 : 18;
  __m256 sums[rows];
  for (auto& sum : sums) sum = _mm256_setzero_ps();
  for (std::int64_t at = 0; at < k; at += 32) {
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const std::uint8_t* block = weight + r * row_bytes + at / 32 * bytes;
      __m128i halves[2];
      numbers_256<type>(block, halves);
      __m256 products = _mm256_setzero_ps();
#pragma GCC unroll 4
      for (int part = 0; part < 4; ++part) {
        const __m128i eight = part % 2 == 0 ? halves[part / 2] : _mm_srli_si128(halves[part / 2], 8);
        products = _mm256_fmadd_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight)), _mm256_loadu_ps(x + at + 8 * part),
                                   products);
      }
      sums[r] = _mm256_fmadd_ps(products, _mm256_set1_ps(scale_256(block)), sums[r]);
    }
  }
  for (int r = 0; r < rows; ++r) y[r] = total_of(sums[r]);
}

using Rows = void (*)(const std::uint8_t*, std::int64_t, const float*, std::int64_t, float*);

void all_rows(const BlockProduct& p, Rows four, Rows one) {
  const std::int64_t row_bytes = p.k / block_size * block_bytes(p.type);
  for (std::int64_t m = 0; m < p.m; ++m) {
    for (std::int64_t n = 0; n < p.n;) {
      const bool whole = n + 4 <= p.n;
      (whole ? four : one)(p.blocks + n * row_bytes, row_bytes, p.x + m * p.k, p.k, p.y + m * p.n + n);
      n += whole ? 4 : 1;
    }
  }
}

void product_avx512(const BlockProduct& p) {
  if (p.type == BlockType::q8_0) all_rows(p, rows_512<BlockType::q8_0, 4>, rows_512<BlockType::q8_0, 1>);
  if (p.type == BlockType::q4_0) all_rows(p, rows_512<BlockType::q4_0, 4>, rows_512<BlockType::q4_0, 1>);
}

void product_avx2(const BlockProduct& p) {
  if (p.type == BlockType::q8_0) all_rows(p, rows_256<BlockType::q8_0, 4>, rows_256<BlockType::q8_0, 1>);
  if (p.type == BlockType::q4_0) all_rows(p, rows_256<BlockType::q4_0, 4>, rows_256<BlockType::q4_0, 1>);
}

}  // namespace
#endif

std::vector<NamedBlockKernel> block_kernels() {
  std::vector<NamedBlockKernel> kernels;
#if defined(__x86_64__)
  const bool halves = __builtin_cpu_supports("f16c") != 0;
  if (halves && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) {
    kernels.push_back({"avx512", product_avx512});
  }
  if (halves && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back({"avx2", product_avx2});
  }
#endif
  kernels.push_back({"loop", block_product_loop});
  return kernels;
}

void block_product(const BlockProduct& p) {
  static const BlockKernel fastest = block_kernels().front().run;
  fastest(p);
}

}  // namespace rushlight
