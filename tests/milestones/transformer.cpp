// The parts of the milestone of 2017: what it learns from, and the model that it has to beat.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "13_transformers/hooks.hpp"
#include "13_transformers/sampling.hpp"
#include "2017_transformer/corpus.hpp"
#include "2017_transformer/reversal.hpp"
#include "2017_transformer/trigram.hpp"
#include "2017_transformer/writer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::milestone {
namespace {

namespace fs = std::filesystem;

fs::path course_of(const std::string& lesson) {
  const fs::path folder = fs::path(testing::TempDir()) / "course";
  fs::create_directories(folder / "modules" / "01_tensor");
  std::ofstream(folder / "modules" / "01_tensor" / "README.md") << lesson;
  return folder;
}

TEST(Milestones_13, CorpusKeepsProseAndNothingElse) {
  const fs::path folder = course_of(
      "# Title\n\nA rule, $G = x^2$, is local.\n<!-- given: int x;\nint y; -->\n```cpp\nint code;\n```\n| a | table |\n$$ a\n= b $$\nThe end "
      "\xC3\xA9!\n");
  const Corpus corpus = read_lessons(folder.string());
  EXPECT_EQ(corpus.lessons, 1);
  EXPECT_EQ(corpus.train + corpus.validation, " Title\n\nA rule, , is local.\nThe end !\n");
  EXPECT_EQ(corpus.train.size(), (corpus.train.size() + corpus.validation.size()) / 10 * 9);
}

TEST(Milestones_13, CorpusOfNoLessonIsAnError) {
  EXPECT_THROWS_WITH(read_lessons("/nowhere"), FileError, "/nowhere/modules", "no lesson");
}

// Six characters, 010101. After "01" comes 0 in two of three places, after "1" as well; after "10" and after "0" always
// a 1; both make up half of the text. So p depends on λ₂ + λ₃ alone, of which the grid's largest is 0.95.
TEST(Milestones_13, TrigramCountsByHand) {
  const std::vector<std::int32_t> ids = {0, 1, 0, 1, 0, 1};
  const double zero = 0.05 / 2 + 0.95 * 2 / 3, one = 0.05 / 2 + 0.95;
  EXPECT_NEAR(Trigram(ids, 2).best_loss(ids), -(std::log(zero) + std::log(one)) / 2, 1e-12);
}

TEST(Milestones_13, TrigramOfAnEvenCoinKnowsNothing) {
  std::vector<std::int32_t> ids;
  Generator random(3);
  for (int i = 0; i < 20000; ++i) ids.push_back(static_cast<std::int32_t>(random.below(4)));
  EXPECT_NEAR(Trigram(ids, 4).best_loss(ids), std::log(4.0), 0.01);
}

TEST(Milestones_13, TrigramSurvivesWhatItHasNeverSeen) {
  const std::vector<std::int32_t> train = {0, 0, 0, 0};
  const std::vector<std::int32_t> other = {1, 2, 1, 2};
  const double loss = Trigram(train, 3).best_loss(other);
  EXPECT_NEAR(loss, -std::log(0.1 * 0.6 / 3), 1e-9) << "all that is left is λ₀/V, with the largest λ₀ of the grid";
}

TEST(Milestones_13, ReversalAsksForTheSecondHalfOnly) {
  Generator random(1);
  const ReversalBatch batch = Reversal::batch(3, random);
  const std::int64_t L = Reversal::length;
  ASSERT_EQ(batch.inputs.shape(), (Shape{3, 2 * L}));
  ASSERT_EQ(batch.targets.shape(), (Shape{3, 2 * L}));
  for (std::int64_t b = 0; b < 3; ++b) {
    const auto input =
        batch.inputs.data().subspan(static_cast<std::size_t>(2 * L * b), static_cast<std::size_t>(2 * L));
    const auto target =
        batch.targets.data().subspan(static_cast<std::size_t>(2 * L * b), static_cast<std::size_t>(2 * L));
    EXPECT_EQ(input[L], Reversal::separator);
    for (std::int64_t k = 0; k < L; ++k) {
      EXPECT_EQ(target[k], CrossEntropyOptions{}.ignore_index);
      EXPECT_EQ(target[L + k], input[L - 1 - k]) << "digit " << k << " from the end";
      if (k > 0) EXPECT_EQ(input[L + k], target[L + k - 1]) << "a target is the next input";
    }
  }
}

TEST(Milestones_13, ReversalScoreOfAModelThatKnowsNothing) {
  Generator random(5);
  GPT model({.vocabulary = Reversal::vocabulary, .context = Reversal::context, .width = 8, .layers = 1, .heads = 1},
            random);
  const Reversal::Score score = Reversal::score(model, 50, random);
  EXPECT_EQ(score.exact, 0);
  EXPECT_LT(score.digits, 0.3);
}

TEST(Milestones_13, TheBlindfoldMakesEveryPatternUniform) {
  Generator random(2);
  GPT model({.vocabulary = 11, .context = 4, .width = 8, .layers = 2, .heads = 2}, random);
  const std::vector<HookPointHandle> blindfold = make_attention_uniform(model);
  const Indices ids({1, 4}, std::vector<std::int32_t>{1, 2, 3, 4});
  const ActivationCache seen = run_with_cache(model, [&] { return model(ids); }).cache;
  for (const char* name : {"blocks.0.attn.hook_pattern", "blocks.1.attn.hook_pattern"}) {
    const Array& pattern = seen.at(name);
    for (std::int64_t i = 0; i < pattern.size(); ++i) {
      const std::int64_t row = i / 4 % 4, column = i % 4;
      EXPECT_EQ(pattern.data()[i], column <= row ? Real{1} / static_cast<Real>(row + 1) : Real{0}) << name << " " << i;
    }
  }
}

Corpus two_letters() {
  return {.train = std::string(40, 'a') + std::string(40, 'b'), .validation = std::string(80, 'a'), .lessons = 1};
}

TEST(Milestones_13, TheWriterBeginsAsItIsTold) {
  Writer writer(two_letters(), 1);
  const std::string text = writer.write("ab", 5, 1.0);
  EXPECT_EQ(text.substr(0, 2), "ab");
  EXPECT_EQ(text.size(), 7U);
}

TEST(Milestones_13, TheWriterIsTestedOnEveryWindowWithoutDropout) {
  Writer writer(two_letters(), 1);
  const NoGrad no_grad;
  const std::int64_t T = Writer::context;  // 80 characters hold one window and what follows each of its characters
  const Indices window({1, T}, std::vector<std::int32_t>(T, 0));
  writer.model().eval();
  const Array logits = writer.model()(window).value();
  writer.model().train();  // as while it learns
  double expected = 0;
  for (std::int64_t t = 0; t < T; ++t) {
    const double a = logits.data()[2 * t], b = logits.data()[2 * t + 1];
    expected += std::log1p(std::exp(b - a)) / static_cast<double>(T);
  }
  EXPECT_NEAR(writer.validation_loss(), expected, 1e-5);
}

TEST(Milestones_13, AttentionOfAHeadSeesNoFuture) {
  Writer writer(two_letters(), 1);
  const Array pattern = writer.attention("abba", 0, 1);
  ASSERT_EQ(pattern.shape(), (Shape{4, 4}));
  for (int row = 0; row < 4; ++row) {
    double sum = 0;
    for (int column = 0; column < 4; ++column) {
      sum += pattern.data()[4 * row + column];
      if (column > row) EXPECT_EQ(pattern.data()[4 * row + column], 0);
    }
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

}  // namespace
}  // namespace rushlight::milestone
