// words.cpp: given. A comparison in a sentence that claims no more than was seen.
#include "01_tensor/message.hpp"
#include "19_benchmarking/comparison.hpp"

namespace rushlight::bench {
namespace {

std::string text_of(const Interval& interval) {
  return formatted("{:.3f} ({:.3f} to {:.3f})", {interval.estimate, interval.low, interval.high});
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::a_is_faster:
      return "A is faster";
    case Verdict::b_is_faster:
      return "B is faster";
    case Verdict::not_to_be_trusted:
      return "not to be trusted";
    case Verdict::no_difference_seen:
      break;
  }
  return "no difference seen";
}

std::string in_words(const Comparison& comparison, const std::string& a, const std::string& b) {
  const std::string figures = formatted("{} takes {} of {}'s time, and {} of its own",
                                        {a, text_of(comparison.ratio), b, text_of(comparison.a_to_itself)});
  switch (comparison.verdict) {
    case Verdict::a_is_faster:
      return formatted("{} is faster: {}.", {a, figures});
    case Verdict::b_is_faster:
      return formatted("{} is faster: {}.", {b, figures});
    case Verdict::not_to_be_trusted:
      return formatted("not to be trusted, because {} differs from itself: {}.", {a, figures});
    case Verdict::no_difference_seen:
      break;
  }
  return formatted("no difference seen: {}.", {figures});
}

}  // namespace rushlight::bench
