// expression.hpp: formulas with numbers for names, computed by the framework's own ops, so that it records their graph.
#pragma once

#include <string>
#include <vector>

#include "01_tensor/tensor.hpp"

namespace rushlight::live {

struct Named {
  std::string name;  // empty for a result on the way
  Tensor tensor;
};

// "w=2 x=3 ; tanh(w*x)^2". Names are leaves that want a gradient, numbers are constants. Knows + - * / ^, parentheses
// and exp log sqrt abs tanh sigmoid relu gelu silu. Throws ValueError that says where it stopped understanding.
class Expression {
 public:
  explicit Expression(const std::string& text);
  const Tensor& root() const { return root_; }
  const std::vector<Named>& tensors() const { return tensors_; }  // leaves, then every result in the order of recording

 private:
  void read_leaves(const std::string& text);
  Tensor sum();
  Tensor product();
  Tensor power();
  Tensor atom();
  Tensor call(const std::string& name);
  Tensor made(const Tensor& result);
  bool take(char letter);
  void expect(char letter);
  std::string word();
  [[noreturn]] void confused(const char* expected) const;

  std::string text_;
  std::size_t at_ = 0;
  std::vector<Named> tensors_;
  Tensor root_;
};

}  // namespace rushlight::live
