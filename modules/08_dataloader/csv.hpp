// csv.hpp: tables of numbers as text, one example a line. Numbers are read the same way whatever the machine's
// language settings. Quoted fields are not read: a table of numbers has none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "01_tensor/array.hpp"
#include "08_dataloader/dataset.hpp"

namespace rushlight {

struct CsvOptions {
  std::string label = "label";  // the label column's name; with header = false its number, "0" the first, "-1" the last
  bool header = true;           // the first line holds names
  char separator = ',';
};

struct Table {
  std::vector<std::string> columns;  // names of the feature columns; "0", "1", ... without a header
  Array features;                    // (N, F), F >= 0, columns in the file's order
  Indices labels;                    // (N)
};

// --- 08.3, written by you in csv_fields.cpp, csv_columns.cpp and, read_csv, in csv.cpp -------------------------

struct CsvLine {
  std::int64_t number;  // from 1
  std::string_view text;
  bool operator==(const CsvLine&) const = default;
};

// The lines that hold more than spaces and tabs, without their \n, \r\n or \r. The others count, too: "a\r\n\nb" ->
// {{1, "a"}, {3, "b"}}. A byte order mark (EF BB BF), which some programs write first, belongs to no line.
std::vector<CsvLine> split_lines(std::string_view text);

// "1,,x" -> {"1", "", "x"}. Spaces and tabs at either end of a field go; an empty line is one empty field.
std::vector<std::string_view> split_fields(std::string_view line, char separator);

// The number that fills the whole field, or false. inf and nan are not numbers here: they would poison the mean of
// every column that they touch. "+1.5" and "-2e-3" are. A number too close to 0 for a Real, "1e-400", is 0.
bool parse_real(std::string_view field, Real& value);
bool parse_label(std::string_view field, std::int32_t& value);  // an integer: 3, not 3.0

// Whether a decimal number that std::from_chars found out of range is that because it is too small. Given.
bool is_below_one(std::string_view number);

// What the columns are called: as the first line says, or without a header "0", "1", ...
std::vector<std::string> column_names(const std::vector<std::string_view>& first_line, bool header);

// Which of the names is options.label; without a header, "-1" is the last. ValueError, with `path` and the names there
// are, when there is no such column.
std::size_t label_column(const std::string& path, const std::vector<std::string>& names, const CsvOptions& options);

// The whole table. Lines end in \n, \r\n or \r; empty lines are passed over but counted. Throws FileError with path, line
// and reason: a line with another number of fields than the first (says both), a field that is not a number (quotes it
// and names its column), a label that is not an integer; ValueError when there is no such label column (lists those
// there are); FileError when no line holds an example.
Table read_csv(const std::string& path, const CsvOptions& options = {});

}  // namespace rushlight
