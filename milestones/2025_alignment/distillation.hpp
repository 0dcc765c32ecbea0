// distillation.hpp: part one. Students a quarter of their teacher's size read the same windows in the same order from
// the same start. All that differs is what they are told about each character.
#pragma once

#include <cstdint>
#include <string>

#include "2017_transformer/writer.hpp"

namespace rushlight::alignment {

// Half as wide, so a quarter of the numbers in the blocks.
inline constexpr milestone::WriterOptions teacher_options{
    .width = 96, .layers = 2, .heads = 4, .dropout = 0.1, .lr = 4e-3};
inline constexpr milestone::WriterOptions student_options{
    .width = 48, .layers = 2, .heads = 4, .dropout = 0, .lr = 4e-3};

enum class Arm : std::uint8_t { plain, jsd, taid, entropy };
inline constexpr Arm arms[] = {Arm::plain, Arm::jsd, Arm::taid, Arm::entropy};
std::string name_of(Arm arm);

// What a student of that arm makes small, the mean over all characters; the teacher is a constant, in evaluation.
//   plain    cross-entropy with the character that follows; it never asks the teacher
//   jsd      generalized_jsd_loss with β = 1/2
//   taid     taid_loss, with t from a TAIDScheduler over `steps` steps: a loss is good for one training
//   entropy  entropy_aware_opd_loss, the blend, with only the forward KL left where the teacher's entropy is 1 nat
milestone::WindowLoss loss_of(Arm arm, GPT& teacher, std::int64_t steps);

// Cross-entropy with the batch's characters dealt out anew, each time it is called: what a control's teacher learns from.
// How often each character occurs stays, and what it follows is lost. `random`, which deals, must live as long.
milestone::WindowLoss shuffled_loss(Generator& random);

}  // namespace rushlight::alignment
