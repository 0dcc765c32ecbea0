// milestone.hpp: what every milestone's program shares: its options, its events (one JSON object a line) and how it ends.
// Exit status: 0 the bar was met, 1 it was missed, 2 something went wrong, 3 a task is still a blank, 4 it was stopped.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "common/kernels.hpp"
#include "support/channel.hpp"

namespace rushlight::milestone {

using Json = nlohmann::ordered_json;

struct About {
  std::string title;
  std::string story;  // who, when, what it showed, and what this program does
  std::int64_t epochs = 10;
  bool resumes = false;  // it saves its state, and --resume goes on from there
};

struct Options {
  bool control = false;  // run what must miss the bar
  std::uint64_t seed = 1;
  std::int64_t epochs = 0;
  std::string data;          // folder of data; empty: the installed set, else the embedded subset
  std::string out;           // folder for files of its own; empty: none
  bool accelerated = false;  // with the kernels of module 18
  bool resume = false;       // go on from the checkpoint in `out`
};

// A packet holds so much; a longer line goes in several, of which the last ends with a newline.
inline constexpr std::size_t packet_size = 32 << 10;

inline void send_line(const std::string& line) {
  for (std::size_t at = 0; at < line.size(); at += packet_size) {
    if (!reporting::send(std::string_view(line).substr(at, packet_size))) {
      throw Error("an event did not go out: the command that started this program does not listen any more.");
    }
  }
}

// To the command line through the channel, so that nothing which is printed can be taken for it; by hand, on stdout. At
// once: whoever draws the progress bar waits for it.
inline void emit(const std::string& event, Json fields = Json::object()) {
  Json line{{"event", event}};
  line.update(fields);
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (!reporting::channel_open()) std::fputs(text.c_str(), stdout);
  std::fflush(stdout);  // what was printed before comes before
  if (reporting::channel_open()) send_line(text);
}

inline void emit_start(const About& about, const Options& options, std::int64_t steps, const std::string& data) {
  emit("start", {{"title", about.title},
                 {"about", about.story + "\n" + data},
                 {"epochs", options.epochs},
                 {"steps", steps},
                 {"seed", options.seed},
                 {"control", options.control},
                 {"resumes", about.resumes},
                 {"accelerated", options.accelerated}});
}

// The last event: what was measured and whether it is enough.
inline bool emit_result(Json metrics, const std::string& metric, double bar) {
  const bool accepted = metrics.at(metric).get<double>() >= bar;
  emit("result",
       {{"metrics", std::move(metrics)}, {"accepted", accepted}, {"bar", fmt::format("{} >= {}", metric, bar)}});
  return accepted;
}

// The library takes "-1" for 2^64 - 1, "010" for 8, and a number that is too large for the largest there is.
inline std::string whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && std::to_string(number) == text) return "";
  return "'" + text + "' is not a whole number from 0 to 18446744073709551615";
}

// A disk that is full after the last step takes nothing of the result away.
inline void say_so(const FileError& error) {
  std::puts(error.what());
  std::fflush(stdout);
}

// Thrown by a training that Ctrl-C stopped and that has nothing to show yet: --resume goes on.
struct Stopped {};

// Options of one program alone: adds them, and may change the defaults of the common ones.
using MoreOptions = std::function<void(CLI::App&, Options&)>;

// Reads the options, runs `body` (true: accepted) and turns whatever happens into events and an exit status.
inline int run(int argc, char** argv, const About& about, const std::function<bool(const Options&)>& body,
               const MoreOptions& more = {}) {
  CLI::App app{about.title};
  Options options{.control = false, .seed = 1, .epochs = about.epochs, .data = {}, .out = {}};
  if (more) more(app, options);
  app.add_flag("--control", options.control, "the negative control, which must miss the bar");
  app.add_option("--seed", options.seed, "of everything random")
      ->check([](const std::string& text) { return whole_number(text); })
      ->capture_default_str();
  app.add_option("--epochs", options.epochs, "how often each example is seen")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--data", options.data, "a folder of data instead of the installed one");
  app.add_option("--out", options.out, "folder for checkpoints");
  int channel = 0;  // read long ago, in support/channel.cpp
  app.add_option("--channel", channel)->group("");
  app.add_flag("--accelerated", options.accelerated, "with the kernels of module 18");
  if (about.resumes) app.add_flag("--resume", options.resume, "go on from the checkpoint in --out");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (options.accelerated && !use_kernels()) {
    std::fputs("--accelerated: this program has no kernels; the one whose name ends with _kernels has them.\n", stderr);
    return 2;
  }
  try {
    return body(options) ? 0 : 1;
  } catch (const Todo& blank) {
    emit("todo", {{"id", blank.id}});
    return 3;
  } catch (const Stopped&) {
    emit("stopped");
    return 4;
  } catch (const std::exception& error) {
    emit("error", {{"message", error.what()}});
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

}  // namespace rushlight::milestone
