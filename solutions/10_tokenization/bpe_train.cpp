// bpe_train.cpp: learning merges. Rescanning the corpus for every merge would cost vocabulary x corpus; here each
// merge touches only the places where its pair stands, so that the whole training is near-linear in the corpus.
#include <algorithm>
#include <queue>
#include <set>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// solution helper
// Every distinct word once, with how often it occurs: their tokens in one long doubly linked list.
class BpeTrainer {
 public:
  BpeTrainer(std::string_view corpus, const BpeOptions& options) : options_(options) {
    tokenizer_.splitting_ = options.splitting;
    for (const auto& [word, count] : count_words(corpus, options.special_tokens, options.splitting)) {
      add_word(word, count);
    }
  }

  BpeTokenizer run() {
    const std::size_t room = static_cast<std::size_t>(options_.vocabulary_size) - options_.special_tokens.size();
    for (const auto& [key, pair] : pairs_) push(key, pair.count);
    while (tokenizer_.tokens_.size() < room) {
      const std::uint64_t best = pop_most_frequent();
      if (best == nothing) break;
      merge(best);
    }
    for (const std::string& token : options_.special_tokens) tokenizer_.add_special(token);
    return std::move(tokenizer_);
  }

 private:
  static constexpr std::int32_t none = -1;
  static constexpr std::uint64_t nothing = ~std::uint64_t{0};

  struct Place {
    std::int32_t token;     // none: swallowed by its left neighbour
    std::int64_t previous;  // none at the ends of a word
    std::int64_t next;
    std::int64_t frequency;  // of the word that it stands in
  };
  struct Pair {
    std::int64_t count = 0;
    std::vector<std::int64_t> places;  // where it stood when it was noted; some may be stale
  };
  struct Candidate {
    std::int64_t count;
    std::uint64_t key;
    // The queue's top is the largest: more frequent, or equally frequent with smaller ids.
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };

  void add_word(std::string_view word, std::int64_t frequency) {
    const auto first = static_cast<std::int64_t>(places_.size());
    const std::int64_t last = first + static_cast<std::int64_t>(word.size()) - 1;
    for (std::int64_t at = first; at <= last; ++at) {
      const auto byte = static_cast<unsigned char>(word[static_cast<std::size_t>(at - first)]);
      places_.push_back({byte, at == first ? none : at - 1, at == last ? none : at + 1, frequency});
      if (at > first) note_pair(at - 1);
    }
  }

  std::uint64_t key_at(std::int64_t place) const {
    return pair_key(places_[place].token, places_[places_[place].next].token);
  }

  // The pair that starts at `place` is there.
  void note_pair(std::int64_t place) {
    Pair& pair = pairs_[key_at(place)];
    pair.count += places_[place].frequency;
    pair.places.push_back(place);
  }

  // ... and is there no more. Its place in the list goes stale.
  void forget_pair(std::int64_t place) { pairs_[key_at(place)].count -= places_[place].frequency; }

  void push(std::uint64_t key, std::int64_t count) {
    if (count > 0 && count >= options_.min_frequency) queue_.push({count, key});
  }

  // Counts only go down after a candidate was queued, or it was queued again: so an entry that is out of date is put
  // back with its present count, and the first that is not is the most frequent of all.
  std::uint64_t pop_most_frequent() {
    while (!queue_.empty()) {
      const Candidate top = queue_.top();
      queue_.pop();
      const std::int64_t now = pairs_[top.key].count;
      if (now == top.count) return top.key;
      if (now < top.count) push(top.key, now);
    }
    return nothing;
  }

  void merge(std::uint64_t key) {
    const auto left = static_cast<std::int32_t>(key >> 32);
    const auto right = static_cast<std::int32_t>(key & 0xFFFFFFFF);
    tokenizer_.add_merge(left, right);
    const std::int32_t result = tokenizer_.merges_[static_cast<std::size_t>(tokenizer_.ranks_.at(key))].result;
    std::vector<std::int64_t> places = std::move(pairs_[key].places);
    std::sort(places.begin(), places.end());  // "aaa" is merged from the left
    std::vector<std::uint64_t> changed;
    for (const std::int64_t place : places) {
      const bool stale =
          places_[place].token != left || places_[place].next == none || places_[places_[place].next].token != right;
      if (!stale) join(place, result, changed);
    }
    pairs_.erase(key);
    for (const std::uint64_t other : changed) push(other, pairs_[other].count);
  }

  // The token at `place` swallows the next one; the pairs to its left and right change.
  void join(std::int64_t place, std::int32_t result, std::vector<std::uint64_t>& changed) {
    Place& here = places_[place];
    const std::int64_t swallowed = here.next;
    if (here.previous != none) forget_pair(here.previous);
    if (places_[swallowed].next != none) forget_pair(swallowed);
    here.token = result;
    here.next = places_[swallowed].next;
    places_[swallowed].token = none;
    if (here.next != none) places_[here.next].previous = place;
    for (const std::int64_t start : {here.previous, place}) {
      if (start == none || places_[start].next == none) continue;
      note_pair(start);
      changed.push_back(key_at(start));
    }
  }

  const BpeOptions& options_;
  BpeTokenizer tokenizer_;
  std::vector<Place> places_;
  std::unordered_map<std::uint64_t, Pair> pairs_;
  std::priority_queue<Candidate> queue_;
};

namespace {

// Looked at before the first merge: a mistake in the options must not cost the time of a training.
void check_specials(const std::vector<std::string>& tokens) {
  std::set<std::string_view> known;
  for (const std::string& token : tokens) {
    if (token.empty()) throw ValueError("train: a special token must not be empty.");
    if (!known.insert(token).second) throw ValueError("train: the special token '{}' is there twice.", {token});
  }
}

void check(const BpeOptions& options) {
  const std::size_t least = 256 + options.special_tokens.size();
  if (options.vocabulary_size < 0 || static_cast<std::size_t>(options.vocabulary_size) < least) {
    throw ValueError(
        "train: a vocabulary of {} has no room for 256 bytes and {} special tokens: it must "
        "be at least {}.",
        {options.vocabulary_size, options.special_tokens.size(), least});
  }
  if (options.min_frequency < 0) {
    throw ValueError("train: min_frequency is {}; it must not be negative.", {options.min_frequency});
  }
  check_specials(options.special_tokens);
}

}  // namespace
// end solution

// 10.3 train  corpus, options -> a tokenizer;  merge the most frequent pair until the vocabulary is full
// Ties: the smaller left id, then the smaller right id. Pairs rarer than min_frequency are left alone, and so are pairs
// that occur nowhere (any more). Special tokens in the corpus are no text.
// Throws ValueError, before anything is learnt, when vocabulary_size has no room for the bytes and the special tokens,
// min_frequency is negative, or a special token is empty or there twice.
// The tokenizer keeps the splitting rule that it was trained with (splitting_).
// Hint: count_words gives each distinct word once, without the special tokens; a priority queue whose entries may be out
// of date (check when you pop); per pair the places where it stands, so that a merge visits those and nothing else.
BpeTokenizer BpeTokenizer::train(std::string_view corpus, const BpeOptions& options) {
  check(options);
  return BpeTrainer(corpus, options).run();
}

}  // namespace rushlight
