// trace.hpp: what a program of `rush compare` writes down: every value and every gradient that it was asked for, in the
// order in which it met them, as a safetensors file. The writer is its own: nothing of what students write is in it.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "01_tensor/tensor.hpp"

namespace rushlight::compare {

// Where to look when a value is wrong, and when the gradient that arrives there is: task ids, the likeliest first.
// A gradient is made by the rules of whoever reads the value, so that is another task as a rule.
struct Look {
  const char* value = "";
  const char* gradient = "";
};

class Trace {
 public:
  // Every part whose name is among `skipped` is left out: it ended the process when it was tried before.
  Trace(std::string network, std::vector<std::string> skipped);

  void section(const std::string& name);

  // A function on fixed inputs; its station is called "<task> <name>". What it throws is written down in place of a
  // value, and the next part is tried all the same.
  void part(const char* task, const std::string& name, const std::function<Array()>& f);
  // The same of a differentiable function, with the gradient of each input for a fixed cotangent, by the tests' tape.
  void rule(const char* task, const std::string& name, const std::function<Tensor(const Tensors&)>& f,
            const Arrays& inputs);
  void text(const char* task, const std::string& name, const std::function<std::string()>& f);
  // Runs a piece that writes down values itself (below); what it throws is kept under `name`.
  void attempt(const char* task, const std::string& name, const std::function<void()>& f);

  void value(const Look& look, const std::string& name, const Array& value);
  // Undefined: none arrived. `cut`: the value that passed there was a fresh leaf, so whoever made it is to blame.
  void gradient(const Look& look, const std::string& name, const Array& gradient, bool cut = false);
  void parameter(const char* task, const std::string& name, const Array& gradient);

  void step(const char* task, const std::string& name, const Array& value) { add("step", task, name, value); }
  void weight(const std::string& name, const Array& value) { add("weight", "", name, value); }

  // Says on stdout that a place was reached: all that is left of a run in which the process dies.
  static void reached(const std::string& place);

  void note(const std::string& key, nlohmann::json what) { notes_[key] = std::move(what); }

  std::string network() const { return notes_.at("network"); }
  const nlohmann::json& notes() const { return notes_; }
  const nlohmann::json& stations() const { return stations_; }
  void save(const std::string& path) const;  // throws FileError

 private:
  bool begin(const std::string& name);
  void add(const char* kind, const char* task, const std::string& name, const Array& what);

  std::vector<std::string> skipped_;
  nlohmann::json notes_, stations_ = nlohmann::json::array();
  std::string section_, data_;
  nlohmann::json header_;
};

Array cotangent_of(const Shape& shape);  // 0.21 + 0.13·(k mod 11): a plain sum is blind

// Numbers that depend on `name` alone, multiples of 1/256 in about ±2, so that float and double read the same.
Array fixed(const std::string& name, const Shape& shape);
Array fixed_positive(const std::string& name, const Shape& shape);  // 0.25 and above
Indices fixed_ids(const std::string& name, const Shape& shape, std::int64_t limit);

Array numbers(const std::vector<double>& values);
Array numbers(const Indices& ids);
Array numbers(const Mask& mask);
Array sizes(const Shape& shape);

}  // namespace rushlight::compare
