// csv_columns.cpp: what a table's columns are called, and which of them is the label.
#include <algorithm>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "08_dataloader/csv.hpp"

namespace rushlight {

// 08.3 column_names  fields of the first line -> their names; without a header "0", "1", ...
// Hint: std::to_string.
std::vector<std::string> column_names(const std::vector<std::string_view>& first_line, bool header) {
  todo("08.3");
}

// 08.3 label_column  names -> the place of options.label; without a header, a negative number counts from the end
// Throws ValueError that names the path, the label and all columns there are.
// Hint: std::find; parse_label tells whether options.label is a number.
std::size_t label_column(const std::string& path, const std::vector<std::string>& names, const CsvOptions& options) {
  todo("08.3");
}

}  // namespace rushlight
