#include "support/golden.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "support/source_dir.hpp"

namespace rushlight::test {

nlohmann::json golden(const std::string& file) {
  const std::string path = source_dir() + "/tests/golden/" + file;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error(fmt::format("golden values: cannot open {}", path));
  return nlohmann::json::parse(stream);
}

Shape shape_of(const nlohmann::json& nested) {
  Shape shape;
  for (const nlohmann::json* level = &nested; level->is_array(); level = &level->front()) {
    shape.push_back(static_cast<std::int64_t>(level->size()));
    if (level->empty()) break;
  }
  return shape;
}

std::vector<double> values_of(const nlohmann::json& nested) {
  if (!nested.is_array()) return {nested.get<double>()};
  std::vector<double> values;
  for (const nlohmann::json& part : nested) {
    const std::vector<double> inner = values_of(part);
    values.insert(values.end(), inner.begin(), inner.end());
  }
  return values;
}

Array array_of(const nlohmann::json& nested) {
  const std::vector<double> values = values_of(nested);
  return Array(shape_of(nested), std::vector<Real>(values.begin(), values.end()));
}

}  // namespace rushlight::test
