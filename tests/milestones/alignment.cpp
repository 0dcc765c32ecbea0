// The parts of the milestone of 2025: what is compared, what is measured, and what is claimed.
#include <cmath>
#include <set>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "2025_alignment/chart.hpp"
#include "2025_alignment/report.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/grpo.hpp"
#include "support/rush_test.hpp"

namespace rushlight::alignment {
namespace {

using milestone::WindowLoss;
using milestone::Windows;
using milestone::Writer;

GPT small_gpt(std::uint64_t seed, std::int64_t vocabulary = 5, double dropout = 0) {
  Generator random(seed);
  GPT gpt({.vocabulary = vocabulary, .context = 8, .width = 8, .layers = 1, .heads = 2, .dropout = dropout}, random);
  for (Tensor& p : gpt.parameters()) {  // far from uniform
    for (Real& x : p.mutable_value().mutable_data()) x += static_cast<Real>(random.normal());
  }
  return gpt;
}

Windows small_windows(std::int64_t vocabulary = 5) {
  Generator random(3);
  TokenIds ids;
  for (int i = 0; i < 40; ++i) ids.push_back(static_cast<std::int32_t>(random.below(vocabulary)));
  return milestone::windows(ids, {0, 7, 20, 31}, 8);
}

// Of each character, in double, from the logits alone.
std::vector<std::vector<double>> probabilities(GPT& model, const Indices& ids) {
  const NoGrad no_grad;
  const EvaluationMode evaluation(model);
  const Array logits = model(ids).value();
  const std::int64_t width = logits.dim(-1);
  std::vector<std::vector<double>> rows;
  for (std::int64_t row = 0; row < logits.size() / width; ++row) {
    std::vector<double> p;
    double total = 0;
    for (std::int64_t v = 0; v < width; ++v) {
      p.push_back(std::exp(static_cast<double>(logits.data()[static_cast<std::size_t>(row * width + v)])));
      total += p.back();
    }
    for (double& each : p) each /= total;
    rows.push_back(p);
  }
  return rows;
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
  const WindowLoss loss = shuffled_loss(7);
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

TEST(Milestones_20, WordLengthsByHand) {
  EXPECT_EQ(word_length("a bcd, efgh"), 8.0 / 3);
  EXPECT_EQ(word_length("it's"), 1.5) << "a word is a row of letters";
  EXPECT_EQ(word_length(" 12 - "), 0);
}

// Windows of 4 at 0, 4, 8: words of 4, 1 and 2 letters.
TEST(Milestones_20, ThirdsGoByTheLengthOfWords) {
  const CharTokenizer tokenizer = CharTokenizer::train("abc ");
  const TokenIds ids = tokenizer.encode("abcaa b ab c");
  const Style style = thirds(ids, tokenizer, 4, 4);
  EXPECT_EQ(style.short_words, (std::vector<std::int64_t>{4}));
  EXPECT_EQ(style.neutral, (std::vector<std::int64_t>{8}));
  EXPECT_EQ(style.long_words, (std::vector<std::int64_t>{0}));
}

TEST(Milestones_20, MatchedByHand) {
  const std::vector<Real> chosen = {-3, -10, -4.5, -20}, rejected = {-4, -10.5, -30, -3.5};
  const std::vector<Pair> pairs = matched(chosen, rejected, 1);
  ASSERT_EQ(pairs.size(), 2U) << "-3 against -3.5 would be an odd one";
  EXPECT_EQ(pairs[0].chosen, 1);  // -10 against -10.5: the chosen one is likelier
  EXPECT_EQ(pairs[0].rejected, 1);
  EXPECT_EQ(pairs[1].chosen, 2);  // -4.5 against -4: the rejected one is
  EXPECT_EQ(pairs[1].rejected, 0);
}

TEST(Milestones_20, MatchedPairsAreEvenAndNoTextIsUsedTwice) {
  Generator random(4);
  std::vector<Real> chosen, rejected;
  for (int i = 0; i < 500; ++i) {
    chosen.push_back(static_cast<Real>(random.normal() * 10));
    rejected.push_back(static_cast<Real>(random.normal() * 10 - 5));
  }
  const std::vector<Pair> pairs = matched(chosen, rejected, 1);
  EXPECT_GT(pairs.size(), 200U);
  std::set<std::int64_t> lefts, rights;
  int likelier = 0;
  for (const Pair& pair : pairs) {
    const double ahead =
        chosen[static_cast<std::size_t>(pair.chosen)] - rejected[static_cast<std::size_t>(pair.rejected)];
    EXPECT_LE(std::abs(ahead), 1);
    likelier += ahead > 0;
    lefts.insert(pair.chosen);
    rights.insert(pair.rejected);
  }
  EXPECT_EQ(2 * static_cast<std::size_t>(likelier), pairs.size());
  EXPECT_EQ(lefts.size(), pairs.size());
  EXPECT_EQ(rights.size(), pairs.size());
}

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

TEST(Milestones_20, WrongSumsAreAnswersToOtherQuestions) {
  Generator random(5);
  const Indices texts = wrong_sums(2000, random);
  ASSERT_EQ(texts.shape(), (Shape{2000, 6}));
  int right = 0, first[20] = {};
  for (std::size_t i = 0; i < 2000; ++i) {
    const auto text = texts.data().subspan(6 * i, 6);
    EXPECT_EQ(text[1], sums::plus);
    EXPECT_EQ(text[3], sums::equals);
    const std::int32_t answer = 10 * text[4] + text[5];
    ASSERT_TRUE(answer >= 0 && answer <= 18) << answer;
    ++first[answer];
    right += answer == text[0] + text[2];
  }
  EXPECT_LT(right, 240) << "by chance 134 of 2000";
  EXPECT_GT(first[9], 150) << "9 is the commonest sum: 200 of 2000";
}

TEST(Milestones_20, RewardsDealtAnewAreTheSameRewards) {
  Array rewards({64});
  for (std::size_t i = 0; i < 64; ++i) rewards.mutable_data()[i] = static_cast<Real>(i);
  Generator random(3);
  const Array dealt = dealt_anew(rewards, random);
  std::set<Real> seen(dealt.data().begin(), dealt.data().end());
  EXPECT_EQ(seen.size(), 64U);
  int kept = 0;
  for (std::size_t i = 0; i < 64; ++i) kept += dealt.data()[i] == rewards.data()[i];
  EXPECT_LT(kept, 10);
}

// A policy that always writes 0 and then 9: the first digit is right in 55 of 100 questions, the second in 10.
TEST(Milestones_20, TheMeanRewardIsOverAllQuestions) {
  Generator random(1);
  GPT policy({.vocabulary = sums::vocabulary,
              .context = 6,
              .width = 4,
              .layers = 1,
              .heads = 1,
              .tied = false,
              .head_bias = true},
             random);
  for (Tensor& p : policy.parameters()) p.set_value(zeros(p.shape()));
  for (const auto& [name, p] : policy.named_parameters()) {
    Tensor parameter = p;
    if (name == "pos_embed.weight")
      parameter.mutable_value().mutable_data()[4 * 4] = 1;  // place 4, where 9 is to follow
    if (name == "ln_final.weight") parameter.set_value(ones(parameter.shape()));
    if (name == "unembed.weight") {
      parameter.mutable_value().mutable_data()[0] = -100;     // 0 unless it is place 4
      parameter.mutable_value().mutable_data()[9 * 4] = 100;  // 9 there
    }
    if (name == "unembed.bias") parameter.mutable_value().mutable_data()[0] = 50;
  }
  EXPECT_NEAR(mean_reward(policy, random), (0.55 + 0.10) / 2, 1e-6);
}

TEST(Milestones_20, TheControlOfTheRewardDiffersInNothingElse) {
  std::vector<double> seen[2];
  RewardReport reports[2];
  for (const bool shuffled : {false, true}) {
    reports[shuffled] = learn_sums({.steps = 2, .seed = 4, .shuffled = shuffled},
                                   [&](std::int64_t, double reward) { seen[shuffled].push_back(reward); });
  }
  EXPECT_EQ(reports[0].before, reports[1].before);
  ASSERT_EQ(seen[0].size(), 2U);
  EXPECT_EQ(seen[0][0], seen[1][0]) << "what is drawn first, and what it is worth";
  EXPECT_GT(reports[0].before, 0.2) << "digits, though not the right ones";
  EXPECT_LT(reports[0].before, 0.4);
}

TEST(Milestones_20, IntervalsByHand) {
  const Interval interval = interval_of(std::vector<double>{1, 2, 6});  // s² = 7
  EXPECT_DOUBLE_EQ(interval.mean, 3);
  EXPECT_NEAR(interval.high - 3, 4.303 * std::sqrt(7.0 / 3), 1e-9);
  EXPECT_NEAR(3 - interval.low, interval.high - 3, 1e-9);
  EXPECT_THROWS_WITH(interval_of(std::vector<double>{1}), ValueError, "interval_of", "1 numbers");
}

Results good_results() {
  Results results;
  results.teacher_loss = 2;
  results.losses = {{{2.5, 2.6, 2.4}, {2.4, 2.5, 2.3}, {2.45, 2.59, 2.39}, {2.4, 2.61, 2.3}}};
  for (int seed = 0; seed < 3; ++seed) {
    results.preferences.push_back({.train_pairs = 100,
                                   .held_out_pairs = 50,
                                   .accuracy_before = 0.5,
                                   .accuracy_after = 0.9,
                                   .neutral_before = 2,
                                   .neutral_after = 2.04,
                                   .words_before = 4.5,
                                   .words_after = 3.5});
    results.rewards.push_back({.before = 0.3, .after = 0.7});
  }
  return results;
}

std::vector<bool> verdicts(const Results& results) {
  std::vector<bool> found;
  for (const Claim& claim : claims(results)) found.push_back(claim.holds());
  return found;
}

TEST(Milestones_20, EachClaimCanFailOnOneSeedAlone) {
  const std::vector<bool> all(5, true);
  EXPECT_EQ(verdicts(good_results()), all);
  const std::function<void(Results&)> spoilers[] = {
      [](Results& r) { r.of(Arm::jsd)[2] = 2.4; },  // no better than plain, and entropy-aware is worse on one
      [](Results& r) { r.preferences[1].accuracy_before = 0.44; },
      [](Results& r) { r.preferences[2].accuracy_after = 0.79; },
      [](Results& r) { r.preferences[0].neutral_after = 2.11; }, [](Results& r) { r.rewards[1].after = 0.59; }};
  for (std::size_t i = 0; i < 5; ++i) {
    Results results = good_results();
    spoilers[i](results);
    std::vector<bool> expected = all;
    expected[i] = false;
    EXPECT_EQ(verdicts(results), expected) << claims(results)[i].name;
  }
  Results results = good_results();
  results.rewards[1].after = NAN;
  EXPECT_FALSE(claims(results)[4].holds());
}

TEST(Milestones_20, APartThatWasLeftOutClaimsNothing) {
  Results results = good_results();
  for (const Arm arm : {Arm::jsd, Arm::taid, Arm::entropy}) results.of(arm).clear();
  results.rewards.clear();
  EXPECT_EQ(verdicts(results).size(), 3U);
  EXPECT_EQ(table_of(results).find("GRPO"), std::string::npos);
}

TEST(Milestones_20, TheTableHasEveryNumber) {
  const std::string table = table_of(good_results());
  EXPECT_NE(table.find("| | seed 1 | seed 2 | seed 3 | mean | 95 % |"), std::string::npos) << table;
  EXPECT_NE(table.find("| TAID | 2.4500 | 2.5900 | 2.3900 | 2.4767 | ± 0.2550 |"), std::string::npos) << table;
  EXPECT_NE(table.find("| after DPO | 0.9000 | 0.9000 | 0.9000 | 0.9000 | ± 0.0000 |"), std::string::npos) << table;
  EXPECT_NE(table.find("| after GRPO | 0.7000 |"), std::string::npos) << table;
}

// The middle of what stands at the given attribute of the only element of its kind.
double attribute(const std::string& svg, const std::string& after, const std::string& name) {
  const std::size_t from = svg.find(after);
  if (from == std::string::npos) throw Error("no " + after);
  const std::size_t at = svg.find(name + "=\"", from) + name.size() + 2;
  return std::stod(svg.substr(at));
}

TEST(Milestones_20, TheChartPlacesWhatItMeasured) {
  const std::string svg = chart_of({{"a < b", {{"one", {1, 2, 6}}}}}, "title", "what it shows");
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  EXPECT_NE(svg.find("<desc id=\"desc\">what it shows</desc>"), std::string::npos);
  const double one = attribute(svg, "<circle", "cx");
  const std::size_t second = svg.find("<circle", svg.find("<circle") + 1), third = svg.find("<circle", second + 1);
  const double two = attribute(svg.substr(second), "<circle", "cx"),
               six = attribute(svg.substr(third), "<circle", "cx");
  EXPECT_NEAR(six - one, 5 * (two - one), 0.3) << "an even axis";
  const std::size_t mean = svg.find("class=\"mean\"");
  EXPECT_NEAR(attribute(svg.substr(svg.rfind("<line", mean)), "<line", "x1"), one + 2 * (two - one), 0.3);
  const std::size_t interval = svg.find("class=\"interval\"");
  const std::string bar = svg.substr(svg.rfind("<line", interval));
  const double half = 4.303 * std::sqrt(7.0 / 3) * (two - one);
  EXPECT_NEAR(attribute(bar, "<line", "x2") - attribute(bar, "<line", "x1"), 2 * half, 0.5);
}

}  // namespace
}  // namespace rushlight::alignment
