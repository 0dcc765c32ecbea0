// speculative.hpp: a small model proposes, the large one checks many proposals in one pass, and what comes out has
// exactly the large model's distribution (Leviathan et al., 2023; Chen et al., 2023).
// Letters: V vocabulary, n proposals.
#pragma once

#include <functional>

#include "15_memoization/memoized.hpp"

namespace rushlight {

// --- 15.8 one verdict (verify_draft.cpp) -------------------------------------------------------------------------------

struct DraftVerdict {
  std::int64_t accepted = 0;  // how many proposals stand, from the first on
  std::int32_t next = 0;      // the token after those
};

// proposed: n ids, where id i was drawn from row i of draft (n, V); target (n + 1, V): what the large model would draw
// from. Both are probabilities. Proposal x is accepted with probability min(1, target[i][x] / draft[i][x]), and never
// where target[i][x] is 0; at the first that is not, `next` is drawn from max(0, target[i] - draft[i]), scaled to a sum
// of 1, or from target[i] where nothing is left of that; when all are accepted, from the last row of target. n may be
// 0. Throws ShapeError that names the shapes, IndexError that names an id outside 0..V-1.
DraftVerdict verify_draft(const Tokens& proposed, const Array& draft, const Array& target, Generator& generator);

// --- 15.9 the loop (speculative.cpp) -----------------------------------------------------------------------------------

// All tokens so far -> the logits (count, V) after each of the last `count` of them. MemoizedGPT::logits is one.
using LogitsOfLast = std::function<Array(const Tokens& tokens, std::int64_t count)>;

struct SpeculativeOptions {
  GenerateOptions generate = {};
  std::int64_t proposals = 4;  // at most so many in a round, at least 1
};

struct SpeculativeText {
  Tokens tokens;              // prompt and new tokens
  std::int64_t rounds = 0;    // how often the large model ran
  std::int64_t proposed = 0;  // by the small one
  std::int64_t accepted = 0;  // of those, by verify_draft: a stop token may have cut some of them off
};

// Tokens distributed as generate() with the target alone gives them, under the same sampling options; at temperature 0
// the same tokens. A round proposes no more than can still be used. Throws ValueError for an empty prompt, negative
// tokens or proposals below 1, ShapeError in the first round with a proposal when the vocabularies differ: a round that can
// use one token only asks the target alone.
SpeculativeText speculative_generate(const LogitsOfLast& target, const LogitsOfLast& draft, const Tokens& prompt,
                                     Generator& generator, const SpeculativeOptions& options);

// The same with two models. Throws ValueError as generate() when one of the contexts is too short.
SpeculativeText speculative_generate(MemoizedGPT& target, MemoizedGPT& draft, const Tokens& prompt,
                                     Generator& generator, const SpeculativeOptions& options);

// --- given (checks.cpp) ------------------------------------------------------------------------------------------------

void check_prompt_and_count(const Tokens& prompt,
                            std::int64_t tokens);  // ValueError: an empty prompt, a negative count
void check_fits(const GPT& model, const KVCacheOptions& options, std::int64_t prompt,
                std::int64_t tokens);                                               // ValueError
void check_draft(const Tokens& proposed, const Array& draft, const Array& target);  // what verify_draft asks

}  // namespace rushlight
