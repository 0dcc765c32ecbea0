// report.hpp: what training tells the outside: a log of JSON lines, and how it is asked to stop. Given.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace rushlight {

// After every optimizer step.
struct StepInfo {
  std::int64_t epoch = 0;        // 0, 1, ...
  std::int64_t epochs = 0;       // how many there will be
  std::int64_t step = 0;         // optimizer steps since the beginning of training, this one included
  std::int64_t epoch_step = 0;   // the same, in this epoch
  std::int64_t epoch_steps = 0;  // steps in a whole epoch
  double loss = 0;
  double lr = 0;         // of group 0, in this step
  double grad_norm = 0;  // before clipping; 0 unless limits or the metrics log ask for it
};

// How good a model is on some data.
struct Evaluation {
  double loss = 0;            // mean over all that counts, as counted() of train_step.hpp has it
  double accuracy = 0;        // of the rows with a label from 0 on, the part whose largest output is that of the label
  std::int64_t examples = 0;  // all that the data handed out, batches in which nothing counts among them
};

// After every epoch.
struct EpochInfo {
  std::int64_t epoch = 0;   // 0, 1, ...
  std::int64_t epochs = 0;  // how many there will be
  std::int64_t step = 0;    // steps since the beginning of training
  double train_loss = 0;    // mean over all that counted in the epoch, each seen by the model as it was at that moment
  std::optional<Evaluation> test = {};
};

// {"event":"step",...} and {"event":"epoch",...}, one JSON object per line, flushed line by line. No times of day and
// no durations: two runs that compute the same write the same bytes.
class MetricsLog {
 public:
  MetricsLog() = default;                        // writes nowhere
  explicit MetricsLog(const std::string& path);  // appends; FileError if it cannot
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  void write(const StepInfo& info);
  void write(const EpochInfo& info);

  // Drops what was written after `step` (and half a line, if a crash left one): a resumed run writes it again.
  // With 0, everything.
  void rewind(std::int64_t step);

 private:
  void write_line(const std::string& line);

  std::string path_;
  std::FILE* file_ = nullptr;
};

std::string json_line(const StepInfo& info);  // without the line break; NaN and infinities become null
std::string json_line(const EpochInfo& info);

// While it lives, Ctrl-C asks politely: training finishes its step, saves and returns. A second Ctrl-C kills as usual.
class StopOnInterrupt {
 public:
  StopOnInterrupt();
  ~StopOnInterrupt();  // what Ctrl-C did before is restored
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;
};

void request_stop();    // as a first Ctrl-C would
bool stop_requested();  // by Ctrl-C or request_stop(), since clear_stop()
void clear_stop();

}  // namespace rushlight
