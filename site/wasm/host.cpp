// host.cpp: what WebAssembly lacks. An exception that leaves C++ becomes an error of the page, with its text: nothing
// is caught on the way, so whoever calls starts a new instance afterwards. There is one thread.
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <typeinfo>

#include "01_tensor/todo.hpp"

extern "C" {

[[noreturn]] __attribute__((import_module("rushlight"), import_name("thrown"))) void thrown(const char* text,
                                                                                            int bytes);

void* __cxa_allocate_exception(std::size_t bytes) noexcept { return std::malloc(bytes); }
void __cxa_free_exception(void* memory) noexcept { std::free(memory); }

// Everything that the course and its libraries throw is a std::exception, alone or first among its bases, or a blank.
[[noreturn]] void __cxa_throw(void* object, std::type_info* type, void (*)(void*)) {
  if (*type == typeid(rushlight::Todo)) {
    const std::string text = static_cast<rushlight::Todo*>(object)->id + " is not written yet";
    thrown(text.data(), static_cast<int>(text.size()));
  }
  const std::string_view text = static_cast<std::exception*>(object)->what();
  thrown(text.data(), static_cast<int>(text.size()));
}

// There is one thread, and it never ends.
int __cxa_thread_atexit(void (*)(void*), void*, void*) { return 0; }

int openblas_get_num_threads() { return 1; }
void openblas_set_num_threads(int) {}

}  // extern "C"
