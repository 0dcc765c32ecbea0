// tokenizer.hpp: text to ids and back. A CharTokenizer knows the characters that it has seen; a BpeTokenizer knows all
// bytes and the merges that it learnt, so that no text is unknown to it. Both are values: copy, save, load.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rushlight {

using TokenIds = std::vector<std::int32_t>;

// --- 10.1 characters (characters.cpp) -------------------------------------------------------------------------

// The characters of UTF-8 text as views into it, one to four bytes each. A byte that starts no valid character is a
// character of its own, so that the pieces always join up to the text again.
std::vector<std::string_view> characters(std::string_view text);

class CharTokenizer {
 public:
  CharTokenizer() = default;

  // One id per distinct character, numbered in the order of their bytes (for UTF-8: of their code points).
  static CharTokenizer train(std::string_view text);

  // Throws ValueError that names the first character which training did not see, and its byte offset.
  TokenIds encode(std::string_view text) const;
  std::string decode(std::span<const std::int32_t> ids) const;  // throws IndexError that names a bad id

  int vocabulary_size() const { return static_cast<int>(characters_.size()); }
  const std::vector<std::string>& vocabulary() const { return characters_; }

 private:
  std::vector<std::string> characters_;  // by id
  std::map<std::string, std::int32_t, std::less<>> ids_;
};

// --- 10.2 words (words.cpp) -----------------------------------------------------------------------------------

// Cuts text into the pieces that merges never cross: a run of non-space bytes with the one space before it, or a run
// of spaces. Spaces are ' ', '\t', '\n' and '\r'. As a regular expression:
//    ?[^ \t\n\r]+|[ \t\n\r]+(?![^ \t\n\r])|[ \t\n\r]+
// "to  be\n" -> "to", " ", " be", "\n". The pieces join up to the text again.
std::vector<std::string_view> split_words(std::string_view text);

// GPT-2's own rule (Radford et al., 2019), which llama.cpp knows as "gpt-2". As a regular expression over characters:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// "It's 3pm!" -> "It", "'s", " 3", "pm", "!". A byte that belongs to no character is neither letter, number nor space. Given.
std::vector<std::string_view> split_gpt2(std::string_view text);

enum class Splitting : std::uint8_t { words, gpt2 };
std::vector<std::string_view> split_text(std::string_view text, Splitting splitting);  // by one of the two. Given

// Each distinct word of split_text once, in the order of its bytes: a hash table's order is nobody's promise. The text
// is cut wherever one of `specials` stands (the longest at each place): no word holds one, or goes across one. Given.
struct WordCount {
  std::string_view word;
  std::int64_t count = 0;
};
std::vector<WordCount> count_words(std::string_view text, const std::vector<std::string>& specials = {},
                                   Splitting splitting = Splitting::words);

// --- 10.3-10.5 byte-level byte pair encoding ------------------------------------------------------------------

// Two neighbours become one token. A merge's rank is its place in the list: earlier ones are applied first.
struct Merge {
  std::int32_t left = 0;
  std::int32_t right = 0;
  std::int32_t result = 0;
};

struct BpeOptions {
  int vocabulary_size = 1024;      // bytes, merges and special tokens together
  std::int64_t min_frequency = 2;  // a rarer pair is not merged; nor, with 0, one that occurs nowhere
  // Such as "<|endoftext|>"; never produced by merges. Their ids follow those of the merges, in this order.
  std::vector<std::string> special_tokens = {};
  Splitting splitting = Splitting::words;  // where merges stop, in training and whenever text is encoded
};

class BpeTokenizer {
 public:
  BpeTokenizer();                     // the 256 bytes and nothing else
  BpeTokenizer(const BpeTokenizer&);  // in vocabulary.cpp, to spare compile time
  BpeTokenizer(BpeTokenizer&&) noexcept;
  BpeTokenizer& operator=(const BpeTokenizer&);
  BpeTokenizer& operator=(BpeTokenizer&&) noexcept;
  ~BpeTokenizer();

  // Merges the most frequent pair again and again until the vocabulary is full. Among equally frequent pairs the one
  // with the smaller left id goes first, then the one with the smaller right id: the same corpus gives the same
  // merges everywhere. Special tokens in the corpus are no text: nothing is learnt from them or across them.
  // Near-linear in the corpus. Throws ValueError, before anything is learnt, when vocabulary_size leaves no room for
  // the bytes and the special tokens, min_frequency is negative, or a special token is empty or there twice.
  static BpeTokenizer train(std::string_view corpus, const BpeOptions& options);

  enum class Special { parse, as_text };
  // Ids of `text`. Special::parse finds special tokens in it (the longest at each place); text from strangers is
  // encoded with Special::as_text, so that nobody smuggles one in. Near-linear in the text, also where that is one word.
  TokenIds encode(std::string_view text, Special special = Special::parse) const;

  // The bytes that the ids stand for: decode(encode(text)) == text for every byte string. A part of a character
  // decodes to a part of a character. Throws IndexError that names an id outside the vocabulary.
  std::string decode(std::span<const std::int32_t> ids) const;

  int vocabulary_size() const { return static_cast<int>(tokens_.size()); }
  const std::string& token(std::int32_t id) const;              // its bytes; IndexError when there is no such id
  std::int32_t special_id(std::string_view token) const;        // ValueError when there is no such special token
  const std::vector<Merge>& merges() const { return merges_; }  // by rank; in a file, two may make the same token
  Splitting splitting() const { return splitting_; }
  std::vector<std::string> special_tokens() const;  // by id
  bool is_special(std::int32_t id) const;           // IndexError when there is no such id

  // tokenizer.json, the format of the Hugging Face tokenizers library, which reads what save() writes; load() reads
  // files of the same kind (model BPE, byte-level, one of the splitting rules above) and no others: what it does not know how
  // to do is an error, as are special tokens that do not follow the vocabulary in the order of their ids. Written
  // atomically. Throws FileError that names the file and what is wrong with it.
  void save(const std::string& path) const;
  static BpeTokenizer load(const std::string& path);

 private:
  friend class BpeTrainer;
  // The result is a new token, unless these bytes are one already. A pair that has a rank keeps it.
  void add_merge(std::int32_t left, std::int32_t right);
  void add_special(const std::string& token);
  void encode_text(std::string_view text, TokenIds& ids) const;
  void encode_word(std::string_view word, TokenIds& ids) const;

  std::vector<std::string> tokens_;                        // bytes by id
  std::unordered_map<std::string, std::int32_t> ids_;      // and back, special tokens left out
  std::vector<Merge> merges_;                              // by rank
  std::unordered_map<std::uint64_t, std::int32_t> ranks_;  // pair_key(left, right) -> rank
  std::map<std::string, std::int32_t, std::less<>> specials_;
  Splitting splitting_ = Splitting::words;
};

// A pair of ids as one number, for hash tables.
inline std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}

// --- 10.6 the file format's alphabet (byte_alphabet.cpp) ------------------------------------------------------

// JSON holds text, tokens are bytes. GPT-2's way out (Radford et al., 2019): every byte is written as a printable
// character. '!'..'~', U+00A1..U+00AC and U+00AE..U+00FF stand for themselves; the other 68 bytes, in order, are
// U+0100, U+0101, ... A space is U+0120.
std::string to_printable(std::string_view bytes);
// The way back. Throws ValueError that names a character outside the alphabet.
std::string from_printable(std::string_view text);

}  // namespace rushlight
