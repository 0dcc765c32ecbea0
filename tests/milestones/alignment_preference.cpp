// Part two of the milestone of 2025: what pairs are worth to a model, before and after it has learnt from them.
#include <algorithm>
#include <cmath>

#include "2025_alignment/preference.hpp"
#include "alignment.hpp"

namespace rushlight::alignment {
namespace {

using milestone::Writer;

TEST(Milestones_20, LogProbabilitiesAddUpOverTheTokens) {
  GPT model = small_gpt(2, 5, 0.5);
  model.train();
  Generator random(9);
  Indices texts(Shape{70, 6});  // more than go into one forward pass
  for (std::int32_t& id : texts.mutable_data()) id = static_cast<std::int32_t>(random.below(5));
  const auto p = probabilities(model, texts);
  const Array found = log_probabilities(model, texts);
  ASSERT_EQ(found.shape(), (Shape{70}));
  double all = 0;
  for (std::size_t n = 0; n < 70; ++n) {
    double expected = 0;
    for (std::size_t t = 1; t < 6; ++t)
      expected += std::log(p[6 * n + t - 1][static_cast<std::size_t>(texts.data()[6 * n + t])]);
    EXPECT_NEAR(found.data()[n], expected, 1e-4) << "text " << n;
    all -= expected;
  }
  EXPECT_NEAR(loss_on(model, texts), all / (70 * 5), 1e-5);
  EXPECT_TRUE(model.training()) << "a look at the model changes its mode";
}

StylePairs numbered_pairs(std::int64_t count) {
  StylePairs pairs{Indices(Shape{count, 2}), Indices(Shape{count, 2}), Array({count}), Array({count})};
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t t = 0; t < 2; ++t) {
      pairs.chosen.mutable_data()[2 * i + t] = static_cast<std::int32_t>(4 * i + t);
      pairs.rejected.mutable_data()[2 * i + t] = static_cast<std::int32_t>(4 * i + 2 + t);
    }
    pairs.chosen_reference.mutable_data()[i] = static_cast<Real>(4 * i);
    pairs.rejected_reference.mutable_data()[i] = static_cast<Real>(4 * i + 2);
  }
  return pairs;
}

TEST(Milestones_20, ACoinSwapsTextsTogetherWithTheirReference) {
  Generator random(1);
  const StylePairs swapped = swapped_at_random(numbered_pairs(200), random);
  int count = 0;
  for (std::int32_t i = 0; i < 200; ++i) {
    const std::int32_t first = swapped.chosen.data()[2 * i], second = swapped.rejected.data()[2 * i];
    EXPECT_EQ(std::minmax(first, second), std::minmax(4 * i, 4 * i + 2)) << "pair " << i;
    EXPECT_EQ(swapped.chosen.data()[2 * i + 1], first + 1);
    EXPECT_EQ(swapped.rejected.data()[2 * i + 1], second + 1);
    EXPECT_EQ(swapped.chosen_reference.data()[i], static_cast<Real>(first));
    EXPECT_EQ(swapped.rejected_reference.data()[i], static_cast<Real>(second));
    count += first != 4 * i;
  }
  EXPECT_GT(count, 70);
  EXPECT_LT(count, 130);
}

TEST(Milestones_20, PreferenceAccuracyByHand) {
  GPT model = small_gpt(6);
  StylePairs pairs{Indices({3, 2}, TokenIds{0, 1, 2, 3, 1, 1}), Indices({3, 2}, TokenIds{0, 2, 2, 0, 1, 1}), {}, {}};
  const auto p = probabilities(model, Indices({1, 2}, TokenIds{0, 1})),
             q = probabilities(model, Indices({1, 2}, TokenIds{2, 3}));
  const double right = (p[0][1] > p[0][2]) + (q[0][3] > q[0][0]);  // the third pair is a tie, and counts as wrong
  EXPECT_NEAR(preference_accuracy(model, pairs), right / 3, 1e-12);
  std::swap(pairs.chosen, pairs.rejected);
  EXPECT_NEAR(preference_accuracy(model, pairs), (2 - right) / 3, 1e-12);
}

milestone::Corpus words() {
  std::string text = "The ";  // what the model's own writing begins with
  Generator random(8);
  while (text.size() < 2000) {
    for (std::int64_t length = 1 + random.below(9); length > 0; --length) text += "abcdefgh"[random.below(8)];
    text += ' ';
  }
  return {.train = text, .validation = text.substr(0, 1500), .lessons = 1};
}

TEST(Milestones_20, PreferencesAreMeasuredBeforeAndAfter) {
  std::vector<std::int64_t> steps;
  const auto run = [&](bool swapped) {
    Writer writer(words(), 1, {.width = 8, .layers = 1, .heads = 2, .dropout = 0});
    return learn_preference(writer, {.steps = 3, .seed = 2, .swapped = swapped},
                            [&](std::int64_t step, double) { steps.push_back(step); });
  };
  const PreferenceReport report = run(false), again = run(false), control = run(true);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{1, 2, 3, 1, 2, 3, 1, 2, 3}));
  EXPECT_GT(report.train_pairs, 4);
  EXPECT_EQ(report.accuracy_before, 0.5);
  EXPECT_EQ(report.accuracy_after, again.accuracy_after);
  EXPECT_EQ(report.neutral_after, again.neutral_after);
  EXPECT_EQ(report.neutral_before, control.neutral_before);
  EXPECT_NE(report.neutral_after, control.neutral_after);
  EXPECT_NE(report.neutral_after, report.neutral_before);
}

TEST(Milestones_20, TooLittleTextHoldsNoPairs) {
  const milestone::Corpus corpus{.train = std::string(200, 'a'), .validation = std::string(70, 'a'), .lessons = 1};
  Writer writer(corpus, 1, {.width = 8, .layers = 1, .heads = 2, .dropout = 0});
  EXPECT_THROWS_WITH(learn_preference(writer, {.steps = 1}, [](std::int64_t, double) {}), ValueError, "70 characters");
}

}  // namespace
}  // namespace rushlight::alignment
