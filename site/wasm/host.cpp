// host.cpp: what WebAssembly lacks. An exception that leaves C++ becomes an error of the page, with its text: nothing
// is caught on the way, so whoever calls starts a new instance afterwards. There is one thread.
#include <cstdlib>
#include <exception>
#include <string_view>
#include <typeinfo>

extern "C" {

[[noreturn]] __attribute__((import_module("rushlight"), import_name("thrown"))) void thrown(const char* text,
                                                                                            int bytes);

void* __cxa_allocate_exception(std::size_t bytes) noexcept { return std::malloc(bytes); }
void __cxa_free_exception(void* memory) noexcept { std::free(memory); }

// Everything that the course and its libraries throw is a std::exception, alone or first among its bases.
[[noreturn]] void __cxa_throw(void* object, std::type_info*, void (*)(void*)) {
  const std::string_view text = static_cast<std::exception*>(object)->what();
  thrown(text.data(), static_cast<int>(text.size()));
}

int openblas_get_num_threads() { return 1; }
void openblas_set_num_threads(int) {}

}  // extern "C"
