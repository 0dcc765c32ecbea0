// What tokenizer.json files of other libraries hold, and what became of readers that looked past it: wrong ids, without
// a word.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "10_tokenization/tokenizer.hpp"
#include "10_tokenization/tokenizer_file.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using nlohmann::json;

class OthersFile {
 public:
  OthersFile() {
    write_tokenizer_file(path(), {.vocabulary = {{"a", 97}, {"b", 98}, {"ab", 256}, {"aab", 257}},
                                  .merges = {{"a", "b"}, {"a", "ab"}},
                                  .specials = {{"<s>", 258}}});
    std::stringstream text;
    text << std::ifstream(path()).rdbuf();
    good = json::parse(text.str());
  }
  ~OthersFile() { std::filesystem::remove(path()); }

  OthersFile(const OthersFile&) = delete;
  OthersFile& operator=(const OthersFile&) = delete;

  static std::string path() {
    return std::filesystem::temp_directory_path() / ("other-tokenizer-" + std::to_string(::getpid()) + ".json");
  }
  static void write(const std::string& text) { std::ofstream(path(), std::ios::binary) << text; }

  void expect_refused(const std::function<void(json&)>& change, const std::string& named) const {
    json changed = good;
    change(changed);
    write(changed.dump());
    EXPECT_THROWS_WITH(read_tokenizer_file(path()), FileError, path(), named);
  }

  json good;
};

TEST(Given_10, AFieldThatIsNotObeyedIsRefusedByName) {
  const OthersFile others;
  others.expect_refused([](json& j) { j["normalizer"] = {{"type", "Lowercase"}}; }, "normalizer");
  others.expect_refused([](json& j) { j["truncation"] = {{"max_length", 5}}; }, "truncation");
  others.expect_refused([](json& j) { j["padding"] = {{"pad_id", 0}}; }, "padding");
  others.expect_refused([](json& j) { j["post_processor"] = {{"type", "TemplateProcessing"}}; }, "post_processor");
  others.expect_refused([](json& j) { j["decoder"] = {{"type", "WordPiece"}}; }, "decoder");
  others.expect_refused([](json& j) { j["version"] = "2.0"; }, "version");
  others.expect_refused([](json& j) { j["surprise"] = 1; }, "'surprise'");
  others.expect_refused([](json& j) { j["model"]["dropout"] = 0.1; }, "dropout");
  others.expect_refused([](json& j) { j["model"]["unk_token"] = "<s>"; }, "unk_token");
  others.expect_refused([](json& j) { j["model"]["continuing_subword_prefix"] = "##"; }, "continuing_subword_prefix");
  others.expect_refused([](json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }, "end_of_word_suffix");
  others.expect_refused([](json& j) { j["model"]["byte_fallback"] = true; }, "byte_fallback");
  others.expect_refused([](json& j) { j["model"]["ignore_merges"] = true; }, "ignore_merges");
  for (const std::string flag : {"lstrip", "rstrip", "single_word"}) {
    others.expect_refused([&](json& j) { j["added_tokens"][0][flag] = true; }, flag);
  }
  others.expect_refused([](json& j) { j["added_tokens"][0]["special"] = false; }, "special");
  others.expect_refused([](json& j) { j["added_tokens"][0]["surprise"] = 1; }, "'surprise'");
}

TEST(Given_10, WhatChangesNothingIsRead) {
  const OthersFile others;
  json same = others.good;
  for (const char* field : {"truncation", "padding", "normalizer", "post_processor", "version"}) same.erase(field);
  same["model"]["dropout"] = 0.0;
  same["model"]["continuing_subword_prefix"] = "";
  same["model"]["ignore_merges"] = false;
  same["added_tokens"][0]["normalized"] = true;
  same["model"]["vocab"]["<s>"] = 258;  // as GPT-2's file has it
  others.write(same.dump());
  const TokenizerFile file = read_tokenizer_file(others.path());
  EXPECT_EQ(file.vocabulary.size(), 4u);
  EXPECT_EQ(file.specials, (std::vector<std::pair<std::string, std::int32_t>>{{"<s>", 258}}));
}

TEST(Given_10, AnIdIsAWholeNumberInRange) {
  const OthersFile others;
  for (const json& id : {json(33.7), json(-1), json(4294967393), json(1e300), json("97"), json(nullptr), json(true)}) {
    others.expect_refused([&](json& j) { j["model"]["vocab"]["a"] = id; }, "'a'");
    others.expect_refused([&](json& j) { j["added_tokens"][0]["id"] = id; }, "'<s>'");
  }
}

TEST(Given_10, AMergeHasTwoPartsAndOneRank) {
  const OthersFile others;
  others.expect_refused([](json& j) { j["model"]["merges"][0] = {"a", "b", "c"}; }, "two parts");
  others.expect_refused([](json& j) { j["model"]["merges"][0] = {"a"}; }, "two parts");
  others.expect_refused([](json& j) { j["model"]["merges"].push_back("a b"); }, "twice");
  others.expect_refused([](json& j) { j["model"]["merges"].push_back({"a", "b"}); }, "twice");
  others.expect_refused([](json& j) { j["model"]["merges"][0] = 5; }, "not a tokenizer");
}

TEST(Given_10, NothingStandsBehindTheDocumentOrInItTwice) {
  const OthersFile others;
  const std::string text = others.good.dump();
  for (const std::string& more : {std::string("x"), std::string("{}"), std::string("\0", 1), std::string("\0{}", 3)}) {
    others.write(text + more);
    EXPECT_THROWS_WITH(read_tokenizer_file(others.path()), FileError, others.path(), "not JSON");
  }
  others.write(text + " \n");
  EXPECT_EQ(read_tokenizer_file(others.path()).vocabulary.size(), 4u);
  std::string twice = text;
  twice.insert(twice.find("\"aab\""), R"("aab":97,)");
  others.write(twice);
  EXPECT_THROWS_WITH(read_tokenizer_file(others.path()), FileError, others.path(), "'aab'", "twice");
}

// Other libraries look a special token up in the vocabulary first: "Ġ" would be the space, whatever id stands beside it.
TEST(Given_10, ASpecialTokenIsNoKeyOfTheVocabulary) {
  const OthersFile others;
  for (const std::string special : {"a", "ab", "Ġ"}) {
    const TokenizerFile file{
        .vocabulary = {{"Ġ", 32}, {"a", 97}, {"ab", 256}}, .merges = {}, .specials = {{special, 257}}};
    EXPECT_THROWS_WITH(write_tokenizer_file(others.path(), file), FileError, others.path(), "'" + special + "'");
  }
  others.expect_refused([](json& j) { j["added_tokens"][0]["content"] = "ab"; }, "'ab'");
}

TEST(Given_10, ASpecialTokenThatIsNotUtf8CannotBeSaved) {
  const OthersFile others;
  const TokenizerFile file{.vocabulary = {}, .merges = {}, .specials = {{"<\xFF>", 256}}};
  EXPECT_THROWS_WITH(write_tokenizer_file(others.path(), file), FileError, others.path(), "UTF-8");
  EXPECT_TRUE(std::filesystem::exists(others.path())) << "what was there stays";
}

}  // namespace
}  // namespace rushlight::test
