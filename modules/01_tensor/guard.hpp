// guard.hpp: two traps around the numbers of an Array, so that a mistake with memory shows where it was made. Fresh
// numbers (the first 4096) are a NaN that no arithmetic makes: whoever reads one that nobody wrote gets a NaN, and a test
// can say which number it was. Behind the numbers lie bytes that nobody may touch: an op that wrote into them is named.
// Given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "01_tensor/array.hpp"

namespace rushlight::guard {

#ifdef _GLIBCXX_ASSERTIONS  // with bounds checks, as RUSHLIGHT_CHECKS in CMakeLists.txt asks for them
inline constexpr bool on = true;
#else
inline constexpr bool on = false;
#endif

// How many bytes lie behind the numbers. None under AddressSanitizer, which watches that place itself.
std::size_t bytes_behind();

// Sets both traps in a block that was just taken, with bytes_behind() more than its numbers need.
void arm(Real* numbers, std::int64_t count);
void arm(std::int32_t* numbers, std::int64_t count);
void arm(std::uint8_t* numbers, std::int64_t count);

bool never_written(Real value);

// Throws IndexError when something was written behind the numbers of `part` ("its result"), which `op` has just made.
// The bytes are mended, so that one mistake is told once.
void check_end(const char* op, const char* part, const Array& made);
void check_end(const char* op, const char* part, const Indices& made);
void check_end(const char* op, const char* part, const Mask& made);

// An Array on the way to a result comes to its end unseen. Its block is looked at when it is given back, and what was
// found is kept for whoever asks: once, "" when there was nothing.
void look_behind(void* numbers, std::size_t bytes);
std::string take_damage();

}  // namespace rushlight::guard
