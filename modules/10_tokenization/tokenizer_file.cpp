// tokenizer_file.cpp: given. tokenizer.json, as the Hugging Face tokenizers library writes and reads it.
#include "10_tokenization/tokenizer_file.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "01_tensor/error.hpp"
#include "07_training/checkpoint.hpp"

namespace rushlight {
namespace {

using Json = nlohmann::json;

// The rule of split_words, for a library that splits with regular expressions; then bytes to printable characters.
constexpr const char* pre_tokenizer = R"({"type": "Sequence", "pretokenizers": [
  {"type": "Split", "pattern": {"Regex": " ?[^ \\t\\n\\r]+|[ \\t\\n\\r]+(?![^ \\t\\n\\r])|[ \\t\\n\\r]+"},
   "behavior": "Isolated", "invert": false},
  {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]})";

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

std::pair<std::string, std::string> merge_parts(const Json& merge) {
  if (merge.is_array()) return {merge.at(0).get<std::string>(), merge.at(1).get<std::string>()};
  const auto text = merge.get<std::string>();  // "Ġ t": older files; newer ones have ["Ġ", "t"]
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) throw ValueError("the merge '{}' has no space between its parts.", {text});
  return {text.substr(0, space), text.substr(space + 1)};
}

TokenizerFile from_json(const Json& json) {
  const Json& model = json.at("model");
  if (model.at("type") != "BPE") throw ValueError("its model is not BPE.");
  if (json.at("pre_tokenizer") != Json::parse(pre_tokenizer)) {
    throw ValueError("it splits text by another rule than split_words.");
  }
  TokenizerFile file;
  for (const auto& [token, id] : model.at("vocab").items()) file.vocabulary.emplace_back(token, id.get<std::int32_t>());
  for (const Json& merge : model.at("merges")) file.merges.push_back(merge_parts(merge));
  for (const Json& added : json.at("added_tokens")) {
    file.specials.emplace_back(added.at("content").get<std::string>(), added.at("id").get<std::int32_t>());
  }
  return file;
}

}  // namespace

void write_tokenizer_file(const std::string& path, const TokenizerFile& file) {
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
  const std::string text = formatted(
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
      {added, pre_tokenizer, decoder, vocabulary, merges});
  write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TokenizerFile read_tokenizer_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw FileError("{}: cannot be opened.", {path});
  try {
    return from_json(Json::parse(stream));
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  } catch (const Json::parse_error& error) {
    throw FileError("{}: is not JSON: {}", {path, error.what()});
  } catch (const Json::exception& error) {
    throw FileError("{}: is not a tokenizer: {}", {path, error.what()});
  }
}

}  // namespace rushlight
