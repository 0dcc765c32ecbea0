#include "llama.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <vector>

namespace llama {
namespace {

namespace fs = std::filesystem;

// The library of that name, whatever version its file name ends with.
void* open(const fs::path& folder, const std::string& name) {
  std::vector<fs::path> found;
  for (const auto& file : fs::directory_iterator(folder)) {
    const std::string each = file.path().filename().string();
    if (each.starts_with(name + ".") && each.find(".so") != std::string::npos) found.push_back(file.path());
  }
  if (found.empty()) throw std::runtime_error("there is no " + name + " in " + folder.string());
  std::sort(found.begin(), found.end());
  void* library = dlopen(found.back().c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  return library;
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw std::runtime_error(std::string("the library has no function ") + name);
}

}  // namespace

Library::Library(const std::string& folder) {
  open(folder, "libggml-base");
  void* ggml = open(folder, "libggml");
  void* library = open(folder, "libllama");
  find(ggml, "ggml_backend_load_all_from_path", load_backends);
  find(library, "llama_log_set", set_log);
  find(library, "llama_model_default_params", model_defaults);
  find(library, "llama_context_default_params", context_defaults);
  find(library, "llama_model_load_from_file", load_model);
  find(library, "llama_init_from_model", new_context);
  find(library, "llama_n_ctx", context_size);
  find(library, "llama_set_n_threads", set_threads);
  find(library, "llama_batch_get_one", batch_of);
  find(library, "llama_decode", decode);
  find(library, "llama_get_logits_ith", last_logits);
  find(library, "llama_get_memory", memory);
  find(library, "llama_memory_seq_rm", forget);
}

}  // namespace llama
