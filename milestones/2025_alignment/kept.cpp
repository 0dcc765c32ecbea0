#include "2025_alignment/kept.hpp"

#include <string>
#include <utility>

namespace rushlight::alignment {
namespace {

template <class Report>
using Numbers = std::pair<const char*, double Report::*>;

constexpr Numbers<PreferenceReport> of_preference[] = {{"unmatched_before", &PreferenceReport::unmatched_before},
                                                       {"accuracy_before", &PreferenceReport::accuracy_before},
                                                       {"accuracy_after", &PreferenceReport::accuracy_after},
                                                       {"neutral_before", &PreferenceReport::neutral_before},
                                                       {"neutral_after", &PreferenceReport::neutral_after},
                                                       {"words_before", &PreferenceReport::words_before},
                                                       {"words_after", &PreferenceReport::words_after}};
constexpr Numbers<RewardReport> of_reward[] = {{"before", &RewardReport::before}, {"after", &RewardReport::after}};

}  // namespace

Metadata kept(const PreferenceReport& report) {
  Metadata all{{"train_pairs", text_of(report.train_pairs)}, {"held_out_pairs", text_of(report.held_out_pairs)}};
  for (const auto& [name, number] : of_preference) put(all, name, text_of(report.*number));
  return all;
}

Metadata kept(const RewardReport& report) {
  Metadata all;
  for (const auto& [name, number] : of_reward) put(all, name, text_of(report.*number));
  return all;
}

PreferenceReport preference_at(const Metadata& kept) {
  PreferenceReport report{.train_pairs = count_at(kept, "train_pairs"),
                          .held_out_pairs = count_at(kept, "held_out_pairs")};
  for (const auto& [name, number] : of_preference) report.*number = number_at(kept, name);
  return report;
}

RewardReport reward_at(const Metadata& kept) {
  RewardReport report;
  for (const auto& [name, number] : of_reward) report.*number = number_at(kept, name);
  return report;
}

}  // namespace rushlight::alignment
