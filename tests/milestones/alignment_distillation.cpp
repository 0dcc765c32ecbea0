// Part one of the milestone of 2025: what each student hears, and that nothing else differs.
#include <algorithm>
#include <cmath>
#include <functional>

#include "2025_alignment/distillation.hpp"
#include "alignment.hpp"

namespace rushlight::alignment {
namespace {

using milestone::WindowLoss;
using milestone::Windows;
using milestone::Writer;

Windows small_windows(std::int64_t vocabulary = 5) {
  Generator random(3);
  TokenIds ids;
  for (int i = 0; i < 40; ++i) ids.push_back(static_cast<std::int32_t>(random.below(vocabulary)));
  return milestone::windows(ids, {0, 7, 20, 31}, 8);
}

double kl(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t v = 0; v < p.size(); ++v) sum += p[v] * (std::log(p[v]) - std::log(q[v]));
  return sum;
}

// A student, a teacher that would drop half of everything in training, and the mean over all characters of what `row`
// makes of the student's and the teacher's probabilities there.
struct Lesson {
  GPT student = small_gpt(1), teacher = small_gpt(2, 5, 0.5);
  Windows windows = small_windows();

  double expected(const std::function<double(const std::vector<double>&, const std::vector<double>&, int)>& row) {
    const auto s = probabilities(student, windows.inputs), p = probabilities(teacher, windows.inputs);
    double sum = 0;
    for (std::size_t i = 0; i < s.size(); ++i) sum += row(s[i], p[i], windows.targets.data()[i]);
    return sum / static_cast<double>(s.size());
  }
  double found(Arm arm) { return loss_of(arm, teacher, 10)(student, windows).item(); }
};

TEST(Milestones_20, WindowsAreFollowedByWhatFollows) {
  const TokenIds ids = {5, 6, 7, 8, 9};
  const Windows windows = milestone::windows(ids, {0, 2}, 2);
  EXPECT_EQ(TokenIds(windows.inputs.data().begin(), windows.inputs.data().end()), (TokenIds{5, 6, 7, 8}));
  EXPECT_EQ(TokenIds(windows.targets.data().begin(), windows.targets.data().end()), (TokenIds{6, 7, 8, 9}));
}

TEST(Milestones_20, ThePlainStudentHearsOfTheNextCharacterAlone) {
  Lesson lesson;
  const double expected = lesson.expected(
      [](const auto& s, const auto&, int target) { return -std::log(s[static_cast<std::size_t>(target)]); });
  EXPECT_NEAR(lesson.found(Arm::plain), expected, 1e-5);
}

TEST(Milestones_20, JsdIsHalfwayBetweenTheTwo) {
  Lesson lesson;
  const double expected = lesson.expected([](const auto& s, const auto& p, int) {
    std::vector<double> m;
    for (std::size_t v = 0; v < s.size(); ++v) m.push_back((s[v] + p[v]) / 2);
    return (kl(p, m) + kl(s, m)) / 2;
  });
  EXPECT_NEAR(lesson.found(Arm::jsd), expected, 1e-5);
}

TEST(Milestones_20, TheEntropyAwareStudentFollowsAnUnsureTeacherEverywhere) {
  Lesson lesson;
  const double expected = lesson.expected([](const auto& s, const auto& p, int) {
    double entropy = 0;
    for (const double each : p) entropy -= each * std::log(each);
    const double w = std::min(entropy, 1.0);
    return w * kl(p, s) + (1 - w) * kl(s, p);
  });
  EXPECT_NEAR(lesson.found(Arm::entropy), expected, 1e-5);
}

// At t the target is softmax((1-t)·student + t·teacher): of probabilities, their weighted geometric mean.
double taid_by_hand(Lesson& lesson, double t) {
  return lesson.expected([t](const auto& s, const auto& p, int) {
    double total = 0, sum = 0;
    for (std::size_t v = 0; v < s.size(); ++v) {
      const double each = std::pow(s[v], 1 - t) * std::pow(p[v], t);
      total += each;
      sum -= each * std::log(s[v]);
    }
    return sum / total;
  });
}

TEST(Milestones_20, TaidsTargetWalksToTheTeacher) {
  Lesson lesson;
  const WindowLoss loss = loss_of(Arm::taid, lesson.teacher, 4);
  EXPECT_NEAR(loss(lesson.student, lesson.windows).item(), taid_by_hand(lesson, 0.4), 1e-5);
  for (int step = 2; step <= 4; ++step) loss(lesson.student, lesson.windows);
  EXPECT_NEAR(loss(lesson.student, lesson.windows).item(), taid_by_hand(lesson, 1), 1e-5) << "after all its steps";
}

TEST(Milestones_20, EachStudentWalksWithItsOwnTeacher) {
  Lesson lesson;
  const double first = lesson.found(Arm::taid);
  EXPECT_EQ(lesson.found(Arm::taid), first) << "a second training begins where the first one began";
}

TEST(Milestones_20, NoGradientReachesTheTeacherAndItsModeStays) {
  for (const Arm arm : arms) {
    Lesson lesson;
    lesson.teacher.train();
    loss_of(arm, lesson.teacher, 10)(lesson.student, lesson.windows).backward();
    for (const Tensor& parameter : lesson.teacher.parameters())
      EXPECT_FALSE(parameter.grad().defined()) << name_of(arm);
    for (const auto& [name, parameter] : lesson.student.named_parameters()) {
      EXPECT_TRUE(parameter.grad().defined()) << name_of(arm) << ": " << name;
    }
    EXPECT_TRUE(lesson.teacher.training());
  }
}

TEST(Milestones_20, ShuffledCharactersAreTheSameInAnotherOrder) {
  GPT model = small_gpt(1);
  Windows windows = small_windows();
  const double plain = milestone::next_character_loss(model, windows).item();
  Generator random(7);
  const WindowLoss loss = shuffled_loss(random);
  const double first = loss(model, windows).item(), second = loss(model, windows).item();
  EXPECT_GT(std::abs(first - plain), 1e-3);
  EXPECT_GT(std::abs(first - second), 1e-3) << "dealt out once and for all";
  for (std::int32_t& target : windows.targets.mutable_data()) target = 2;
  EXPECT_NEAR(loss(model, windows).item(), milestone::next_character_loss(model, windows).item(), 1e-6);
}

// What makes the arms comparable.
TEST(Milestones_20, StudentsOfOneSeedBeginAlikeAndReadAlike) {
  const milestone::Corpus corpus{
      .train = "abcabbcacbbcabcbacbacbbbcabcabcabacbacbaccabacbacbaccabacbabcabcabcabcbabcabcaab",
      .validation = "abc",
      .lessons = 1};
  std::vector<TokenIds> read[2];
  StateDict start[2];
  for (int i = 0; i < 2; ++i) {
    Writer writer(corpus, 3, {.width = 8, .layers = 1, .heads = 2, .dropout = 0});
    start[i] = writer.model().state_dict();
    writer.train(1, {.on_step = [](std::int64_t, double) {}, .on_round = [](std::int64_t, double, double) {}},
                 [&](GPT& model, const Windows& windows) {
                   read[i].emplace_back(windows.inputs.data().begin(), windows.inputs.data().end());
                   const Tensor loss = milestone::next_character_loss(model, windows);
                   return i == 0 ? loss : loss * Tensor(Real{3});
                 });
  }
  EXPECT_EQ(read[0], read[1]);
  EXPECT_EQ(read[0].size(), 100U);
  for (const auto& [name, array] : start[0]) EXPECT_TRUE(test::same_bits(array, start[1].at(name))) << name;
}

}  // namespace
}  // namespace rushlight::alignment
