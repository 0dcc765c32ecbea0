// csv.cpp: tables of numbers as text. The files come from other people's programs, so every complaint says the line.
#include "08_dataloader/csv.hpp"

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.3 read_csv  path -> features (N, F), labels (N), names of the F columns
// Throws FileError through fail_at_line, or ValueError for the label column: see csv.hpp.
// Hint: read_bytes gives the text.
Table read_csv(const std::string& path, const CsvOptions& options) {
  todo("08.3");
}

}  // namespace rushlight
