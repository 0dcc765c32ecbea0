// module.cpp: the WebAssembly module's two functions. A page writes a request into argument() and calls ask().
#include <string>

#include "widgets.hpp"

namespace {
std::string request;
std::string result;
}  // namespace

extern "C" {

// Room for a request of that many bytes.
__attribute__((export_name("argument"))) char* argument(int bytes) {
  request.assign(static_cast<std::size_t>(bytes), '\0');
  return request.data();
}

// The answer, which ends with a zero and lies there until the next call.
__attribute__((export_name("ask"))) const char* ask() {
  result = rushlight::live::answer(request);
  return result.c_str();
}

}  // extern "C"
