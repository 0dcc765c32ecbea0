// request.hpp: what a page asks, as words: "race valley adam 0.05 0 -1 1 200".
#pragma once

#include <cstdlib>
#include <sstream>
#include <string>

#include "01_tensor/error.hpp"

namespace rushlight::live {

class Request {
 public:
  explicit Request(const std::string& text) : words_(text) {}

  std::string word() {
    std::string text;
    if (!(words_ >> text)) throw ValueError("{}: something is missing at the end of the request.", {"request"});
    return text;
  }
  double real() {
    const std::string text = word();
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end != '\0') throw ValueError("{}: expected a number, found \"{}\".", {"request", text});
    return value;
  }
  std::int64_t whole(std::int64_t low, std::int64_t high) {
    const double value = real();
    if (!(value >= double(low) && value <= double(high))) {
      throw ValueError("{}: {} is not within {} and {}.", {"request", value, low, high});
    }
    return static_cast<std::int64_t>(value);
  }
  // A word written as in an address: %20 is a space, - alone is nothing.
  std::string text() {
    const std::string coded = word();
    if (coded == "-") return "";
    std::string plain;
    for (std::size_t i = 0; i < coded.size(); ++i) {
      if (coded[i] != '%') {
        plain += coded[i];
        continue;
      }
      const std::string digits = coded.substr(i + 1, 2);
      char* end = nullptr;
      plain += static_cast<char>(std::strtol(digits.c_str(), &end, 16));
      if (digits.size() != 2 || *end != '\0') throw ValueError("{}: {} is no byte.", {"request", "%" + digits});
      i += 2;
    }
    return plain;
  }
  std::string rest() {
    std::string text;
    std::getline(words_, text);
    return text;
  }

 private:
  std::istringstream words_;
};

}  // namespace rushlight::live
