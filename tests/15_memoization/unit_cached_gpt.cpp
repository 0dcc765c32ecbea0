// 15.5: whatever the pieces, the logits are those of the whole text at once.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

const std::vector<std::int64_t> lengths{11, 3, 17, 8};
constexpr std::int64_t pieces[] = {0, 5, 1};  // all at once, in chunks, token by token

// --- exactness: {learned, rotary} x {a group for every head, grouped} x {batch 1, ragged 4} x {whole, chunks, tokens}

TEST(Unit_15_5, OneTextInAnyPieces) {
  const Tokens text = some_text(23, 5);
  for (const Kind& kind : kinds()) {
    GPT gpt = audible(kind.options);
    const Array expected = whole(gpt, text);
    for (const std::int64_t piece : pieces) {
      for (const std::int64_t block : {1, 4, 64}) {
        SCOPED_TRACE(fmt::format("{}, in pieces of {}, blocks of {}", kind.name, piece, block));
        KVCache cache(kind.options, {.block = block});
        const Array logits = in_pieces(gpt, row(text), cache, piece);
        EXPECT_LE(difference(logits.with_shape(expected.shape()), expected), logits_tolerance);
        EXPECT_EQ(cache.length(), 23);
      }
    }
  }
}

TEST(Unit_15_5, TextsOfUnequalLengthInAnyPieces) {
  const Ragged batch = ragged(lengths);
  for (const Kind& kind : kinds()) {
    GPT gpt = audible(kind.options);
    for (const std::int64_t piece : pieces) {
      KVCache cache(kind.options, {.batch = 4, .block = 4, .padding = batch.padding});
      const Array logits = in_pieces(gpt, batch.ids, cache, piece);
      for (std::int64_t r = 0; r < 4; ++r) {
        SCOPED_TRACE(fmt::format("{}, in pieces of {}, text {}", kind.name, piece, r));
        EXPECT_LE(difference(rows(logits, r, batch.padding[r], 17), whole(gpt, batch.texts[r])), logits_tolerance);
      }
    }
  }
}

// 200 tokens, each the most probable one after those before. What the model without memory would say is asked of it once,
// for the whole text: its choice at every place must be the token that follows there, so by induction both texts are one.
void expect_greedy(GPT& gpt, const Ragged& batch, std::int64_t piece, const std::string& name) {
  const std::int64_t longest = batch.ids.shape()[1], count = batch.ids.shape()[0];
  KVCache cache(gpt.options(), {.batch = count, .block = 32, .padding = batch.padding});
  std::vector<Tokens> texts = batch.texts;
  Array logits = in_pieces(gpt, batch.ids, cache, piece);
  for (int step = 0; step < 200; ++step) {
    std::vector<std::int32_t> next;
    for (std::int64_t r = 0; r < count; ++r) {
      next.push_back(largest_of(rows(logits, r, logits.dim(1) - 1, logits.dim(1)).data()));
      texts[static_cast<std::size_t>(r)].push_back(next.back());
    }
    logits = cached_logits(gpt, Indices({count, 1}, next), cache).value();
  }
  EXPECT_EQ(cache.length(), longest + 200);
  for (std::int64_t r = 0; r < count; ++r) {
    const Tokens& text = texts[static_cast<std::size_t>(r)];
    const auto prompt = static_cast<std::int64_t>(batch.texts[static_cast<std::size_t>(r)].size());
    const Array expected = whole(gpt, text);
    for (std::int64_t t = prompt - 1; t < prompt + 199; ++t) {
      ASSERT_EQ(certain_choice(rows(expected, t, t + 1)), text[static_cast<std::size_t>(t) + 1])
          << name << ", in pieces of " << piece << ", text " << r << ", new token " << t + 1 - prompt;
    }
  }
}

TEST(Unit_15_5, GreedyTextsAreTheSameFor200Tokens) {
  for (const Kind& kind : kinds(256)) {
    GPT gpt = audible(kind.options);
    expect_greedy(gpt, ragged({17}), 17, kind.name);
    for (const std::int64_t piece : pieces) expect_greedy(gpt, ragged(lengths), piece, kind.name + ", four texts");
  }
}

TEST(Unit_15_5, AWindowIsFullAttentionUnderAMask) {
  const Tokens text = some_text(30, 6);
  for (const Kind& kind : kinds()) {
    GPT gpt = audible(kind.options);
    const Array expected = whole_with_window(gpt, text, 7);
    for (const std::int64_t piece : pieces) {
      SCOPED_TRACE(fmt::format("{}, in pieces of {}", kind.name, piece));
      KVCache cache(kind.options, {.block = 3, .window = 7});
      const Array logits = in_pieces(gpt, row(text), cache, piece);
      EXPECT_LE(difference(logits.with_shape(expected.shape()), expected), logits_tolerance);
      cached_logits(gpt, row({1}), cache);
      EXPECT_LE(cache.bytes(), 2 * 2 * kind.options.groups * 4 * 12 * static_cast<std::int64_t>(sizeof(Real)))
          << "a window of 7 needs at most four blocks of 3 columns";
    }
  }
}

TEST(Unit_15_5, ABlockGoesAsSoonAsTheWindowHasLeftIt) {
  constexpr std::int64_t window = 5, places = 2;
  GPT gpt = audible(tiny(Positions::learned, 2));
  for (const std::int64_t piece : {1, 3}) {
    KVCache cache(gpt.options(), {.block = places, .window = window});
    for (std::int64_t start = 0; start < 24; start += piece) {  // the column of the first new token
      cached_logits(gpt, row(some_text(piece, 3)), cache);
      const std::int64_t seen = std::max<std::int64_t>(0, start - window + 1);
      for (const LayerCache& layer : cache.layers)
        EXPECT_EQ(layer.first(), seen / places * places) << "column " << start;
    }
  }
}

TEST(Unit_15_5, WithAWindowRotaryTextsHaveNoEnd) {
  GPTOptions options = tiny(Positions::rotary, 2, 8);
  GPT gpt = audible(options), roomy = audible(tiny(Positions::rotary, 2, 64));
  const Tokens text = some_text(40, 7);
  KVCache cache(options, {.block = 4, .window = 8});
  const Array logits = in_pieces(gpt, row(text), cache, 3);
  EXPECT_LE(difference(logits.with_shape({40, 13}), whole_with_window(roomy, text, 8)), logits_tolerance);
}

// --- nothing of the past is computed again -----------------------------------------------------------------------

TEST(Unit_15_5, ATokenRunsTheSameOpsWhateverThePast) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  std::vector<std::map<std::string, std::int64_t>> seen;
  for (const std::int64_t past : {4, 12, 36}) {
    KVCache cache(gpt.options(), {.block = 64});
    cached_logits(gpt, row(some_text(past, 8)), cache);
    const WatchedOps watched;
    cached_logits(gpt, row({5}), cache);
    seen.push_back(watched.numbers);
    EXPECT_EQ(watched.numbers.at("embedding"), 16);
    // q, k, v, out, fc1, fc2 of two layers, and the head
    EXPECT_EQ(watched.numbers.at("linear"), 2 * (16 + 8 + 8 + 16 + 64 + 16) + 13);
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
}

TEST(Unit_15_5, ProductsGrowByTwoForEveryPastNumber) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  const auto multiplied = [&](std::int64_t past) {
    KVCache cache(gpt.options(), {.block = 4});
    cached_logits(gpt, row(some_text(past, 8)), cache);
    const CountedProducts products;
    cached_logits(gpt, row({5}), cache);
    return CountedProducts::count;
  };
  const std::int64_t weights = 2 * (16 * 16 + 2 * 8 * 16 + 16 * 16 + 2 * 16 * 64) + 13 * 16;
  const std::int64_t of_a_block = 2 * 2 * 16 * 4;  // layers, keys and values, width, columns
  EXPECT_EQ(multiplied(3), weights + of_a_block);
  EXPECT_EQ(multiplied(7), weights + 2 * of_a_block);
  EXPECT_EQ(multiplied(39), weights + 10 * of_a_block);
  const CountedProducts products;
  gpt(row(some_text(40, 8)));
  EXPECT_EQ(CountedProducts::count, 40 * (weights + 10 * of_a_block)) << "without memory, forty times as many";
}

TEST(Unit_15_5, OnlyItsGroupsHeadsAreKept) {
  for (const std::int64_t groups : {4, 2, 1}) {
    GPT gpt = audible(tiny(Positions::learned, groups));
    KVCache cache(gpt.options(), {.batch = 3, .block = 8});
    cached_logits(gpt, Indices({3, 9}, some_text(27, 1)), cache);
    EXPECT_EQ(cache.bytes(), 2 * 2 * 3 * groups * 4 * 16 * static_cast<std::int64_t>(sizeof(Real)))
        << "keys and values, layers, batch, groups, width of a head, two blocks of 8";
  }
}

// --- taking back, branching --------------------------------------------------------------------------------------

TEST(Unit_15_5, WhatWasTakenBackIsForgotten) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    GPT gpt = audible(kind.options);
    Tokens text = some_text(9, 3);
    KVCache cache(kind.options, {.block = 4});
    cached_logits(gpt, row(text), cache);
    cached_logits(gpt, row(some_text(6, 4)), cache);
    cache.truncate(7);
    text.resize(7);
    const Tokens other = some_text(3, 5);
    text.insert(text.end(), other.begin(), other.end());
    const Array logits = cached_logits(gpt, row(other), cache).value();
    EXPECT_LE(difference(logits.with_shape({3, 13}), rows(whole(gpt, text), 7, 10)), logits_tolerance);
  }
}

TEST(Unit_15_5, TwoContinuationsShareTheirBeginning) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  const Tokens text = some_text(10, 3);
  KVCache one(gpt.options(), {.block = 4});
  cached_logits(gpt, row(text), one);
  KVCache other = one;
  for (int step = 0; step < 5; ++step) {
    Tokens mine = text, theirs = text;
    for (int i = 0; i <= step; ++i) mine.push_back(1 + i), theirs.push_back(7 + i);
    const Array a = cached_logits(gpt, row({1 + step}), one).value();
    const Array b = cached_logits(gpt, row({7 + step}), other).value();
    EXPECT_LE(difference(a.with_shape({1, 13}), rows(whole(gpt, mine), 10 + step, 11 + step)), logits_tolerance);
    EXPECT_LE(difference(b.with_shape({1, 13}), rows(whole(gpt, theirs), 10 + step, 11 + step)), logits_tolerance);
  }
  for (std::size_t layer = 0; layer < 2; ++layer) {
    EXPECT_TRUE(one.layers[layer].blocks()[0].k.shares_buffer_with(other.layers[layer].blocks()[0].k));
    EXPECT_TRUE(one.layers[layer].blocks()[1].v.shares_buffer_with(other.layers[layer].blocks()[1].v));
    EXPECT_FALSE(one.layers[layer].blocks()[2].v.shares_buffer_with(other.layers[layer].blocks()[2].v));
  }
}

// --- a model is left as it was -----------------------------------------------------------------------------------

TEST(Unit_15_5, ModeDoesNotMatter) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  gpt.train();
  KVCache one(gpt.options()), two(gpt.options());
  const Array training = cached_logits(gpt, row({1, 2, 3}), one).value();
  gpt.eval();
  EXPECT_TRUE(same_bits(training, cached_logits(gpt, row({1, 2, 3}), two).value()));
}

TEST(Unit_15_5, FeaturesAreWhatTheHeadReads) {
  GPT gpt = audible(tiny(Positions::rotary, 4));
  const Tokens text = some_text(6, 2);
  KVCache cache(gpt.options());
  const Array features = cached_features(gpt, row(text), cache).value();
  EXPECT_EQ(features.shape(), (Shape{1, 6, 16}));
  const EvaluationMode evaluation(gpt);
  EXPECT_LE(difference(features, gpt.features(row(text)).value()), logits_tolerance);
}

TEST(Unit_15_5, Errors) {
  GPT gpt = audible(tiny(Positions::learned, 2, 6));
  KVCache cache(gpt.options(), {.batch = 2, .padding = {1, 2}});
  EXPECT_THROWS_WITH(cached_logits(gpt, row({1}), cache), ShapeError, "(1, 1)");
  EXPECT_THROWS_WITH(cached_features(gpt, Indices(Shape{2, 0}), cache), ShapeError, "(2, 0)");
  EXPECT_THROWS_WITH(cached_features(gpt, Indices({2, 1}, {3, 13}), cache), IndexError, "13");
  EXPECT_EQ(cache.length(), 0);
  EXPECT_EQ(cached_logits(gpt, Indices(Shape{2, 4}), cache).shape(), (Shape{2, 4, 13}));
  EXPECT_THROWS_WITH(cached_logits(gpt, Indices(Shape{2, 4}), cache), ValueError, "context has 6");
  EXPECT_EQ(cached_logits(gpt, Indices(Shape{2, 3}), cache).shape(), (Shape{2, 3, 13}));  // padding needs no position
  EXPECT_EQ(cache.length(), 7);
}

}  // namespace
}  // namespace rushlight::test
