#include "compare/trace.hpp"

#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <typeinfo>

#include <cxxabi.h>

#include "01_tensor/random.hpp"
#include "01_tensor/todo.hpp"
#include "support/tape.hpp"

namespace rushlight::compare {
namespace {

std::string readable(const char* mangled) {
  int status = 0;
  char* name = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string text = status == 0 ? name : mangled;
  std::free(name);  // NOLINT: it comes from malloc
  return text;
}

// Runs f, and says what it threw; null when it came to its end.
nlohmann::json failure_of(const std::function<void()>& f) {
  try {
    f();
    return nullptr;
  } catch (const Todo& blank) {
    return {{"state", "todo"}, {"todo", blank.id}};
  } catch (const std::exception& error) {
    return {{"state", "threw"}, {"error_type", readable(typeid(error).name())}, {"message", error.what()}};
  } catch (...) {
    return {{"state", "threw"}, {"error_type", "unknown"}, {"message", "something that is no std::exception"}};
  }
}

std::uint64_t seed_of(const std::string& name) {  // FNV-1a
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

template <class T>
Array as_array(const Values<T>& values) {
  Array result(values.shape());
  for (std::size_t i = 0; i < values.data().size(); ++i) result.mutable_data()[i] = static_cast<Real>(values.data()[i]);
  return result;
}

}  // namespace

Trace::Trace(std::string network, std::vector<std::string> skipped)
    : skipped_(std::move(skipped)),
      notes_({{"network", std::move(network)}, {"real", sizeof(Real) == 8 ? "double" : "float"}}),
      header_(nlohmann::json::object()) {}

void Trace::section(const std::string& name) { section_ = name; }

// Says on stdout what is under way, so that whoever watches knows what a process died of.
bool Trace::begin(const std::string& name) {
  for (const std::string& each : skipped_) {
    if (each == name) return false;
  }
  std::printf("%s\n", name.c_str());
  std::fflush(stdout);
  return true;
}

void Trace::reached(const std::string& place) {
  std::printf("  %s\n", place.c_str());
  std::fflush(stdout);
}

void Trace::attempt(const char* task, const std::string& name, const std::function<void()>& f) {
  if (!begin(name)) return;
  nlohmann::json failure = failure_of(f);
  if (failure.is_null()) return;
  failure.update({{"name", name}, {"section", section_}, {"kind", "value"}, {"task", task}});
  stations_.push_back(std::move(failure));
}

void Trace::part(const char* task, const std::string& what, const std::function<Array()>& f) {
  const std::string name = std::string(task) + " " + what;
  attempt(task, name, [&] { add("value", task, name, f()); });
}

void Trace::text(const char* task, const std::string& what, const std::function<std::string()>& f) {
  const std::string name = std::string(task) + " " + what;
  attempt(task, name, [&] {
    stations_.push_back(
        {{"name", name}, {"section", section_}, {"kind", "text"}, {"task", task}, {"state", "done"}, {"text", f()}});
  });
}

void Trace::rule(const char* task, const std::string& what, const std::function<Tensor(const Tensors&)>& f,
                 const Arrays& inputs) {
  const std::string name = std::string(task) + " " + what;
  attempt(task, name, [&] {
    Tensors leaves;
    for (const Array& input : inputs) leaves.emplace_back(input.clone(), true);
    const Tensor y = f(leaves);
    add("value", task, name, y.value());
    if (y.node() == nullptr) {
      for (std::size_t i = 0; i < leaves.size(); ++i) add("gradient", task, name + "_grad." + std::to_string(i), {});
      return;
    }
    const test::Tape tape(y, cotangent_of(y.shape()));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      add("gradient", task, name + "_grad." + std::to_string(i), tape.grad(leaves[i]));
    }
  });
}

void Trace::value(const Look& look, const std::string& name, const Array& value) {
  add("value", look.value, name, value);
}

void Trace::gradient(const Look& look, const std::string& name, const Array& gradient, bool cut) {
  add("gradient", cut ? look.value : look.gradient, name + "_grad", gradient);
  if (cut) stations_.back()["message"] = "cut";
}

void Trace::parameter(const char* task, const std::string& name, const Array& gradient) {
  add("parameter", task, name + "_grad", gradient);
}

void Trace::add(const char* kind, const char* task, const std::string& name, const Array& what) {
  const bool there = what.defined();
  stations_.push_back(
      {{"name", name}, {"section", section_}, {"kind", kind}, {"task", task}, {"state", there ? "done" : "missing"}});
  if (!there) return;
  const std::span<const Real> values = what.data();
  const std::size_t begin = data_.size();
  data_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  header_[name] = {{"dtype", sizeof(Real) == 8 ? "F64" : "F32"},
                   {"shape", std::vector<std::int64_t>(what.shape().begin(), what.shape().end())},
                   {"data_offsets", {begin, data_.size()}}};
}

void Trace::save(const std::string& path) const {
  nlohmann::json trace = notes_, header = header_;
  trace["stations"] = stations_;
  header["__metadata__"] = {{"trace", trace.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)}};
  std::string json = header.dump(-1, ' ', true);
  json.resize((json.size() + 7) / 8 * 8, ' ');
  std::string length;
  for (int byte = 0; byte < 8; ++byte) length.push_back(static_cast<char>(json.size() >> (8 * byte) & 0xFF));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << length << json << data_;
  file.close();
  if (!file) throw FileError("{}: the trace could not be written. Is the disk full?", {path});
}

Array cotangent_of(const Shape& shape) {
  Array c(shape);
  const std::span<Real> to = c.mutable_data();
  for (std::size_t k = 0; k < to.size(); ++k) to[k] = static_cast<Real>(0.21 + 0.13 * static_cast<double>(k % 11));
  return c;
}

Array fixed(const std::string& name, const Shape& shape) {
  Generator random(seed_of(name));
  Array result(shape);
  for (Real& x : result.mutable_data()) x = static_cast<Real>(std::round(random.normal() * 192) / 256);
  return result;
}

Array fixed_positive(const std::string& name, const Shape& shape) {
  Array result = fixed(name, shape);
  for (Real& x : result.mutable_data()) x = std::abs(x) + static_cast<Real>(0.25);
  return result;
}

Indices fixed_ids(const std::string& name, const Shape& shape, std::int64_t limit) {
  Generator random(seed_of(name));
  Indices result(shape);
  for (std::int32_t& id : result.mutable_data()) id = static_cast<std::int32_t>(random.below(limit));
  return result;
}

Array numbers(const std::vector<double>& values) {
  return {{static_cast<std::int64_t>(values.size())}, std::vector<Real>(values.begin(), values.end())};
}
Array numbers(const Indices& ids) { return as_array(ids); }
Array numbers(const Mask& mask) { return as_array(mask); }
Array sizes(const Shape& shape) { return numbers(std::vector<double>(shape.begin(), shape.end())); }

}  // namespace rushlight::compare
