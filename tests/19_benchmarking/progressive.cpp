// The module as a whole: measurements on real work, and the reports that are made of them.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "13_transformers/transformer.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using nlohmann::json;

// --- gradients of a GPT ------------------------------------------------------------------------------------------------

struct Gpt {
  Gpt() : random(3), gpt({.vocabulary = 11, .context = 6, .width = 8, .layers = 1, .heads = 2}, random) {
    for (std::int32_t& id : ids.mutable_data()) id = static_cast<std::int32_t>(random.below(11));
  }

  void backward() {
    gpt.zero_grad();
    cross_entropy(gpt(ids), ids).backward();
  }

  Generator random;
  GPT gpt;
  Indices ids = Indices(Shape{2, 6});
};

TEST(Progressive_19_1, AGptUnderTheStopwatch) {
  Gpt plain, measured;
  plain.backward();
  bench::measure([&] { measured.backward(); }, {.samples = 2, .calls = 2});
  const auto expected = plain.gpt.named_parameters();
  const auto found = measured.gpt.named_parameters();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(same_bits(found[i].second.grad(), expected[i].second.grad())) << found[i].first;
  }
}

// --- summaries ---------------------------------------------------------------------------------------------------------

bench::Samples samples_of(const Doubles& seconds) { return {.seconds = seconds, .calls = 1}; }

TEST(Progressive_19_5, ASummaryLeavesWarmUpOutAndNothingElse) {
  Doubles seconds = noisy(40, 1, 0.02);
  seconds[0] = seconds[1] = 5;
  seconds[25] = 3;
  const bench::Summary found = bench::summarise("step", samples_of(seconds));
  EXPECT_EQ(found.warm_up.samples, 2);
  EXPECT_EQ(found.samples, 38);
  EXPECT_EQ(found.outliers.high_severe, 1) << "counted, and still among the samples";
  EXPECT_FALSE(found.drift.seen);
  const Doubles steady(seconds.begin() + 2, seconds.end());
  EXPECT_NEAR(found.seconds.estimate, plain_median(steady), 1e-12);
  EXPECT_TRUE(found.seconds.low < found.seconds.estimate && found.seconds.high > found.seconds.estimate);
}

TEST(Progressive_19_5, ASummarySeesDrift) {
  Doubles seconds = noisy(40, 1, 0.01);
  for (std::size_t i = 0; i < seconds.size(); ++i) seconds[i] *= 1 + 0.002 * static_cast<double>(i);
  const bench::Summary found = bench::summarise("step", samples_of(seconds));
  EXPECT_TRUE(found.drift.seen);
  EXPECT_NEAR(found.drift.change, 0.078, 0.02);
  EXPECT_THROWS_WITH(bench::summarise("step", samples_of(Doubles(15, 1.0))), ValueError, "summarise", "15 samples");
}

// --- reports -----------------------------------------------------------------------------------------------------------

bench::Report report() {
  SimulatedClock clock;
  bench::Report found{.title = "a < b & c"};
  found.environment = bench::describe({.cpuinfo = "processor : 0\nmodel name : Chip\n", .compiler = "g++ 12"});
  found.summaries.push_back(bench::summarise("one|two", samples_of(noisy(20, 1))));
  found.comparisons.push_back(
      {"new", "old",
       bench::compare(taking(clock, 2), taking(clock, 1), {.rounds = 12, .bootstrap = {.resamples = 50}}, clock)});
  found.tails.push_back({"answers", 40, bench::percentiles(noisy(40, 2), {0.5, 0.99})});
  return found;
}

TEST(Progressive_19_9, JsonForPrograms) {
  const json found = json::parse(bench::to_json(report()));
  EXPECT_EQ(found.at("title"), "a < b & c");
  EXPECT_EQ(found.at("environment").at("processor"), "Chip");
  EXPECT_TRUE(found.at("environment").at("load").is_null()) << "unknown";
  EXPECT_EQ(found.at("doubts").size(), 3u);
  const json& summary = found.at("summaries").at(0);
  EXPECT_EQ(summary.at("samples").get<int>() + summary.at("warm_up").get<int>(), 20);
  EXPECT_LT(summary.at("seconds").at("low").get<double>(), summary.at("seconds").at("high").get<double>());
  const json& comparison = found.at("comparisons").at(0);
  EXPECT_EQ(comparison.at("verdict"), "B is faster");
  EXPECT_NEAR(comparison.at("ratio").at("estimate").get<double>(), 2, 1e-9);
  EXPECT_NEAR(comparison.at("a_to_itself").at("estimate").get<double>(), 1, 1e-9);
  const json& rows = found.at("tails").at(0).at("percentiles");
  EXPECT_TRUE(rows.at(0).at("between").is_object());
  EXPECT_TRUE(rows.at(1).at("between").is_null()) << "40 samples are too few";
  EXPECT_EQ(rows.at(1).at("samples_needed"), 368);
}

void expect_in(const std::string& text, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces) EXPECT_NE(text.find(piece), std::string::npos) << piece << " in\n" << text;
}

TEST(Progressive_19_9, MarkdownForAPage) {
  const std::string found = bench::to_markdown(report());
  expect_in(found,
            {"# a < b & c\n", "Chip", "governor unknown", "load unknown", "| one\\|two |", "| new / old | 2.000 |",
             "| B is faster |", "| answers | p50 |", "p99", "40 samples, and it takes 368"});
  const std::vector<std::string> doubts = bench::doubts(report().environment);
  EXPECT_EQ(doubts.size(), 3u);
  for (const std::string& doubt : doubts) expect_in(found, {"\n- " + doubt + "\n"});
}

TEST(Progressive_19_9, APictureForTheEye) {
  const std::string found = bench::to_svg(report());
  expect_in(found, {"<svg xmlns", "currentColor", "<title>a &lt; b &amp; c</title>", "one|two", "new / old", "A / A"});
  EXPECT_EQ(found.find("nan"), std::string::npos);
  EXPECT_EQ(std::count(found.begin(), found.end(), '<'), std::count(found.begin(), found.end(), '>'));
  expect_in(bench::to_svg({.title = "nothing"}), {"<svg", "</svg>"});
}

}  // namespace
}  // namespace rushlight::test
