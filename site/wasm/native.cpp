// native.cpp: the same requests answered by the same code, compiled for this machine: one a line, one answer a line. An
// error is answered as {"error": "..."}. The tests compare it with WebAssembly.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "json.hpp"
#include "widgets.hpp"

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::puts(rushlight::live::answer(line).c_str());
    } catch (const std::exception& error) {
      std::puts(("{\"error\":" + rushlight::live::quoted(error.what()) + "}").c_str());
    }
  }
}
