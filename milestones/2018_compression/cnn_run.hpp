// cnn_run.hpp: part one, from training to the last file.
#pragma once

#include <functional>
#include <string>

#include "2018_compression/results.hpp"
#include "2018_compression/session.hpp"

namespace rushlight::compression {

// The images, and what is done with them.
struct CnnTask {
  CnnTask(const milestone::Options& options, std::string given);

  std::int64_t steps(const Plan& plan) const;  // of all trainings

  std::string given;  // a trained network's file; empty: it is trained here
  DataSource source;
  Clothes data;
};

class CnnRun {
 public:
  CnnRun(const Session& session, CnnTask& task)
      : session_(session),
        task_(task),
        states_(task.data, session.folder, session.journal, Session::reported("CNN", "accuracy")) {}

  void measure(Results& results);

 private:
  // Trains the network, or gives it what it had learnt before the run was stopped.
  void train(Module& network, const std::string& phase, std::int64_t epochs,
             const std::function<void(const OnStep&, const Keeping&)>& learn);
  void load(Cnn& network) const;
  void squeeze(Cnn& whole);

  const Session& session_;
  CnnTask& task_;
  CnnStates states_;
};

}  // namespace rushlight::compression
