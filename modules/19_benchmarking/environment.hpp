// environment.hpp: where a number was measured. Without it, it is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rushlight::bench {

// What the system and the compiler say about themselves, as they say it.
struct SystemTexts {
  std::string cpuinfo = {};    // /proc/cpuinfo
  std::string loadavg = {};    // /proc/loadavg: "0.52 0.58 0.59 1/1024 12345"
  std::string governors = {};  // scaling_governor of every processor, one a line; empty where there is no such thing
  std::string compiler = {};   // "g++ 12.2.0"
  std::string flags = {};      // what the compiler was told, one a line: "optimised", "checks", "avx2", ...
};

SystemTexts read_system();  // given (system_texts.cpp). A file that is not there gives an empty text.

struct Environment {
  std::string processor = "unknown";
  std::int64_t processors = 0;       // 0: unknown
  std::string governor = "unknown";  // the one that all share, or "mixed"
  std::optional<double> load = {};   // programs that ran or wanted to, mean of the last minute
  std::string compiler = {};
  std::vector<std::string> flags = {};
};

// --- 19.9 (environment.cpp) ----------------------------------------------------------------------------------------------

// cpuinfo has lines such as "model name\t: AMD EPYC": a key, spaces or tabs, a colon, spaces or tabs, a value. The first
// "model name" is the processor (without spaces around it), each line "processor" is one of them. The load is the first
// number of loadavg, at least 0. What is not there or makes no sense stays unknown; nothing is thrown. Empty lines are no
// flags.
Environment describe(const SystemTexts& texts);

// Why a number that is measured here may not hold tomorrow, a sentence each, in this order:
//   the governor is not "performance": names it
//   the load is unknown, or more than half of the processors (of 0, which are unknown, all is more than half): speaks of
//     the "load", and gives it if it is known
//   the flags do not have "optimised": names it
//   each flag that is "checks" or ends in "sanitizer": names it
std::vector<std::string> doubts(const Environment& environment);

}  // namespace rushlight::bench
