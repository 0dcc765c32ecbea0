// csv_fields.cpp: the lines of a table, the fields of a line, and the number in a field.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "08_dataloader/csv.hpp"

namespace rushlight {
namespace {  // solution

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// std::from_chars reads no plus sign, and nothing but the machine-independent form.
template <class Number>
bool parse_whole(std::string_view field, Number& value) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  Number parsed{};
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), parsed);
  const bool tiny = error == std::errc::result_out_of_range && is_below_one(field);
  if ((error != std::errc() && !tiny) || end != field.data() + field.size()) return false;
  value = tiny ? Number{} : parsed;
  return true;
}

}  // namespace

// 08.3 split_lines  "a\r\n\nb\rc" -> {{1, "a"}, {3, "b"}, {4, "c"}}: the lines that hold more than spaces and tabs, with
// their numbers, and as they stand
// A line ends at \n, \r\n or \r alone. A byte order mark, "\xEF\xBB\xBF", before the first line is not part of it.
// Hint: cut the text at the first of "\r\n" that find_first_of finds; a \r and the \n behind it are one end. Count the
// empty lines that you pass over.
std::vector<CsvLine> split_lines(std::string_view text) {
  std::vector<CsvLine> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t mark = text.substr(end).starts_with("\r\n") ? 2 : 1;
    text.remove_prefix(std::min(end + mark, text.size()));
    if (line.find_first_not_of(" \t") != std::string_view::npos) lines.push_back({number, line});
  }
  return lines;
}

// 08.3 split_fields  "1, ,x" with ',' -> {"1", "", "x"}
// Hint: n separators make n + 1 fields, also at the end of the line.
std::vector<std::string_view> split_fields(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t end = line.find(separator);
    fields.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

// 08.3 parse_real  "-2e-3" -> true, value = -0.002;  "1e-400" -> true, 0;  "", "2x", "inf", "nan", "1e999" -> false, value
// untouched
// Hint: std::from_chars says where it stopped: that must be the end of the field. It calls a number out of range that is
// too large, or too close to 0: is_below_one (given) tells which.
bool parse_real(std::string_view field, Real& value) {
  Real parsed = 0;
  if (!parse_whole(field, parsed) || !std::isfinite(parsed)) return false;
  value = parsed;
  return true;
}

// 08.3 parse_label  "7" -> true, value = 7;  "7.0", "", "seven" -> false, value untouched
// Hint: as parse_real, for an integer.
bool parse_label(std::string_view field, std::int32_t& value) { return parse_whole(field, value); }

}  // namespace rushlight
