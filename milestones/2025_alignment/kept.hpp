// kept.hpp: what parts of a run have measured as entries of its checkpoint, and back, to the last bit.
#pragma once

#include "07_training/trainer.hpp"
#include "2025_alignment/preference.hpp"
#include "2025_alignment/reward.hpp"

namespace rushlight::alignment {

Metadata kept(const PreferenceReport& report);
Metadata kept(const RewardReport& report);

PreferenceReport preference_at(const Metadata& kept);  // throws FileError when a number is missing
RewardReport reward_at(const Metadata& kept);          // likewise

}  // namespace rushlight::alignment
