#include "expression.hpp"

#include <cctype>
#include <cstdlib>
#include <sstream>

#include "02_activations/activations.hpp"

namespace rushlight::live {
namespace {

double number_in(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') throw ValueError("expression: \"{}\" is not a number.", {text});
  return value;
}

}  // namespace

Expression::Expression(const std::string& text) {
  const std::size_t middle = text.find(';');
  if (middle == std::string::npos) throw ValueError("expression: expected values ; formula, found no \"{}\".", {";"});
  read_leaves(text.substr(0, middle));
  text_ = text.substr(middle + 1);
  root_ = sum();
  if (take('\0'), at_ < text_.size()) confused("an operator");
  if (!root_.requires_grad())
    throw GraphError("expression: no name of {} is in the formula.", {text.substr(0, middle)});
}

void Expression::read_leaves(const std::string& text) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t middle = word.find('=');
    if (middle == std::string::npos || middle == 0)
      throw ValueError("expression: expected name=value, found \"{}\".", {word});
    const auto value = static_cast<Real>(number_in(word.substr(middle + 1)));
    tensors_.push_back({word.substr(0, middle), Tensor(Array::scalar(value), true)});
  }
}

Tensor Expression::sum() {
  Tensor result = product();
  while (true) {
    if (take('+')) {
      result = made(result + product());
    } else if (take('-')) {
      result = made(result - product());
    } else {
      return result;
    }
  }
}

Tensor Expression::product() {
  Tensor result = power();
  while (true) {
    if (take('*')) {
      result = made(result * power());
    } else if (take('/')) {
      result = made(result / power());
    } else {
      return result;
    }
  }
}

Tensor Expression::power() {
  if (take('-')) return made(-power());
  const Tensor base = atom();
  if (!take('^')) return base;
  const bool negative = take('-');
  const auto exponent = static_cast<Real>(number_in(word()));
  return made(pow(base, negative ? -exponent : exponent));
}

Tensor Expression::atom() {
  if (take('(')) {
    const Tensor inside = sum();
    expect(')');
    return inside;
  }
  const std::string name = word();
  if (name.empty()) confused("a number, a name or (");
  if (std::isdigit(static_cast<unsigned char>(name[0])) || name[0] == '.') return {static_cast<Real>(number_in(name))};
  if (take('(')) return call(name);
  for (const Named& leaf : tensors_) {
    if (leaf.name == name) return leaf.tensor;
  }
  throw ValueError("expression: {} has no value; write {}=1 among the values.", {name, name});
}

Tensor Expression::call(const std::string& name) {
  const Tensor x = sum();
  expect(')');
  if (name == "exp") return made(exp(x));
  if (name == "log") return made(log(x));
  if (name == "sqrt") return made(sqrt(x));
  if (name == "abs") return made(abs(x));
  if (name == "tanh") return made(tanh(x));
  if (name == "sigmoid") return made(sigmoid(x));
  if (name == "relu") return made(relu(x));
  if (name == "gelu") return made(gelu(x));
  if (name == "silu") return made(silu(x));
  throw ValueError("expression: there is no function {}.", {name});
}

Tensor Expression::made(const Tensor& result) {
  if (result.requires_grad()) tensors_.push_back({"", result});
  return result;
}

bool Expression::take(char letter) {
  while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  if (at_ >= text_.size() || text_[at_] != letter) return false;
  ++at_;
  return true;
}

void Expression::expect(char letter) {
  if (!take(letter)) confused(letter == ')' ? ")" : "another sign");
}

std::string Expression::word() {
  take('\0');  // skips blanks
  const std::size_t start = at_;
  while (at_ < text_.size() &&
         (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.' || text_[at_] == '_'))
    ++at_;
  return text_.substr(start, at_ - start);
}

void Expression::confused(const char* expected) const {
  throw ValueError("expression: expected {} at place {}, found \"{}\".",
                   {expected, std::int64_t(at_ + 1), text_.substr(at_, 8)});
}

}  // namespace rushlight::live
