// states.hpp: the states of a network, each measured as it comes out of its file.
#pragma once

#include <functional>
#include <string>

#include "2018_compression/cnn.hpp"
#include "2018_compression/gpt.hpp"
#include "2018_compression/results.hpp"

namespace rushlight::compression {

// Files are written into a folder of their own, and measured there.
class CnnStates {
 public:
  CnnStates(Clothes& data, std::string folder) : data_(data), folder_(std::move(folder)) {}

  // Each writes a file, reads it into a new network and adds that one to `part`.
  void add_float(const std::string& name, Cnn& network, const std::string& file);
  void add_int8(const std::string& name, Cnn& network, const std::string& file);
  void add_shared(const std::string& name, const CompressedState& state, const std::string& file);
  // What add_shared reads, with its linear layers in int8 once it is in memory.
  void add_shared_int8(const std::string& name, const std::string& file);

  Part part;

 private:
  void measure(const std::string& name, Cnn& network, const std::string& path);
  std::string path(const std::string& file) const { return folder_ + "/" + file; }

  Clothes& data_;
  std::string folder_;
};

class GptStates {
 public:
  GptStates(const TokenIds& text, std::string folder) : text_(text), folder_(std::move(folder)) {}

  void add_float(const std::string& name, GPT& model, const std::string& file);
  // `spoil` changes the state on its way to the file.
  void add_small(const std::string& name, GPT& model, WeightFormat format, const std::string& file,
                 const std::function<SafeTensors(SafeTensors)>& spoil = {});

  // The first state's file against that of another, a whole text each, in turns.
  bench::Comparison compare_with(std::size_t state, std::int64_t rounds) const;

  Part part;

 private:
  void add(const std::string& name, const std::function<GPT()>& load, const std::string& file);
  std::string path(const std::string& file) const { return folder_ + "/" + file; }

  TokenIds text_;
  std::string folder_;
  std::vector<std::function<GPT()>> loads_;  // one for each state
};

}  // namespace rushlight::compression
