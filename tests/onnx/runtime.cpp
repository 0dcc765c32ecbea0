#include "runtime.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace onnx {
namespace {

// Places in the table, as the public header orders them.
enum Place : int {
  get_error_message = 2,
  create_env = 3,
  create_session = 7,
  run_session = 9,
  create_session_options = 10,
  set_intra_op_threads = 24,
  input_type_info = 33,
  create_tensor_with_data = 49,
  cast_to_tensor_info = 55,
  get_dimensions = 62,
  create_cpu_memory_info = 69,
};
// Numbers that the header has names for.
constexpr std::uint32_t version_1 = 1;
constexpr int errors_only = 3, arena_allocator = 1, default_memory = 0, floats = 1;

struct Base {
  void* const* (*table)(std::uint32_t version);
  const char* (*version)();
};

void* const* table_of(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  void* function = dlsym(library, "OrtGetApiBase");
  if (function == nullptr) throw std::runtime_error(path + " has no OrtGetApiBase: it is not ONNX Runtime");
  return reinterpret_cast<const Base* (*)()>(function)()->table(version_1);
}

}  // namespace

// A function gives back an error, or nothing where all went well.
template <class... Arguments>
void Session::call(int place, Arguments... arguments) const {
  const Object error = reinterpret_cast<Object (*)(Arguments...)>(functions_[place])(arguments...);
  if (error == nullptr) return;
  const auto words = reinterpret_cast<const char* (*)(Object)>(functions_[get_error_message]);
  throw std::runtime_error(std::string("ONNX Runtime says: ") + words(error));
}

Session::Session(const std::string& library, const std::string& file, int threads) : functions_(table_of(library)) {
  Object environment = nullptr, options = nullptr;
  call(create_env, errors_only, "rushlight", &environment);
  call(create_session_options, &options);
  call(set_intra_op_threads, options, threads);
  call(create_session, environment, file.c_str(), options, &session_);
  const std::vector<std::int64_t> dims = shape();
  x_.resize(static_cast<std::size_t>(dims[0] * dims[1]));
  y_.resize(x_.size());
  input_ = tensor(x_, dims);
  output_ = tensor(y_, dims);
}

std::vector<std::int64_t> Session::shape() const {
  Object type = nullptr, info = nullptr;
  call(input_type_info, session_, std::size_t{0}, &type);
  call(cast_to_tensor_info, type, &info);
  std::vector<std::int64_t> dims(2);
  call(get_dimensions, info, dims.data(), dims.size());
  return dims;
}

Session::Object Session::tensor(std::vector<float>& numbers, const std::vector<std::int64_t>& dims) const {
  Object memory = nullptr, result = nullptr;
  call(create_cpu_memory_info, arena_allocator, default_memory, &memory);
  call(create_tensor_with_data, memory, static_cast<void*>(numbers.data()), numbers.size() * sizeof(float), dims.data(),
       dims.size(), floats, &result);
  return result;
}

void Session::run() {
  const char *input = "x", *output = "y";
  const Object no_options = nullptr;
  call(run_session, session_, no_options, &input, &input_, std::size_t{1}, &output, std::size_t{1}, &output_);
}

}  // namespace onnx
