// bpe_file.cpp: tokenizer.json, as the Hugging Face tokenizers library writes and reads it.
#include <fstream>
#include <nlohmann/json.hpp>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "07_training/checkpoint.hpp"
#include "10_tokenization/tokenizer.hpp"

#include <fmt/format.h>

namespace rushlight {
// solution helper
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // keeps the vocabulary in the order of its ids

// The rule of split_words, for a library that splits with regular expressions.
constexpr const char* word_pattern = R"( ?[^ \t\n\r]+|[ \t\n\r]+(?![^ \t\n\r])|[ \t\n\r]+)";

Json pre_tokenizer() {
  const Json split = {
      {"type", "Split"}, {"pattern", {{"Regex", word_pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  const Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
  return {{"type", "Sequence"}, {"pretokenizers", Json::array({split, bytes})}};
}

Json byte_level_decoder() {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
}

Json added_token(const std::string& token, std::int32_t id) {
  return {{"id", id},        {"content", token},    {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

Json read_json(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw FileError(fmt::format("{}: cannot be opened.", path));
  try {
    return Json::parse(stream);
  } catch (const Json::parse_error& error) {
    throw FileError(fmt::format("{}: is not JSON: {}", path, error.what()));
  }
}

// "Ġ t" or ["Ġ", "t"]: older files have the one, newer the other.
std::pair<std::string, std::string> merge_parts(const Json& merge) {
  if (merge.is_array())
    return {from_printable(merge.at(0).get<std::string>()), from_printable(merge.at(1).get<std::string>())};
  const auto text = merge.get<std::string>();
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) throw ValueError(fmt::format("the merge '{}' has no space between its parts.", text));
  return {from_printable(text.substr(0, space)), from_printable(text.substr(space + 1))};
}

void check_supported(const Json& file) {
  if (file.at("model").at("type") != "BPE") throw ValueError("its model is not BPE.");
  const Json& rule = file.at("pre_tokenizer");
  if (rule != pre_tokenizer()) throw ValueError("it splits text by another rule than split_words.");
}

}  // namespace
// end solution

// 10.6 save  -> tokenizer.json: model {type BPE, vocab, merges}, pre_tokenizer, decoder, added_tokens
// Hint: write the pieces as JSON values; write_file() puts them on disk.
void BpeTokenizer::save(const std::string& path) const {
  // solution 10.6
  OrderedJson vocabulary = OrderedJson::object();
  for (std::int32_t id = 0; id < vocabulary_size(); ++id) {
    const bool is_special = specials_.contains(token(id)) && specials_.find(token(id))->second == id;
    if (!is_special) vocabulary[to_printable(token(id))] = id;
  }
  Json merges = Json::array();
  for (const Merge& merge : merges_)
    merges.push_back(to_printable(token(merge.left)) + " " + to_printable(token(merge.right)));
  Json added = Json::array();
  for (std::int32_t id = vocabulary_size() - static_cast<std::int32_t>(specials_.size()); id < vocabulary_size();
       ++id) {
    added.push_back(added_token(token(id), id));
  }
  const OrderedJson file = {{"version", "1.0"},
                            {"truncation", nullptr},
                            {"padding", nullptr},
                            {"added_tokens", added},
                            {"normalizer", nullptr},
                            {"pre_tokenizer", pre_tokenizer()},
                            {"post_processor", nullptr},
                            {"decoder", byte_level_decoder()},
                            {"model",
                             {{"type", "BPE"},
                              {"dropout", nullptr},
                              {"unk_token", nullptr},
                              {"continuing_subword_prefix", nullptr},
                              {"end_of_word_suffix", nullptr},
                              {"fuse_unk", false},
                              {"byte_fallback", false},
                              {"vocab", vocabulary},
                              {"merges", merges}}}};
  const std::string text = file.dump(1) + "\n";
  write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  // end solution
}

// 10.6 load  tokenizer.json -> the tokenizer that was saved
// Throws FileError that names the file and what is wrong: not JSON, another model or splitting rule, a merge of unknown
// tokens, ids that do not follow from the merges.
// Hint: start from BpeTokenizer(), add the merges in order, and compare what you get with the file's vocab.
BpeTokenizer BpeTokenizer::load(const std::string& path) {
  // solution 10.6
  const Json file = read_json(path);
  try {
    check_supported(file);
    BpeTokenizer tokenizer;
    for (const Json& merge : file.at("model").at("merges")) {
      const auto [left, right] = merge_parts(merge);
      const auto a = tokenizer.ids_.find(left);
      const auto b = tokenizer.ids_.find(right);
      if (a == tokenizer.ids_.end() || b == tokenizer.ids_.end()) {
        throw ValueError(fmt::format("the merge {} uses a token that no earlier merge makes.", merge.dump()));
      }
      tokenizer.add_merge(a->second, b->second);
    }
    const Json& vocabulary = file.at("model").at("vocab");
    for (const auto& [text, id] : vocabulary.items()) {
      const auto found = tokenizer.ids_.find(from_printable(text));
      if (found == tokenizer.ids_.end() || found->second != id.get<std::int32_t>()) {
        throw ValueError(fmt::format("the vocabulary's '{}' is not what the merges give.", text));
      }
    }
    if (vocabulary.size() != tokenizer.ids_.size())
      throw ValueError("the vocabulary lacks tokens that the merges make.");
    for (const Json& added : file.at("added_tokens")) {
      if (added.at("id").get<std::int32_t>() != tokenizer.vocabulary_size()) {
        throw ValueError("its special tokens do not follow the vocabulary.");
      }
      tokenizer.add_special(added.at("content").get<std::string>());
    }
    return tokenizer;
  } catch (const Error& error) {
    throw FileError(fmt::format("{}: {}", path, error.what()));
  } catch (const Json::exception& error) {
    throw FileError(fmt::format("{}: is not a tokenizer: {}", path, error.what()));
  }
  // end solution
}

}  // namespace rushlight
