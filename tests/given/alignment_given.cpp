// The given parts of module 20: they work before the student has written anything.
#include "20_alignment/compose.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/sequences.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Given_20, CL03_ToyBatchIsTheSameEveryTime) {
  const ComposeBatch first = make_toy_batch(), second = make_toy_batch(), other = make_toy_batch({.seed = 8});
  const auto values = [](const Indices& ids) {
    return std::vector<std::int32_t>(ids.data().begin(), ids.data().end());
  };
  EXPECT_EQ(values(first.input_ids), values(second.input_ids));
  EXPECT_NE(values(first.input_ids), values(other.input_ids));
  EXPECT_NE(values(first.input_ids), values(first.ctx_teacher_input_ids));
  EXPECT_TRUE(same_bits(first.dpo_chosen_ref_logprobs, second.dpo_chosen_ref_logprobs));
  EXPECT_FALSE(same_bits(first.dpo_chosen_ref_logprobs, first.dpo_rejected_ref_logprobs));
  for (const std::int32_t id : values(first.input_ids)) EXPECT_TRUE(id >= 0 && id < 32);
}

TEST(Given_20, CL03_ToyBatchShapesAndMasks) {
  const ComposeBatch batch = make_toy_batch({.batch = 1, .tokens = 4});
  EXPECT_EQ(batch.input_ids.shape(), (Shape{1, 4}));
  for (const Mask& mask : {batch.response_mask, batch.sdpo_loss_mask}) EXPECT_TRUE(same(mask, {1, 4}, {0, 0, 1, 1}));
  for (const Mask& mask : {batch.dpo_chosen_response_mask, batch.dpo_rejected_response_mask}) {
    EXPECT_TRUE(same(mask, {1, 4}, {1, 1, 1, 1}));
  }
  EXPECT_EQ(batch.dpo_chosen_ref_logprobs.shape(), (Shape{1}));
  EXPECT_EQ(make_toy_batch().input_ids.shape(), (Shape{2, 8}));
  EXPECT_THROWS_WITH(make_toy_batch({.vocabulary = 0}), ValueError, "vocabulary is 0");
}

TEST(Given_20, CL03_ToyBatchLeavesOutWhatIsNotWanted) {
  const ComposeBatch whole = make_toy_batch(), no_sdpo = make_toy_batch({.sdpo = false});
  const ComposeBatch no_dpo = make_toy_batch({.dpo = false});
  EXPECT_FALSE(no_sdpo.ctx_teacher_input_ids.defined() || no_sdpo.sdpo_loss_mask.defined());
  EXPECT_TRUE(no_sdpo.dpo_chosen_input_ids.defined());
  EXPECT_FALSE(no_dpo.dpo_chosen_input_ids.defined() || no_dpo.dpo_rejected_ref_logprobs.defined());
  EXPECT_TRUE(no_dpo.sdpo_loss_mask.defined());
  EXPECT_TRUE(same_bits(no_sdpo.dpo_chosen_ref_logprobs, whole.dpo_chosen_ref_logprobs)) << "the rest stays as it is";
}

TEST(Given_20, SumsAreAskedInGroups) {
  Generator g(1);
  const Indices ids = sums::prompts(3, 2, g);
  ASSERT_EQ(ids.shape(), (Shape{6, 4}));
  for (int text = 0; text < 6; ++text) {
    const auto row = ids.data().subspan(4 * text, 4);
    EXPECT_TRUE(row[0] >= 0 && row[0] < 10 && row[2] >= 0 && row[2] < 10);
    EXPECT_EQ(row[1], sums::plus);
    EXPECT_EQ(row[3], sums::equals);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(row[i], ids.data()[4 * (text - text % 2) + i]) << "twice in a row";
  }
  EXPECT_THROWS_WITH(sums::prompts(0, 2, g), ValueError, "0 questions");
}

TEST(Given_20, SumsAreChecked) {
  const Indices ids({5, 6}, {3, 10, 4, 11, 0,  7,    // 3 + 4 = 07
                             9, 10, 7, 11, 1,  6,    // 9 + 7 = 16
                             9, 10, 7, 11, 1,  7,    // one digit of two
                             9, 10, 7, 11, 6,  1,    // both, in the wrong places
                             0, 10, 0, 11, 11, 0});  // 0 + 0 = "=0"
  EXPECT_TRUE(near(sums::rewards(ids), {5}, {1, 1, 0.5, 0, 0.5}, exactly));
  EXPECT_THROWS_WITH(sums::rewards(Indices(Shape{2, 4})), ShapeError, "sums::rewards", "(2, 4)");
}

TEST(Given_20, ChecksNameFunctionAndArgument) {
  EXPECT_THROWS_WITH(check_logits("f", "x", Shape{2, 3}), ShapeError, "f: x is (2, 3)");
  EXPECT_THROWS_WITH(check_logits("f", "x", Shape{2, 3, 0}), ShapeError, "(B, T, V)");
  EXPECT_THROWS_WITH(check_mask("f", "m", Shape{2, 3}, Mask(Shape{3, 2})), ShapeError, "f: m is (3, 2)", "(2, 3)");
  check_mask("f", "m", Shape{2, 3}, Mask());
  EXPECT_THROWS_WITH(check_same_shape("f", "y", Shape{1}, Shape{2}), ShapeError, "f: y is (1,)", "(2,)");
  EXPECT_THROWS_WITH(check_between("f", "t", 2, 0, 1), ValueError, "f: t is 2", "[0, 1]");
  EXPECT_THROWS_WITH(check_above_zero("f", "b", 0), ValueError, "f: b is 0");
  check_between("f", "t", 1, 0, 1);
}

}  // namespace
}  // namespace rushlight::test
