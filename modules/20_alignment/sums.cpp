// sums.cpp: given. Sums of two digits: easy to ask, and a program knows the answer.
#include "20_alignment/grpo.hpp"

namespace rushlight::sums {

Indices prompts(std::int64_t count, std::int64_t answers, Generator& generator) {
  if (count < 1 || answers < 1) {
    throw ValueError("sums::prompts: {} questions with {} answers each: needs at least one of both.", {count, answers});
  }
  Indices ids(Shape{count * answers, prompt_tokens});
  auto next = ids.mutable_data().begin();
  for (std::int64_t question = 0; question < count; ++question) {
    const auto a = static_cast<std::int32_t>(generator.below(10)), b = static_cast<std::int32_t>(generator.below(10));
    for (std::int64_t answer = 0; answer < answers; ++answer) {
      for (const std::int32_t token : {a, plus, b, equals}) *next++ = token;
    }
  }
  return ids;
}

Array rewards(const Indices& ids) {
  if (ids.shape().rank() != 2 || ids.shape()[1] != prompt_tokens + answer_tokens) {
    throw ShapeError("sums::rewards: the ids are {}: needs (B, {}), a question and its answer.",
                     {ids.shape(), prompt_tokens + answer_tokens});
  }
  Array shares({ids.shape()[0]});
  const auto tokens = ids.data();
  for (std::int64_t text = 0; text < shares.size(); ++text) {
    const auto of = tokens.subspan(static_cast<std::size_t>(text * (prompt_tokens + answer_tokens)));
    const std::int32_t sum = of[0] + of[2];
    shares.mutable_data()[static_cast<std::size_t>(text)] =
        static_cast<Real>(((of[4] == sum / 10) + (of[5] == sum % 10)) * 0.5);
  }
  return shares;
}

}  // namespace rushlight::sums
