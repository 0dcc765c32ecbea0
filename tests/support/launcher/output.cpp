#include "support/launcher/output.hpp"

#include <signal.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "support/launcher/text.hpp"

namespace launcher {
namespace {

constexpr std::size_t kTailBytes = 64 << 10;
constexpr std::size_t kTailLines = 12;
constexpr int kFrames = 8;  // of the course, innermost first: the student's own may come after some of given code

// gtest's own lines say nothing that the report does not.
bool worth_showing(const std::string& line) {
  return !line.empty() && line.rfind("[  ", 0) != 0 && line.rfind("[--", 0) != 0 && line.rfind("[==", 0) != 0 &&
         line.rfind("Note: Google Test filter", 0) != 0;
}

// Both ends of a long line: a failed assertion of the standard library begins with its place and ends with its reason.
std::string shortened(const std::string& line) {
  return line.size() <= 300 ? line : line.substr(0, 120) + " … " + line.substr(line.size() - 160);
}

std::string last_lines(const std::string& output) {
  std::vector<std::string> kept;
  for (std::string& line : split(output, '\n')) {
    if (worth_showing(line)) kept.push_back(shortened(line));
  }
  std::string text;
  for (std::size_t i = kept.size() - std::min(kept.size(), kTailLines); i < kept.size(); ++i) {
    text += "\n    " + kept[i];
  }
  return text;
}

bool is_headline(const std::string& line) {
  return line.find("Sanitizer: ") != std::string::npos || line.find("runtime error: ") != std::string::npos;
}

// "    #1 0x55d0 in rushlight::relu(…) /…/modules/02_activations/activations.cpp:12"
bool is_own_frame(const std::string& line) {
  const bool frame = line.rfind("    #", 0) == 0;
  return frame && (line.find("modules/") != std::string::npos || line.find("solutions/") != std::string::npos);
}

// "==8152==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020 at pc …" without process and registers.
std::string headline_text(const std::string& line) {
  const std::size_t error = line.find("ERROR: ");
  const std::size_t first = error == std::string::npos ? 0 : error + 7;
  return without_space(line.substr(first, line.find(" at pc ") - first));
}

std::string signal_text(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "segmentation fault (SIGSEGV): it used memory that is not its own (an index out of "
             "range, a dangling "
             "reference, endless recursion)";
    case SIGABRT:
      return "aborted (SIGABRT): a failed assertion, or an exception that nobody caught";
    case SIGFPE:
      return "arithmetic fault (SIGFPE): an integer was divided by zero";
    case SIGILL:
      return "illegal instruction (SIGILL): the program was built for another processor";
    case SIGBUS:
      return "bus error (SIGBUS): memory that is not there";
    case SIGKILL:
      return "killed (SIGKILL): by somebody, or because memory ran out";
    case SIGXFSZ:
      return "wrote a file of more than 512 MiB (SIGXFSZ)";
    case SIGTERM:
      return "terminated (SIGTERM)";
    default:
      return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
}

}  // namespace

std::string read_tail(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return "";
  const std::streamoff size = in.tellg();
  in.seekg(std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kTailBytes)));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string since_last_case(const std::string& output) {
  const std::string mark = "[ RUN      ]";
  const std::size_t at = output.rfind(mark);
  if (at == std::string::npos) return output;
  const std::size_t line = output.find('\n', at);
  return line == std::string::npos ? "" : output.substr(line + 1);
}

// A sanitizer's report is long: its headline and the first frames in the course's own code say where to look. A second
// stack, of who allocated or freed the memory, comes after an empty line.
std::string sanitizer_report(const std::string& output) {
  std::string report;
  int frames = 0;
  for (const std::string& line : split(output, '\n')) {
    if (report.empty() && is_headline(line)) report = headline_text(line);
    if (frames > 0 && (line.empty() || frames == kFrames)) break;
    if (report.empty() || !is_own_frame(line)) continue;
    report += "\n    " + without_space(line);
    ++frames;
  }
  return report;
}

std::string printed(const std::string& output) {
  const std::string lines = last_lines(output);
  return lines.empty() ? "" : "\n  it printed last:" + lines;
}

// todo() says "todo 02.1…" on stderr, which is all that is left of it when it ended a thread or a
// noexcept function.
std::vector<std::string> todo_lines(const std::string& output) {
  std::vector<std::string> ids;
  for (const std::string& line : split(output, '\n')) {
    const std::size_t at = line.find("todo ");
    if (at == std::string::npos) continue;
    const std::string id = line.substr(at + 5, 4);
    if (id.size() == 4 && id[2] == '.' && digits(id.substr(0, 2), 2) && digits(id.substr(3), 1) &&
        std::find(ids.begin(), ids.end(), id) == ids.end()) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::string end_text(const End& end) {
  return end.signal != 0 ? signal_text(end.signal) : "it exited with status " + std::to_string(end.status);
}

}  // namespace launcher
