// csv_columns.cpp: what a table's columns are called, and which of them is the label.
#include <algorithm>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "08_dataloader/csv.hpp"

namespace rushlight {

// 08.3 column_names  fields of the first line -> their names; without a header "0", "1", ...
// Hint: std::to_string.
std::vector<std::string> column_names(const std::vector<std::string_view>& first_line, bool header) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < first_line.size(); ++i) {
    names.push_back(header ? std::string(first_line[i]) : std::to_string(i));
  }
  return names;
}

// 08.3 label_column  names -> the place of options.label; without a header, a negative number counts from the end
// Throws ValueError that names the path, the label and all columns there are.
// Hint: std::find; parse_label tells whether options.label is a number.
std::size_t label_column(const std::string& path, const std::vector<std::string>& names, const CsvOptions& options) {
  std::string wanted = options.label;
  if (std::int32_t number = 0; !options.header && parse_label(wanted, number) && number < 0) {
    wanted = std::to_string(static_cast<std::int64_t>(names.size()) + number);
  }
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    throw ValueError("{}: there is no column '{}' for the label; there are: {}.", {path, options.label, all});
  }
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace rushlight
