// strict_json.hpp: given. JSON from a file that nobody vouches for. nlohmann's parser stops at a zero byte as if the
// text ended there, and of two equal keys it keeps the last: here both are errors. For .cpp files: the library takes
// seconds to compile.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "01_tensor/error.hpp"

namespace rushlight {

// Throws ValueError: not JSON, something behind the document, a key that stands in one object twice.
inline nlohmann::json strict_json(std::string_view text) {
  using nlohmann::json;
  std::vector<std::set<std::string>> keys;  // of every object that is open
  const auto watch = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      throw ValueError("'{}' stands there twice.", {parsed.get<std::string>()});
    }
    return true;
  };
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw ValueError("it is not JSON: byte {} is a zero.", {zero});
  }
  try {
    return json::parse(text, watch);
  } catch (const json::exception& error) {
    throw ValueError("it is not JSON: {}", {error.what()});
  }
}

}  // namespace rushlight
