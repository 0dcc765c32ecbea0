// kv_cache.hpp: keys and values of the tokens so far, in blocks that are filled in place and never moved (Kwon et al.,
// 2023). Inference only, on the CPU.
//
// Letters: B batch, G key/value heads, K width of a head, P places of a block, T new tokens, W window, L layers.
// A COLUMN is a place in the (B, columns) matrix of all tokens so far. Rows of unequal length begin with columns that
// are no tokens (padding), so a token's position in its text is its column minus the padding of its row.
#pragma once

#include <cstdint>
#include <vector>

#include "01_tensor/array.hpp"
#include "13_transformers/gpt.hpp"

namespace rushlight {

// P columns. Places that nobody has written yet hold zeros: what is masked gets the weight 0, and 0·NaN is NaN.
struct KVBlock {
  Array k;  // (B, G, P, K), turned by position when the model is rotary
  Array v;  // (B, G, P, K)
};

// Keys and values of one layer. A copy shares all blocks with the original; whoever first writes into a shared block
// makes a copy of that one block for himself. So two continuations of one text keep its columns once.
class LayerCache {
 public:
  explicit LayerCache(const Shape& block);  // (B, G, P, K); given

  // --- 15.1 (append.cpp) ---------------------------------------------------------------------------------------------

  // k and v (B, G, T, K): the next T columns, T >= 0. Fills the last block, then new ones; a number that is stored already is
  // neither moved nor copied, except in a block that another cache shares. Throws ShapeError that names both shapes
  // when they do not fit, and changes nothing then.
  void append(const Array& k, const Array& v);

  // --- 15.2 (forget.cpp) ---------------------------------------------------------------------------------------------

  // Takes back the newest columns, until `length` are left, and with them the blocks that hold none any more. Throws
  // ValueError unless first() <= length <= this->length(). Length 0 always works, and also forgets what was evicted.
  void truncate(std::int64_t length);

  // Drops the oldest blocks, those that lie wholly before column `before`. Columns keep their numbers. Throws ValueError
  // unless 0 <= before <= length().
  void evict(std::int64_t before);

  // --- given (kv_cache.cpp) ------------------------------------------------------------------------------------------

  const std::vector<KVBlock>& blocks() const { return blocks_; }
  std::int64_t places() const { return block_[2]; }    // P
  std::int64_t first() const { return first_; }        // the column at which blocks()[0] begins
  std::int64_t length() const { return length_; }      // columns so far, the evicted ones among them
  std::int64_t end() const;                            // the column at which the blocks end: first() + P·blocks
  void check_columns(const Array& k, const Array& v);  // what append asks: ShapeError

 private:
  Shape block_;
  std::vector<KVBlock> blocks_;
  std::int64_t first_ = 0, length_ = 0;
};

struct KVCacheOptions {
  std::int64_t batch = 1;                  // B
  std::int64_t block = 64;                 // P
  std::int64_t window = 0;                 // W: a token sees itself and the W - 1 before it; 0: all before it
  std::vector<std::int64_t> padding = {};  // for each row, how many columns at its left are no tokens; empty: none
};

// Of a whole model. A copy is cheap, see LayerCache. Given (kv_cache.cpp).
class KVCache {
 public:
  // Throws ValueError that names the option: batch and block at least 1, window from 0 to the context, padding empty or
  // B numbers, none of them negative.
  explicit KVCache(const GPTOptions& model, KVCacheOptions options = {});

  std::int64_t length() const { return layers.back().length(); }  // columns that every layer has
  std::int64_t bytes() const;  // of all blocks: 2·4·L·B·G·K·P for each P columns

  // Whether the next token after `length` columns would find all that it may see.
  bool reaches(std::int64_t length) const;
  void truncate(std::int64_t length);  // every layer; throws ValueError unless reaches(length)

  // Whether `tokens` more columns have positions: up to the context, or, with rotary positions and a window, for ever,
  // because then no two tokens that see each other are further apart than in training. Throws ValueError.
  void check_room(std::int64_t tokens) const;

  const KVCacheOptions& options() const { return options_; }

  std::vector<LayerCache> layers;

 private:
  KVCacheOptions options_;
  std::int64_t context_;
  bool rotary_;
};

}  // namespace rushlight
