#include "2017_transformer/journal.hpp"

#include <utility>

#include "common/nested.hpp"
#include "common/training.hpp"

namespace rushlight::milestone {
namespace {

constexpr const char* format_name = "rushlight-journal-1";
const std::string decisive_prefix = "run.", finished_prefix = "finished.", begun_prefix = "begun.";

std::string part_prefix(const std::string& part) { return "part." + part + "/"; }

// Of all but the digest itself.
std::string digest_of_all(SafeTensors content) {
  content.metadata.erase("digest");
  return milestone::digest_of(encode_safetensors(content));
}

void check_whole(const SafeTensors& content) {
  if (!content.metadata.contains("format") || text_at(content.metadata, "format") != format_name) {
    throw FileError("it is not the checkpoint of such a run.");
  }
  if (text_at(content.metadata, "digest") != digest_of_all(content)) {
    throw FileError("it is damaged: what it holds is not what was written.");
  }
}

void check_same(const Metadata& its, const Metadata& ours) {
  for (const auto& [name, value] : ours) {
    const auto found = its.find(name);
    if (found != its.end() && found->second == value) continue;
    throw FileError("it is of another run: {} is {} there, and {} here. Give the options and the data of that run.",
                    {name, found == its.end() ? "nothing" : found->second, value});
  }
}

}  // namespace

std::string digest_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t digest = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) digest = (digest ^ byte) * 0x100000001b3;
  return fmt::format("{:016x}", digest);
}

std::string digest_of(std::string_view text) {
  return digest_of({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Journal::Journal(const Options& options, Metadata decisive)
    : path_(checkpoint_of(options)), decisive_(std::move(decisive)) {
  put(decisive_, "--control", options.control ? "given" : "not given");
  put(decisive_, "--seed", std::to_string(options.seed));
  put(decisive_, "--epochs", text_of(options.epochs));
  put(decisive_, "--accelerated", options.accelerated ? "given" : "not given");
  if (!options.resume) return;
  try {
    take(load_safetensors(path_));
  } catch (const FileError& error) {
    const std::string reason = error.what();
    throw FileError("{}{} A run without --resume begins anew.",
                    {reason.starts_with(path_) ? "" : path_ + ": ", reason});
  }
}

void Journal::take(const SafeTensors& content) {
  check_whole(content);
  check_same(nested_at(content, decisive_prefix).metadata, decisive_);
  for (const auto& [name, nothing] : nested_at(content, finished_prefix).metadata) {
    finished_[name] = nested_at(content, part_prefix(name));
    from_before_.insert(name);
  }
  begun_ = nested_at(content, begun_prefix);
  begins_at_ = count_at(content.metadata, "steps");
}

SafeTensors Journal::part(const std::string& name, std::int64_t steps, const Work& work) {
  if (!finished_.contains(name)) {
    SafeTensors given = work();
    finished_[name] = std::move(given);
    begun_ = {};
    save(steps);
  }
  steps_ += steps;
  if (stop_requested()) throw Stopped();
  return finished_.at(name);
}

void Journal::keep(const SafeTensors& state, std::int64_t step) {
  begun_ = state;
  save(step);
}

SafeTensors Journal::content(std::int64_t step) const {
  SafeTensors all;
  put(all.metadata, "format", format_name);
  put(all.metadata, "steps", text_of(steps_ + step));
  put_nested(all, decisive_prefix, {.tensors = {}, .metadata = decisive_});
  for (const auto& [name, given] : finished_) {
    put(all.metadata, finished_prefix + name, "");
    put_nested(all, part_prefix(name), given);
  }
  put_nested(all, begun_prefix, begun_);
  put(all.metadata, "digest", digest_of_all(all));
  return all;
}

// A disk that is full takes nothing away but the way back: the run goes on, and says so once.
void Journal::save(std::int64_t step) {
  if (path_.empty()) return;
  try {
    save_safetensors(path_, content(step));
  } catch (const FileError& error) {
    if (!is_unsaved_) say_so(error);
    is_unsaved_ = true;
  }
}

}  // namespace rushlight::milestone
