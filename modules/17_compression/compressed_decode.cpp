// compressed_decode.cpp: given. Bytes that somebody wrote, as a compressed state: nothing in them is true before it is
// checked.
#include <algorithm>
#include <cstring>

#include "17_compression/compressed_file.hpp"
#include "17_compression/compressed_layout.hpp"

namespace rushlight {
namespace {

using namespace compressed;

class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, std::string_view file) : bytes_(bytes), file_(file) {}

  [[noreturn]] void fail(const std::string& reason) const {
    throw FileError("{}: offset {}: {}", {file_, place_, reason});
  }
  std::size_t left() const { return bytes_.size() - place_; }
  std::span<const std::uint8_t> take(std::uint64_t count, const char* what) {
    if (count > left()) fail(formatted("the file ends within {}.", {what}));
    const auto part = bytes_.subspan(place_, count);
    place_ += count;
    return part;
  }
  template <class T>
  T get(const char* what) {
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }
  Array numbers(const Shape& shape, const char* what) {
    const auto count = static_cast<std::uint64_t>(shape.numel());
    if (count > left() / sizeof(Real)) fail(formatted("the file ends within {}.", {what}));
    Array array(shape);
    const auto part = take(count * sizeof(Real), what);
    if (count > 0) std::memcpy(array.mutable_data().data(), part.data(), part.size());
    return array;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::string_view file_;
  std::size_t place_ = 0;
};

Shape read_shape(Reader& in) {
  const auto rank = in.get<std::uint8_t>("a shape");
  if (rank > Shape::max_rank) in.fail(formatted("{} axes; at most {} can be.", {int{rank}, Shape::max_rank}));
  Shape shape;
  std::int64_t all = 1;
  for (int axis = 0; axis < rank; ++axis) {
    const auto size = in.get<std::int64_t>("a shape");
    if (size < 0 || (size > 0 && all > INT64_MAX / size)) in.fail("a size that no array has.");
    all *= size;
    shape.push_back(size);
  }
  return shape;
}

// What Huffman's code alone allows: whole, with every length in use, or one symbol of one bit, or nothing.
void check_lengths(Reader& in, const CodeLengths& lengths) {
  double used = 0;
  std::size_t symbols = 0;
  for (const std::uint8_t length : lengths) {
    if (length > longest_code) in.fail("a code length above 63.");
    if (length > 0) used += 1 / static_cast<double>(std::uint64_t{1} << length), ++symbols;
  }
  if (used > 1 || (symbols == 1 && used != 0.5) || (symbols > 1 && used < 1)) {
    in.fail("lengths that are not those of a Huffman code.");
  }
}

Codebook read_shared(Reader& in, const Shape& shape) {
  const auto size = in.get<std::uint32_t>("a list");
  if (size > most_values) in.fail(formatted("a list of {} numbers; at most {} can be.", {size, most_values}));
  Codebook book{in.numbers({size}, "a list"), {}};
  const auto stored = in.take(size, "the code lengths");
  const CodeLengths lengths(stored.begin(), stored.end());
  check_lengths(in, lengths);
  const auto bits = in.take(in.get<std::uint64_t>("the count of bytes"), "the bits");
  if (static_cast<std::uint64_t>(shape.numel()) > 8 * static_cast<std::uint64_t>(bits.size())) {
    in.fail("fewer bits than numbers.");
  }
  try {
    book.codes = Indices(shape, huffman_decode(bits, lengths, shape.numel()));
  } catch (const ValueError& error) {
    in.fail(error.what());
  }
  return book;
}

void read_entry(Reader& in, CompressedState& state, std::string& last, bool first) {
  const auto letters = in.take(in.get<std::uint16_t>("a name"), "a name");
  const std::string name(letters.begin(), letters.end());
  if (!first && name <= last) in.fail("names that do not ascend.");
  last = name;
  const auto kind = in.get<std::uint8_t>("a kind");
  if (kind > 1) in.fail(formatted("kind {}; known are 0 and 1.", {int{kind}}));
  const Shape shape = read_shape(in);
  if (kind == 0) {
    state.plain[name] = in.numbers(shape, "an entry");
  } else {
    state.shared[name] = read_shared(in, shape);
  }
}

// The header, checked; -> how many entries follow.
std::uint32_t read_header(Reader& in, std::span<const std::uint8_t> bytes) {
  const auto letters = in.take(mark.size(), "the header");
  if (!std::equal(letters.begin(), letters.end(), mark.begin())) in.fail("it does not begin with RLHC.");
  const auto version = in.get<std::uint8_t>("the header"), number = in.get<std::uint8_t>("the header");
  if (version != 1) in.fail(formatted("version {}; this reads version 1.", {int{version}}));
  if (number != sizeof(Real)) {
    in.fail(formatted("numbers of {} bytes, but this program's have {}.", {int{number}, sizeof(Real)}));
  }
  const auto entries = in.get<std::uint32_t>("the header"), crc = in.get<std::uint32_t>("the header");
  if (crc != crc32(bytes.subspan(header_size))) in.fail("the CRC is another: the file was damaged.");
  return entries;
}

}  // namespace

CompressedState decode_compressed(std::span<const std::uint8_t> bytes, std::string_view file) {
  Reader in(bytes, file);
  if (bytes.size() < header_size) in.fail("the file ends within the header.");
  const std::uint32_t entries = read_header(in, bytes);
  CompressedState state;
  std::string last;
  for (std::uint32_t i = 0; i < entries; ++i) read_entry(in, state, last, i == 0);
  if (in.left() > 0) in.fail(formatted("{} bytes behind the last entry.", {in.left()}));
  return state;
}

}  // namespace rushlight
