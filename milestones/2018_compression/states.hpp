// states.hpp: the states of a network, each measured as it comes out of its file. Each is a part of the run: what was
// measured before the run was stopped is not measured again.
#pragma once

#include <functional>
#include <string>

#include "2017_transformer/journal.hpp"
#include "2018_compression/cnn.hpp"
#include "2018_compression/gpt.hpp"
#include "2018_compression/results.hpp"

namespace rushlight::compression {

// Called with each state that is measured, and its number, from 1.
using OnMeasured = std::function<void(const Measured& state, std::size_t number)>;

// What both kinds share: a state is measured, reported and kept, or taken from before.
class States {
 public:
  States(std::string network, milestone::Journal& journal, OnMeasured on_measured)
      : network_(std::move(network)), journal_(journal), on_measured_(std::move(on_measured)) {}

  Part part;

 protected:
  void add(const std::string& name, const std::function<Measured()>& measure);

 private:
  std::string network_;
  milestone::Journal& journal_;
  OnMeasured on_measured_;
};

// Files are written into a folder of their own, and measured there.
class CnnStates : public States {
 public:
  CnnStates(Clothes& data, std::string folder, milestone::Journal& journal, OnMeasured on_measured)
      : States("CNN", journal, std::move(on_measured)), data_(data), folder_(std::move(folder)) {}

  // Each writes a file, reads it into a new network and adds that one to `part`.
  void add_float(const std::string& name, Cnn& network, const std::string& file);
  void add_int8(const std::string& name, Cnn& network, const std::string& file);
  void add_shared(const std::string& name, const CompressedState& state, const std::string& file);
  // What add_shared reads, with its linear layers in int8 once it is in memory.
  void add_shared_int8(const std::string& name, const std::string& file);

 private:
  Measured measured(const std::string& name, Cnn& network, const std::string& path);
  std::string path(const std::string& file) const { return folder_ + "/" + file; }

  Clothes& data_;
  std::string folder_;
};

class GptStates : public States {
 public:
  GptStates(const TokenIds& text, std::string folder, milestone::Journal& journal, OnMeasured on_measured)
      : States("GPT", journal, std::move(on_measured)), text_(text), folder_(std::move(folder)) {}

  void add_float(const std::string& name, GPT& model, const std::string& file);
  // `spoil` changes the state on its way to the file.
  void add_small(const std::string& name, GPT& model, WeightFormat format, const std::string& file,
                 const std::function<SafeTensors(SafeTensors)>& spoil = {});

  // The first state's file against that of another, a whole text each, in turns.
  bench::Comparison compare_with(std::size_t state, std::int64_t rounds) const;

 private:
  Measured measured(const std::string& name, GPT model, const std::string& path) const;
  std::string path(const std::string& file) const { return folder_ + "/" + file; }

  TokenIds text_;
  std::string folder_;
  std::vector<std::function<GPT()>> loads_;  // one for each state
};

}  // namespace rushlight::compression
