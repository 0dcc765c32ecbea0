// report.cpp: given. JSON lines and Ctrl-C.
#include "07_training/report.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "07_training/checkpoint.hpp"

namespace rushlight {

std::string json_line(const StepInfo& info) {
  const nlohmann::ordered_json line = {{"event", "step"},   {"epoch", info.epoch + 1}, {"step", info.step},
                                       {"loss", info.loss}, {"lr", info.lr},           {"grad_norm", info.grad_norm}};
  return line.dump();
}

std::string json_line(const EpochInfo& info) {
  nlohmann::ordered_json line = {
      {"event", "epoch"}, {"epoch", info.epoch + 1}, {"step", info.step}, {"train_loss", info.train_loss}};
  if (info.test) {
    line["test_loss"] = info.test->loss;
    line["test_accuracy"] = info.test->accuracy;
  }
  return line.dump();
}

MetricsLog::MetricsLog(const std::string& path) : path_(path) {
  if (path.empty()) return;
  file_ = std::fopen(path.c_str(), "ab");
  if (!file_) throw FileError("{}: cannot open the metrics log: {}.", {path, std::strerror(errno)});
}

MetricsLog::~MetricsLog() {
  if (file_) std::fclose(file_);
}

void MetricsLog::write_line(const std::string& line) {
  if (!file_) return;
  const std::string whole = line + "\n";
  if (std::fwrite(whole.data(), 1, whole.size(), file_) != whole.size() || std::fflush(file_) != 0) {
    throw FileError("{}: cannot write to the metrics log: {}.", {path_, std::strerror(errno)});
  }
}

void MetricsLog::write(const StepInfo& info) { write_line(json_line(info)); }

void MetricsLog::write(const EpochInfo& info) { write_line(json_line(info)); }

void MetricsLog::rewind(std::int64_t step) {
  if (!file_) return;
  std::string kept;
  std::ifstream old(path_, std::ios::binary);
  for (std::string line; std::getline(old, line);) {
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    const bool whole = parsed.is_object() && parsed.contains("step") && parsed["step"].is_number_integer();
    if (!whole || parsed["step"].get<std::int64_t>() > step) break;
    kept += line + "\n";
  }
  std::fclose(file_);
  file_ = nullptr;
  const std::string text = step > 0 ? kept : std::string();
  write_file(path_, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  file_ = std::fopen(path_.c_str(), "ab");
  if (!file_) throw FileError("{}: cannot open the metrics log: {}.", {path_, std::strerror(errno)});
}

namespace {

std::atomic<bool> stop{false};  // lock-free, so a signal handler may set it
static_assert(std::atomic<bool>::is_always_lock_free);
struct sigaction action_before;

extern "C" void rushlight_stop_politely(int) { stop.store(true); }

}  // namespace

StopOnInterrupt::StopOnInterrupt() {
  clear_stop();
  struct sigaction action = {};
  action.sa_handler = rushlight_stop_politely;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);  // the second time it kills
  ::sigaction(SIGINT, &action, &action_before);
}

StopOnInterrupt::~StopOnInterrupt() { ::sigaction(SIGINT, &action_before, nullptr); }

void request_stop() { stop.store(true); }

bool stop_requested() { return stop.load(); }

void clear_stop() { stop.store(false); }

}  // namespace rushlight
