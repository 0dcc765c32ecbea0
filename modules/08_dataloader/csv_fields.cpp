// csv_fields.cpp: the lines of a table, the fields of a line, and the number in a field.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "08_dataloader/csv.hpp"

namespace rushlight {

// 08.3 split_lines  "a\r\n\nb\rc" -> {{1, "a"}, {3, "b"}, {4, "c"}}: the lines that hold more than spaces and tabs, with
// their numbers, and as they stand
// A line ends at \n, \r\n or \r alone. A byte order mark, "\xEF\xBB\xBF", before the first line is not part of it.
// Hint: cut the text at the first of "\r\n" that find_first_of finds; a \r and the \n behind it are one end. Count the
// empty lines that you pass over.
std::vector<CsvLine> split_lines(std::string_view text) {
  todo("08.3");
}

// 08.3 split_fields  "1, ,x" with ',' -> {"1", "", "x"}
// Hint: n separators make n + 1 fields, also at the end of the line.
std::vector<std::string_view> split_fields(std::string_view line, char separator) {
  todo("08.3");
}

// 08.3 parse_real  "-2e-3" -> true, value = -0.002;  "1e-400" -> true, 0;  "", "2x", "inf", "nan", "1e999" -> false, value
// untouched
// Hint: std::from_chars says where it stopped: that must be the end of the field. It calls a number out of range that is
// too large, or too close to 0: is_below_one (given) tells which.
bool parse_real(std::string_view field, Real& value) {
  todo("08.3");
}

// 08.3 parse_label  "7" -> true, value = 7;  "7.0", "", "seven" -> false, value untouched
// Hint: as parse_real, for an integer.
bool parse_label(std::string_view field, std::int32_t& value) {
  todo("08.3");
}

}  // namespace rushlight
