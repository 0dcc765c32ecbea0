// results.hpp: what a run has measured, and what it claims.
#pragma once

#include <string>
#include <vector>

#include "2018_compression/gpt.hpp"
#include "2018_compression/measured.hpp"
#include "2018_compression/noise.hpp"
#include "common/claims.hpp"

namespace rushlight::compression {

// A network on its way: first whole, then in every state that was measured. A part that was left out has no states.
struct Part {
  std::vector<Measured> states;
  std::size_t small = 0;  // the state about which something is claimed

  const Measured& first() const { return states.front(); }
  const Measured& chosen() const { return states.at(small); }
  double times_smaller() const;  // its file against the first one's
};

struct Results {
  Part cnn, gpt;
  bench::Comparison speed;         // a text of the whole GPT against one of the small GPT, in turns
  bool speed_from_before = false;  // as in Measured
  std::vector<WidthRow> widths;
  std::vector<LayerNoise> cnn_noise, gpt_noise;  // of the whole networks

  double accuracy_lost() const;  // of the CNN, in points
  double loss_change() const;    // of the GPT: 0.03 is 3 % worse
  // How many times faster the small GPT is, at the lower end of the interval; NaN where A differed from A.
  double times_faster() const;
};

using milestone::Claim;

//   CNN  a file 15 times smaller, at most 1 point of accuracy lost
//   GPT  a file 4 times smaller, 1.5 times as many characters a second, a loss at most 3 % worse
// Only of the parts that were run.
std::vector<Claim> claims(const Results& results);

}  // namespace rushlight::compression
