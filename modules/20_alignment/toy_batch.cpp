// toy_batch.cpp: given. A batch for trying things out, the same on every machine.
#include "01_tensor/random.hpp"
#include "20_alignment/compose.hpp"

namespace rushlight {
namespace {

Indices random_ids(const ToyBatchOptions& options, Generator& generator) {
  Indices ids(Shape{options.batch, options.tokens});
  for (std::int32_t& id : ids.mutable_data()) id = static_cast<std::int32_t>(generator.below(options.vocabulary));
  return ids;
}

// True from token `from` on, in every text.
Mask mask_from(const ToyBatchOptions& options, std::int64_t from) {
  Mask mask(Shape{options.batch, options.tokens});
  const auto values = mask.mutable_data();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i) % options.tokens >= from;
  return mask;
}

}  // namespace

ComposeBatch make_toy_batch(const ToyBatchOptions& options) {
  if (options.vocabulary < 1 || options.batch < 1 || options.tokens < 1) {
    throw ValueError("make_toy_batch: vocabulary is {}, batch {} and tokens {}, but each must be at least 1.",
                     {options.vocabulary, options.batch, options.tokens});
  }
  Generator generator(options.seed);
  const Mask second_half = mask_from(options, options.tokens / 2), everywhere = mask_from(options, 0);
  // Everything is drawn in any case: what is left out must not change the rest.
  const Indices ids = random_ids(options, generator), teacher = random_ids(options, generator);
  const Indices chosen = random_ids(options, generator), rejected = random_ids(options, generator);
  const Array chosen_reference = randn({options.batch}, generator),
              rejected_reference = randn({options.batch}, generator);
  ComposeBatch batch{.input_ids = ids, .response_mask = second_half};
  if (options.sdpo) {
    batch.ctx_teacher_input_ids = teacher;
    batch.sdpo_loss_mask = second_half;
  }
  if (options.dpo) {
    batch.dpo_chosen_input_ids = chosen, batch.dpo_rejected_input_ids = rejected;
    batch.dpo_chosen_response_mask = everywhere, batch.dpo_rejected_response_mask = everywhere;
    batch.dpo_chosen_ref_logprobs = chosen_reference, batch.dpo_rejected_ref_logprobs = rejected_reference;
  }
  return batch;
}

}  // namespace rushlight
