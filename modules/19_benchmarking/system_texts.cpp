// system_texts.cpp: given. Linux keeps what it knows in files; the compiler in macros.
#include <fstream>
#include <sstream>

#include "01_tensor/array.hpp"
#include "01_tensor/message.hpp"
#include "19_benchmarking/environment.hpp"

namespace rushlight::bench {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  if (std::ifstream file(path); file) text << file.rdbuf();
  return text.str();
}

std::string governors() {
  std::string all;
  for (int processor = 0;; ++processor) {
    const std::string one = text_of(formatted("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor", {processor}));
    if (one.empty()) return all;
    all += one;
  }
}

std::string compiler() {
#ifdef __clang__
  return formatted("clang {}.{}.{}", {__clang_major__, __clang_minor__, __clang_patchlevel__});
#else
  return formatted("g++ {}.{}.{}", {__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__});
#endif
}

std::string flags() {
  std::string all;
#ifdef __OPTIMIZE__
  all += "optimised\n";
#endif
#ifdef _GLIBCXX_ASSERTIONS  // as guard.hpp of module 01 asks
  all += "checks\n";
#endif
#ifdef __SANITIZE_ADDRESS__
  all += "address sanitizer\n";
#endif
#ifdef __AVX512F__
  all += "avx512\n";
#elif defined(__AVX2__)
  all += "avx2\n";
#endif
  return all + (sizeof(Real) == sizeof(double) ? "double\n" : "float\n");
}

}  // namespace

SystemTexts read_system() {
  return {.cpuinfo = text_of("/proc/cpuinfo"),
          .loadavg = text_of("/proc/loadavg"),
          .governors = governors(),
          .compiler = compiler(),
          .flags = flags()};
}

}  // namespace rushlight::bench
