#include "2016_feedback_alignment/residual_mlp.hpp"

#include <fmt/format.h>

#include "02_activations/activations.hpp"

namespace rushlight::dfa {

Branch::Branch(std::int64_t width, std::int64_t hidden, Generator& generator)
    : ln({.shape = {width}}),
      fc1({.in = width, .out = hidden}, generator),
      fc2({.in = hidden, .out = width}, generator) {}

Tensor Branch::forward(const Tensor& h) { return fc2(gelu(fc1(ln(h)), GeluApproximation::tanh)); }

void Branch::members(Members& m) {
  m("ln", ln);
  m("fc1", fc1);
  m("fc2", fc2);
}

ResidualMlp::ResidualMlp(const MlpOptions& options, Generator& generator)
    : embed({.in = options.in, .out = options.width}, generator),
      blocks([&] {
        if (options.blocks < 1) throw ValueError(fmt::format("ResidualMlp: {} blocks; needs 1.", options.blocks));
        std::vector<Branch> made;
        const std::int64_t hidden = options.hidden == 0 ? options.width : options.hidden;
        for (std::int64_t l = 0; l < options.blocks; ++l) made.emplace_back(options.width, hidden, generator);
        return made;
      }()),
      out_ln({.shape = {options.width}}),
      out_head({.in = options.width, .out = options.classes}, generator),
      options_(options) {}

Trace ResidualMlp::trace(const Tensor& x) {
  Tensors hiddens{embed(x)};
  for (Branch& branch : blocks) hiddens.push_back(hiddens.back() + branch(hiddens.back()));
  return {read_out(hiddens.back()), hiddens};
}

void ResidualMlp::members(Members& m) {
  m("embed", embed);
  for (std::size_t l = 0; l < blocks.size(); ++l) m(fmt::format("blocks.{}", l), blocks[l]);
  m("out_ln", out_ln);
  m("out_head", out_head);
}

}  // namespace rushlight::dfa
