// journal.hpp: a run that consists of parts, and what those that are finished gave, in its checkpoint. With --resume the
// finished ones are not done again, and the one under way goes on from the state that it kept last, or from its beginning.
// The milestones of 2018 and 2025 have it, too.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "07_training/trainer.hpp"
#include "common/milestone.hpp"

namespace rushlight::milestone {

// 64 bits that depend on every byte and its place, as 16 hexadecimal digits (FNV-1a: Fowler, Noll and Vo, 1991). They
// notice damage and another text, not somebody who wants to deceive them.
std::string digest_of(std::span<const std::uint8_t> bytes);
std::string digest_of(std::string_view text);

class Journal {
 public:
  // `decisive` is what else decides all that the run computes, beside --control, --seed, --epochs and --accelerated: the
  // milestone's name, options of its own, digests of its data. With --resume reads <out>/checkpoint.safetensors. Throws
  // FileError, with the file as it was, when the file is missing, damaged, or of a run in which something decisive was
  // another.
  Journal(const Options& options, Metadata decisive);

  // What a part of so many steps gives, by its name: from the checkpoint where it is finished there, otherwise from `work`,
  // and then it is finished. Throws Stopped after it if Ctrl-C was pressed.
  using Work = std::function<SafeTensors()>;
  SafeTensors part(const std::string& name, std::int64_t steps, const Work& work);

  // Of the part under way: its state as it was kept last, now or before the run was stopped; empty if never.
  const SafeTensors& begun() const { return begun_; }
  void keep(const SafeTensors& state, std::int64_t step);

  std::int64_t steps() const { return steps_; }           // of all parts that part() has given
  std::int64_t goes_on_at() const { return begins_at_; }  // the step where --resume takes up
  bool is_from_before(const std::string& part) const {
    return from_before_.contains(part);
  }  // not done by this process

 private:
  SafeTensors content(std::int64_t step) const;
  void take(const SafeTensors& content);
  void save(std::int64_t step);

  std::string path_;  // empty: nothing is written
  Metadata decisive_;
  std::map<std::string, SafeTensors> finished_;
  std::set<std::string> from_before_;
  SafeTensors begun_;
  std::int64_t steps_ = 0, begins_at_ = 0;
  bool is_unsaved_ = false;  // and it was said
};

inline void emit_resumed(const Journal& journal, const Options& options) {
  if (options.resume) emit("resumed", {{"step", journal.goes_on_at()}});
}

}  // namespace rushlight::milestone
