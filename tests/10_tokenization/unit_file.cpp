#include <set>

#include "10_tokenization/temporary_file.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

BpeTokenizer example() {
  return BpeTokenizer::train("low lower lowest low low new newer newest\nnew",
                             {.vocabulary_size = 280, .special_tokens = {"<|endoftext|>"}});
}

TEST(Unit_10_6, PrintableBytesStandForThemselves) {
  EXPECT_EQ(to_printable("Az~!"), "Az~!");
  EXPECT_EQ(to_printable(" "), "Ġ");
  EXPECT_EQ(to_printable("\n"), "Ċ");
  EXPECT_EQ(to_printable(std::string(1, '\0')), "Ā");
  EXPECT_EQ(to_printable("\x7F"), "ġ");
  EXPECT_EQ(to_printable("\xAD"), "Ń");
  EXPECT_EQ(to_printable("\xFF"), "ÿ");
}

TEST(Unit_10_6, EveryByteHasItsOwnCharacterAndComesBack) {
  std::set<std::string> distinct;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    distinct.insert(to_printable(one));
    EXPECT_EQ(from_printable(to_printable(one)), one);
  }
  EXPECT_EQ(distinct.size(), 256u);
  EXPECT_THROWS_WITH(from_printable("a€"), ValueError, "'€'");
  EXPECT_THROWS_WITH(from_printable(" "), ValueError, "' '");
}

TEST(Unit_10_6, TheAlphabetIsGpt2s) {
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool itself = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    const char32_t point = itself ? static_cast<char32_t>(byte) : next++;
    std::string expected;
    if (point < 0x80) {
      expected = {static_cast<char>(point)};
    } else {
      expected = {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
    }
    EXPECT_EQ(to_printable(std::string(1, static_cast<char>(byte))), expected) << "byte " << byte;
  }
  for (const std::string outside : {"\x7F", "\u00A0", "\u00AD", "\u0144", "\xC3", "\xFF", "\n"}) {
    EXPECT_THROWS_WITH(from_printable("a" + outside), ValueError);
    EXPECT_THROWS_WITH(from_printable(outside + "a"), ValueError);
  }
  EXPECT_EQ(from_printable(""), "");
}

TEST(Unit_10_6, WhatWasSavedIsLoaded) {
  const TemporaryFile file;
  const BpeTokenizer saved = example();
  saved.save(file.path());
  const BpeTokenizer loaded = BpeTokenizer::load(file.path());
  ASSERT_EQ(loaded.vocabulary_size(), saved.vocabulary_size());
  for (std::int32_t id = 0; id < saved.vocabulary_size(); ++id) EXPECT_EQ(loaded.token(id), saved.token(id));
  EXPECT_EQ(loaded.special_id("<|endoftext|>"), saved.special_id("<|endoftext|>"));
  const std::string text = "lowest newest<|endoftext|> slow\xFF";
  EXPECT_EQ(loaded.encode(text), saved.encode(text));
  EXPECT_GE(saved.merges().size(), 8u);
}

TEST(Unit_10_6, SpecialTokensAreWrittenAsTheyAreInTheOrderOfTheirIds) {
  const TemporaryFile file;
  const std::vector<std::string> specials = {"<the end>", "<début>", "<a>"};
  const BpeTokenizer saved = BpeTokenizer::train("low low", {.vocabulary_size = 300, .special_tokens = specials});
  saved.save(file.path());
  const auto added = nlohmann::json::parse(file.read()).at("added_tokens");
  const BpeTokenizer loaded = BpeTokenizer::load(file.path());
  EXPECT_EQ(loaded.special_tokens(), specials);
  for (std::size_t i = 0; i < specials.size(); ++i) {
    EXPECT_EQ(added.at(i).at("content"), specials[i]);
    EXPECT_EQ(added.at(i).at("id"), saved.special_id(specials[i]));
    EXPECT_EQ(loaded.special_id(specials[i]), saved.special_id(specials[i]));
  }
}

// Objects of JSON have no order, files have: two that hold the same are the same.
TEST(Unit_10_6, TheVocabularyIsInTheOrderOfItsIds) {
  const TemporaryFile file;
  const BpeTokenizer saved = example();
  saved.save(file.path());
  const std::string text = file.read();
  std::size_t at = text.find("\"vocab\"");
  for (std::int32_t id = 0; id < saved.special_id("<|endoftext|>"); ++id) {
    at = text.find(nlohmann::json(to_printable(saved.token(id))).dump() + ": " + std::to_string(id), at);
    ASSERT_NE(at, std::string::npos) << "token " << id << " is not behind token " << id - 1;
  }
}

TEST(Unit_10_6, TheFileIsWhatTheLibraryExpects) {
  const TemporaryFile file;
  example().save(file.path());
  const auto json = nlohmann::json::parse(file.read());
  EXPECT_EQ(json.at("model").at("type"), "BPE");
  EXPECT_EQ(json.at("model").at("vocab").at("Ġ"), 32);
  EXPECT_EQ(json.at("model").at("vocab").at("low"), BpeTokenizer(example()).encode("low").at(0));
  EXPECT_EQ(json.at("model").at("merges").at(0).get<std::string>().find(' '),
            json.at("model").at("merges").at(0).get<std::string>().rfind(' '));
  EXPECT_EQ(json.at("added_tokens").at(0).at("content"), "<|endoftext|>");
  EXPECT_EQ(json.at("pre_tokenizer").at("pretokenizers").at(1).at("type"), "ByteLevel");
}

TEST(Unit_10_6, MergesAsPairsAreReadToo) {
  const TemporaryFile file;
  example().save(file.path());
  auto json = nlohmann::json::parse(file.read());
  for (auto& merge : json["model"]["merges"]) {
    const auto text = merge.get<std::string>();
    const auto space = text.find(' ');
    merge = {text.substr(0, space), text.substr(space + 1)};
  }
  file.write(json.dump());
  EXPECT_EQ(BpeTokenizer::load(file.path()).encode("lowest"), example().encode("lowest"));
}

TEST(Unit_10_6, ABadFileIsNamedWithWhatIsWrong) {
  const TemporaryFile file;
  const std::string name = file.path().filename().string();
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "cannot be opened");
  file.write("{\"version\": ");
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "is not JSON");
  file.write("{}");
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "model");

  example().save(file.path());
  const auto good = nlohmann::json::parse(file.read());
  const auto broken = [&](const std::function<void(nlohmann::json&)>& change) {
    auto json = good;
    change(json);
    file.write(json.dump());
  };
  broken([](auto& json) { json["model"]["type"] = "WordPiece"; });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "not BPE");
  broken([](auto& json) { json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\w+"; });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "another rule");
  broken([](auto& json) { json["model"]["merges"].erase(0); });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name);
  broken([](auto& json) { json["model"]["merges"][0] = "qq zz"; });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "qq");
  broken([](auto& json) { json["model"]["merges"][0] = "lo"; });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "no space");
  broken([](auto& json) { json["model"]["vocab"].erase("low"); });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name);
  broken([](auto& json) { json["model"]["vocab"]["low"] = 5; });
  EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "'low'");
  for (const int id : {7, 400}) {  // a byte's, and one behind a gap
    broken([&](auto& json) { json["added_tokens"][0]["id"] = id; });
    EXPECT_THROWS_WITH(BpeTokenizer::load(file.path()), FileError, name, "special tokens");
  }
}

}  // namespace
}  // namespace rushlight::test
