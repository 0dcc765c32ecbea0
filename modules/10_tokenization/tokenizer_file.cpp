// tokenizer_file.cpp: given. tokenizer.json, as the Hugging Face tokenizers library writes and reads it.
#include "10_tokenization/tokenizer_file.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>

#include "07_training/checkpoint.hpp"
#include "07_training/strict_json.hpp"

namespace rushlight {
namespace {

using Json = nlohmann::json;

// The rule of split_words, for a library that splits with regular expressions; then bytes to printable characters.
constexpr const char* words_rule = R"({"type": "Sequence", "pretokenizers": [
  {"type": "Split", "pattern": {"Regex": " ?[^ \\t\\n\\r]+|[ \\t\\n\\r]+(?![^ \\t\\n\\r])|[ \\t\\n\\r]+"},
   "behavior": "Isolated", "invert": false},
  {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]})";

// That of split_gpt2, which such libraries have under this name.
constexpr const char* gpt2_rule =
    R"({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true})";

const char* rule_of(Splitting splitting) { return splitting == Splitting::gpt2 ? gpt2_rule : words_rule; }

constexpr const char* decoder =
    R"({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false})";

std::string quoted(const std::string& text) { return Json(text).dump(); }

// `[` or `{`, one item a line, and the other bracket.
template <class Items, class Write>
std::string lines(char open, const Items& items, char close, Write write) {
  std::string text(1, open);
  for (const auto& item : items) text += (text.size() == 1 ? "\n  " : ",\n  ") + write(item);
  return text + "\n " + close;
}

// Whatever a field may hold here. A field that changes what the tokenizer does, and that this library does not know how
// to obey, must be an error: the ids would be wrong without a word.
struct Field {
  const char* name;
  std::vector<Json> allowed;  // empty: looked at elsewhere
};

void check_fields(const std::string& where, const Json& object, const std::vector<Field>& fields) {
  if (!object.is_object()) throw ValueError("{} is {}; it should be an object.", {where, object.dump()});
  for (const auto& [name, value] : object.items()) {
    const auto known = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return name == f.name; });
    if (known == fields.end()) {
      throw ValueError("{} has a field '{}', which this library does not know.", {where, name});
    }
    if (known->allowed.empty() || std::count(known->allowed.begin(), known->allowed.end(), value) > 0) continue;
    throw ValueError("{} has the {} {}, which this library does not know how to follow; it knows {}.",
                     {where, name, value.dump(), known->allowed.front().dump()});
  }
}

// `"name": value` of the object must be there, and a whole number from 0 on.
std::int32_t id_in(const Json& value, const std::string& of) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT32_MAX) {
    throw ValueError("the id of '{}' is {}; it should be a whole number, 0 to {}.", {of, value.dump(), INT32_MAX});
  }
  return value.get<std::int32_t>();
}

std::pair<std::string, std::string> merge_parts(const Json& merge) {
  if (merge.is_array()) {
    if (merge.size() != 2) throw ValueError("the merge {} does not have two parts.", {merge.dump()});
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  const auto text = merge.get<std::string>();  // "Ġ t": older files; newer ones have ["Ġ", "t"]
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) throw ValueError("the merge '{}' has no space between its parts.", {text});
  return {text.substr(0, space), text.substr(space + 1)};
}

// Everything that changes what the tokenizer does; returns the splitting rule.
Splitting check_rules(const Json& json) {
  const Json null;
  const Json bytes = Json::parse(decoder);
  check_fields("it", json,
               {{"version", {"1.0"}},
                {"truncation", {null}},
                {"padding", {null}},
                {"added_tokens", {}},
                {"normalizer", {null}},
                {"pre_tokenizer", {}},
                {"post_processor", {null}},
                {"decoder", {bytes, null}},
                {"model", {}}});
  const Json& model = json.at("model");
  if (!model.is_object() || model.at("type") != "BPE") throw ValueError("its model is not BPE.");
  check_fields("its model", model,
               {{"type", {}},
                {"dropout", {null, 0}},
                {"unk_token", {null}},  // no byte is unknown
                {"continuing_subword_prefix", {null, ""}},
                {"end_of_word_suffix", {null, ""}},
                {"fuse_unk", {false}},
                {"byte_fallback", {false}},
                {"ignore_merges", {false}},
                {"vocab", {}},
                {"merges", {}}});
  for (const Splitting splitting : {Splitting::words, Splitting::gpt2}) {
    if (json.at("pre_tokenizer") == Json::parse(rule_of(splitting))) return splitting;
  }
  throw ValueError("it splits text by another rule than split_words or split_gpt2.");
}

std::pair<std::string, std::int32_t> special_of(const Json& added) {
  check_fields("a special token", added,
               {{"id", {}},
                {"content", {}},
                {"single_word", {false}},
                {"lstrip", {false}},
                {"rstrip", {false}},
                {"normalized", {false, true}},  // there is no normalizer
                {"special", {true}}});
  const auto content = added.at("content").get<std::string>();
  return {content, id_in(added.at("id"), content)};
}

TokenizerFile from_json(const Json& json) {
  TokenizerFile file;
  file.splitting = check_rules(json);
  std::set<std::string> special;
  for (const Json& added : json.at("added_tokens")) {
    file.specials.push_back(special_of(added));
    special.insert(file.specials.back().first);
  }
  const Json& model = json.at("model");
  for (const auto& [token, value] : model.at("vocab").items()) {
    const std::int32_t id = id_in(value, token);
    // Some writers list special tokens in the vocabulary as well, under the same id.
    const bool listed = std::count(file.specials.begin(), file.specials.end(), std::pair(token, id)) > 0;
    if (special.contains(token) && !listed) {
      throw ValueError("the special token '{}' has the id {} in the vocabulary and another one beside it.",
                       {token, id});
    }
    if (!listed) file.vocabulary.emplace_back(token, id);
  }
  std::set<std::pair<std::string, std::string>> known;
  for (const Json& merge : model.at("merges")) {
    file.merges.push_back(merge_parts(merge));
    if (known.insert(file.merges.back()).second) continue;
    throw ValueError("the merge {} stands there twice: which rank is it?", {merge.dump()});
  }
  return file;
}

// A key of the vocabulary names one id. Other libraries look special tokens up in it.
void check_specials(const TokenizerFile& file) {
  for (const auto& [special, id] : file.specials) {
    for (const auto& [token, other] : file.vocabulary) {
      if (token != special) continue;
      throw ValueError(
          "the special token '{}' is written like token {} of the vocabulary, and would be taken for it. Give it a "
          "name that no token has, such as '<|{}|>'.",
          {special, other, special});
    }
  }
}

std::string text_of(const TokenizerFile& file) {
  check_specials(file);
  const std::string added = lines('[', file.specials, ']', [](const auto& special) {
    return formatted(R"({{"id": {}, "content": {}, "single_word": false, "lstrip": false, "rstrip": false, )"
                     R"("normalized": false, "special": true}})",
                     {special.second, quoted(special.first)});
  });
  const std::string vocabulary = lines('{', file.vocabulary, '}', [](const auto& entry) {
    return formatted("{}: {}", {quoted(entry.first), entry.second});
  });
  const std::string merges =
      lines('[', file.merges, ']', [](const auto& merge) { return quoted(merge.first + " " + merge.second); });
  return formatted(
      R"({{
 "version": "1.0", "truncation": null, "padding": null,
 "added_tokens": {},
 "normalizer": null,
 "pre_tokenizer": {},
 "post_processor": null,
 "decoder": {},
 "model": {{
 "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
 "fuse_unk": false, "byte_fallback": false,
 "vocab": {},
 "merges": {}
}}}}
)",
      {added, rule_of(file.splitting), decoder, vocabulary, merges});
}

}  // namespace

void write_tokenizer_file(const std::string& path, const TokenizerFile& file) {
  std::string text;
  try {
    text = text_of(file);
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  } catch (const Json::exception& error) {  // JSON is UTF-8
    throw FileError("{}: a token cannot be written: {}", {path, error.what()});
  }
  write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TokenizerFile read_tokenizer_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw FileError("{}: cannot be opened.", {path});
  std::stringstream text;
  text << stream.rdbuf();
  try {
    return from_json(strict_json(text.view()));
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  } catch (const Json::exception& error) {
    throw FileError("{}: is not a tokenizer: {}", {path, error.what()});
  }
}

}  // namespace rushlight
