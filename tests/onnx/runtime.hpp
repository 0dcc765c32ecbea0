// runtime.hpp: a model in ONNX Runtime, from a shared library that is opened by its path. No header of it is used: the library
// exports one function, which gives a table of functions, and of the table of version 1 the public header promises that
// nothing in it moves.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace onnx {

// A file with one input "x", a matrix, and one output "y" of the same shape. Both stay where they are from run to run.
class Session {
 public:
  Session(const std::string& library, const std::string& file,
          int threads);  // std::runtime_error in the library's words

  std::span<float> x() { return x_; }
  std::span<const float> y() const { return y_; }
  void run();

 private:
  using Object = void*;  // of a kind that only the library knows

  template <class... Arguments>
  void call(int place, Arguments... arguments) const;
  std::vector<std::int64_t> shape() const;
  Object tensor(std::vector<float>& numbers, const std::vector<std::int64_t>& dims) const;

  void* const* functions_ = nullptr;
  Object session_ = nullptr, input_ = nullptr, output_ = nullptr;
  std::vector<float> x_, y_;
};

}  // namespace onnx
