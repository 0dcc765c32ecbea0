// strides.cpp: a grid of cells that reads a strip of memory by its strides, walked as the course walks it.
#include <array>
#include <vector>

#include "01_tensor/strided.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t most = 12;

// The place in memory that each cell reads, in the order of the walk. The last axis is walked by whoever is called.
std::vector<std::int64_t> places(const Shape& shape, const Shape& strides, std::int64_t first) {
  std::vector<std::int64_t> found;
  for_each_row(shape, std::array{strides}, [&](const auto& start) {
    for (std::int64_t i = 0; i < row_length(shape); ++i) found.push_back(first + start[0] + i * row_step(strides));
  });
  return found;
}

}  // namespace

// strides ROWS COLUMNS FIRST DOWN RIGHT: memory as a (3, 4) lays it, read by a grid of other strides from FIRST on
std::string strides(Request& request) {
  const Shape memory{3, 4};
  const std::int64_t rows = request.whole(1, most), columns = request.whole(1, most), first = request.whole(0, most);
  const std::int64_t down = request.whole(-most, most), right = request.whole(-most, most);
  const std::vector<std::int64_t> read = places({rows, columns}, {down, right}, first);
  for (const std::int64_t place : read) {
    if (place < 0 || place >= memory.numel()) {
      throw IndexError("strides: a cell of {} with strides {} from {} on reads place {}, and memory has 0 to {}.",
                       {Shape{rows, columns}, Shape{down, right}, first, place, memory.numel() - 1});
    }
  }
  return "{\"own\":" + list(strides_of(memory)) +
         ",\"places\":" + list(read, [](std::int64_t place) { return std::to_string(place); }) + "}";
}

}  // namespace rushlight::live
