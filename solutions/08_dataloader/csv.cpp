// csv.cpp: tables of numbers as text. The files come from other people's programs, so every complaint says the line.
#include "08_dataloader/csv.hpp"

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.3 read_csv  path -> features (N, F), labels (N), names of the F columns
// Throws FileError through fail_at_line, or ValueError for the label column: see csv.hpp.
// Hint: read_bytes gives the text.
Table read_csv(const std::string& path, const CsvOptions& options) {
  const Bytes bytes = read_bytes(path);
  const std::vector<CsvLine> lines = split_lines({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const std::size_t first = options.header ? 1 : 0;
  if (lines.size() <= first) throw FileError("{}: there is no line with an example.", {path});

  std::vector<std::string> names = column_names(split_fields(lines[0].text, options.separator), options.header);
  const std::size_t label = label_column(path, names, options);
  std::vector<Real> features;
  std::vector<std::int32_t> labels;
  for (const CsvLine& line : std::span(lines).subspan(first)) {
    const std::vector<std::string_view> fields = split_fields(line.text, options.separator);
    if (fields.size() != names.size()) {
      fail_at_line(path, line.number,
                   formatted("{} fields, but line {} has {}", {fields.size(), lines[0].number, names.size()}));
    }
    for (std::size_t column = 0; column < fields.size(); ++column) {
      const std::string_view field = fields[column];
      const bool good =
          column == label ? parse_label(field, labels.emplace_back()) : parse_real(field, features.emplace_back());
      if (!good) {
        fail_at_line(path, line.number,
                     formatted("column '{}' holds '{}', which is not {}",
                               {names[column], field, column == label ? "an integer label" : "a finite number"}));
      }
    }
  }
  const auto count = static_cast<std::int64_t>(labels.size());
  const auto width = static_cast<std::int64_t>(names.size()) - 1;
  names.erase(names.begin() + static_cast<std::ptrdiff_t>(label));
  return {std::move(names), Array({count, width}, features), Indices({count}, labels)};
}

}  // namespace rushlight
