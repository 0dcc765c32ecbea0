// Masks of no size, masks that are kept, and scores as low as they get.
#include "oracle.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_12_1, PaddingOfNoKeysOrNoSequences) {
  EXPECT_EQ(padding_mask(Indices({2}, {0, 0}), 0).shape(), (Shape{2, 1, 1, 0}));
  EXPECT_EQ(padding_mask(Indices(Shape{0}), 3).shape(), (Shape{0, 1, 1, 3}));
  EXPECT_EQ(padding_mask(Indices(Shape{0}), 0).shape(), (Shape{0, 1, 1, 0}));
  EXPECT_THROWS_WITH(padding_mask(Indices({2}, {0, 1}), 0), ValueError, "length 1");
}

TEST(Unit_12_1, AndOfNothingHasTheBroadcastShape) {
  const Shape empty[] = {{0}, {0, 1}, {1, 0}, {0, 3}, {2, 0, 1}}, others[] = {{}, {1}, {1, 1}, {1, 1, 1}, {1, 1, 1, 1}};
  for (const Shape& a : empty) {
    for (const Shape& b : others) {
      const Shape both = broadcast_shapes("and", a, b);
      EXPECT_EQ(mask_and(Mask(a), Mask(b)).shape(), both) << a.str() << b.str();
      EXPECT_EQ(mask_and(Mask(b), Mask(a)).shape(), both) << b.str() << a.str();
    }
  }
  EXPECT_EQ(mask_and(Mask(Shape{0, 1}), mask_of({1, 3}, {1, 0, 1})).shape(), (Shape{0, 3}));
  EXPECT_EQ(mask_and(mask_of({1, 3}, {1, 0, 1}), Mask(Shape{0, 1})).shape(), (Shape{0, 3}));
}

TEST(Unit_12_1, EveryMaskIsItsOwn) {  // whoever changes one changes no other
  const auto spoiled = [](Mask mask) {
    for (std::uint8_t& each : mask.mutable_data()) each = 7;
  };
  spoiled(causal_mask(2, 2));
  spoiled(padding_mask(Indices({1}, {1}), 2));
  EXPECT_TRUE(same(causal_mask(2, 2), {2, 2}, {1, 0, 1, 1}));
  EXPECT_TRUE(same(padding_mask(Indices({1}, {1}), 2), {1, 1, 1, 2}, {1, 0}));
}

TEST(Unit_12_2, OnlyMinusInfinityItselfIsNoScore) {
  const Real least = std::numeric_limits<Real>::lowest(), none = static_cast<Real>(-infinity);
  const Array p =
      masked_softmax(Array({4, 3}, {least, least, 0, least, none, 0, least, least / 2, 0, Real(-1e9), Real(-1e9), 5}),
                     mask_of({3}, {1, 1, 0}))
          .value();
  EXPECT_TRUE(near(p, {4, 3}, {0.5, 0.5, 0, 1, 0, 0, 0, 1, 0, 0.5, 0.5, 0}));
}

TEST(Unit_12_2, TheMaskBroadcastsToTheScoresAndNotTheyToIt) {
  EXPECT_EQ(masked_softmax(zeros({2, 4}), Mask(Shape{1, 1})).shape(), (Shape{2, 4}));
  for (const Shape& larger : {Shape{1, 4}, Shape{2, 4}, Shape{1, 1, 4}}) {
    EXPECT_THROWS_WITH(masked_softmax(zeros({4}), Mask(larger)), ShapeError, larger.str());
  }
  EXPECT_THROWS_WITH(masked_softmax(zeros({2, 1}), Mask(Shape{2, 3})), ShapeError, "(2, 3)", "(2, 1)");
  EXPECT_THROWS_WITH(masked_softmax(zeros({0, 4}), Mask(Shape{2, 4})), ShapeError, "(2, 4)", "(0, 4)");
}

TEST(Unit_12_2, PlusInfinityThatIsSeenIsReported) {
  const Array p = masked_softmax(Array({2, 2}, {static_cast<Real>(infinity), 1, 0, 0}), mask_of({2}, {1, 1})).value();
  EXPECT_TRUE(near(p, {2, 2}, {not_a_number, not_a_number, 0.5, 0.5}));
}

}  // namespace
}  // namespace rushlight::test
