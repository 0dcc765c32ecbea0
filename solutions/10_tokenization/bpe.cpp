// bpe.cpp: applying merges, and undoing them.
#include <queue>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// 10.4 encode_word  the bytes of one word -> ids, appended;  the merge of lowest rank first, the leftmost among equals
// Near-linear in the word. Hint: for a word of n bytes, n rescans cost n²; a priority queue of (rank, place) over a linked
// list costs n log n.
void BpeTokenizer::encode_word(std::string_view word, TokenIds& ids) const {
  struct Link {
    std::int32_t token, previous, next;  // token -1: swallowed; next beyond the end: none
  };
  using Candidate = std::pair<std::int32_t, std::int32_t>;  // rank, place of its left token
  const auto count = static_cast<std::int32_t>(word.size());
  std::vector<Link> links;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](std::int32_t place) {
    if (place < 0 || links[place].next >= count) return;
    const auto found = ranks_.find(pair_key(links[place].token, links[links[place].next].token));
    if (found != ranks_.end()) queue.emplace(found->second, place);
  };
  for (std::int32_t i = 0; i < count; ++i) links.push_back({static_cast<unsigned char>(word[i]), i - 1, i + 1});
  for (std::int32_t i = 0; i < count; ++i) consider(i);
  while (!queue.empty()) {
    const auto [rank, place] = queue.top();
    queue.pop();
    const Merge& merge = merges_[static_cast<std::size_t>(rank)];
    Link& left = links[place];
    if (left.token != merge.left || left.next >= count || links[left.next].token != merge.right) continue;  // stale
    Link& right = links[left.next];
    left.token = merge.result;
    right.token = -1;
    left.next = right.next;
    if (left.next < count) links[left.next].previous = place;
    consider(left.previous);
    consider(place);
  }
  for (const Link& link : links) {
    if (link.token >= 0) ids.push_back(link.token);
  }
}

// 10.4 encode_text  text without special tokens -> ids, appended;  word by word
// Hint: split_text by splitting_, then encode_word. Words repeat: remember what you found.
void BpeTokenizer::encode_text(std::string_view text, TokenIds& ids) const {
  std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> seen;  // word -> where its ids stand
  for (const std::string_view word : split_text(text, splitting_)) {
    const auto [found, is_new] = seen.try_emplace(word, ids.size(), 0);
    auto& [start, length] = found->second;
    if (is_new) {
      encode_word(word, ids);
      length = ids.size() - start;
    } else {
      for (std::size_t i = 0; i < length; ++i) {
        const std::int32_t id = ids[start + i];  // a copy: push_back may move the ids
        ids.push_back(id);
      }
    }
  }
}

namespace {  // solution

// Where each special token stands next. Every token searches every part of the text once, however many there are.
class SpecialFinder {
 public:
  SpecialFinder(std::string_view text, const std::map<std::string, std::int32_t, std::less<>>& specials) : text_(text) {
    for (const auto& [token, id] : specials) upcoming_.push_back({token, id, text.find(token)});
  }

  struct Found {
    std::string_view token;
    std::int32_t id;
    std::size_t at;  // npos: not in the rest of the text
  };

  // The first special token at or after `from`; the longest of those that start there.
  Found next(std::size_t from) {
    Found best{{}, 0, std::string_view::npos};
    for (Found& each : upcoming_) {
      if (each.at < from) each.at = text_.find(each.token, from);
      if (each.at < best.at || (each.at == best.at && each.token.size() > best.token.size())) best = each;
    }
    return best;
  }

 private:
  std::string_view text_;
  std::vector<Found> upcoming_;
};

}  // namespace

// 10.5 encode  text -> ids;  Special::parse: special tokens become their ids, the text between them is encoded
// At one place the longest special token counts.
// Hint: std::string_view::find tells where each stands next; search again only behind what you have passed.
TokenIds BpeTokenizer::encode(std::string_view text, Special special) const {
  TokenIds ids;
  std::size_t from = 0;
  if (special == Special::parse && !specials_.empty()) {
    SpecialFinder finder(text, specials_);
    for (auto found = finder.next(0); found.at != std::string_view::npos; found = finder.next(from)) {
      encode_text(text.substr(from, found.at - from), ids);
      ids.push_back(found.id);
      from = found.at + found.token.size();
    }
  }
  encode_text(text.substr(from), ids);
  return ids;
}

// 10.5 decode  ids -> bytes;  each token's bytes, one after the other
// Throws IndexError that names an id outside the vocabulary.
// Hint: token() checks.
std::string BpeTokenizer::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::int32_t id : ids) text += token(id);
  return text;
}

}  // namespace rushlight
