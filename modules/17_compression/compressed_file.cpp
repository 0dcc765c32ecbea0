// compressed_file.cpp: given. States with lists in them, and files of those.
#include "17_compression/compressed_file.hpp"

#include "07_training/checkpoint.hpp"

namespace rushlight {

CompressedState share_state(const StateDict& state, const std::vector<std::string>& paths,
                            const SharingOptions& options) {
  CompressedState result{state, {}};
  for (const std::string& path : paths) {
    const auto found = result.plain.find(path);
    if (found == result.plain.end()) {
      throw ValueError("share_state: '{}' is no entry of the state, or is named twice.", {path});
    }
    result.shared[path] = share_weights(found->second, options);
    result.plain.erase(found);
  }
  return result;
}

StateDict restored(const CompressedState& state) {
  StateDict result = state.plain;
  for (const auto& [name, book] : state.shared) result[name] = from_codebook(book.values, book.codes).value();
  return result;
}

void save_compressed(const std::string& path, const CompressedState& state) {
  write_file(path, encode_compressed(state));
}

CompressedState load_compressed(const std::string& path) { return decode_compressed(read_file(path), path); }

}  // namespace rushlight
