// metadata.cpp: given. Numbers as text that reads back to the last bit.
#include <unistd.h>

#include <charconv>
#include <utility>

#include "07_training/trainer.hpp"

namespace rushlight {
namespace {

[[noreturn]] void reject(std::string_view key, const std::string& text, const char* wanted) {
  throw FileError("the entry '{}' is '{}'; it should be {}.", {key, text, wanted});
}

}  // namespace

std::string text_of(double value) { return formatted("{}", {value}); }  // the shortest text that reads back exactly

std::string text_of(std::int64_t value) { return formatted("{}", {value}); }

std::string text_of(const Generator& generator) {
  const Generator::State& s = generator.state();
  return formatted("{:016x} {:016x} {:016x} {:016x}", {s[0], s[1], s[2], s[3]});
}

void put(Metadata& metadata, std::string_view key, std::string text) {
  metadata.insert_or_assign(std::string(key), std::move(text));
}

std::string text_at(const Metadata& metadata, std::string_view key) {
  const auto found = metadata.find(std::string(key));
  if (found == metadata.end()) throw FileError("the entry '{}' is missing.", {key});
  return found->second;
}

double number_at(const Metadata& metadata, std::string_view key) {
  const std::string text = text_at(metadata, key);
  double value = 0;
  // Not strtod: under a locale with a decimal comma it stops at the point. Takes "nan" and "inf" as well.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) reject(key, text, "a number");
  return value;
}

std::int64_t integer_at(const Metadata& metadata, std::string_view key) {
  const std::string text = text_at(metadata, key);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) reject(key, text, "an integer");
  return value;
}

std::int64_t count_at(const Metadata& metadata, std::string_view key) {
  const std::int64_t value = integer_at(metadata, key);
  if (value < 0 || value > std::int64_t{1} << 53) reject(key, text_at(metadata, key), "a count: 0 or more, up to 2^53");
  return value;
}

Generator::State generator_at(const Metadata& metadata, std::string_view key) {
  const std::string text = text_at(metadata, key);
  Generator::State state{};
  const char* from = text.data();
  const char* const stop = text.data() + text.size();
  for (std::uint64_t& word : state) {
    const auto [end, error] = std::from_chars(from, stop, word, 16);
    if (error != std::errc()) reject(key, text, "four hexadecimal numbers");
    from = end == stop ? end : end + 1;
  }
  if (from != stop) reject(key, text, "four hexadecimal numbers");
  if (state == Generator::State{}) reject(key, text, "four numbers that are not all 0: those only ever give zeros");
  return state;
}

bool Trainer::load_if_there(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return false;
  load(path);
  return true;
}

}  // namespace rushlight
