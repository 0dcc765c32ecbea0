// What the milestone of 2018 claims of its results, its table and its picture.
#include <cmath>
#include <functional>

#include "2018_compression/chart.hpp"
#include "2018_compression/report.hpp"
#include "support/rush_test.hpp"

namespace rushlight::compression {
namespace {

Measured state(const std::string& name, double quality, std::int64_t file_bytes, double rate = 1000) {
  return {.name = name,
          .quality = quality,
          .file_bytes = file_bytes,
          .memory_bytes = 4321,
          .speed = {.median = 0.001, .p99 = 0.002, .rate = rate}};
}

Results good_results() {
  Results results;
  results.cnn = {{state("float", 0.90, 1000), state("half", 0.91, 500), state("tiny", 0.895, 60)}, 2};
  results.gpt = {{state("float", 2.0, 800), state("small", 2.04, 100, 2000), state("smaller", 2.5, 50)}, 1};
  results.speed.ratio = {.low = 1.8, .estimate = 2, .high = 2.2};
  results.speed.a_to_itself = {.low = 0.99, .estimate = 1, .high = 1.01};
  results.widths = {{.width = 64, .float_bytes = 7777, .q8_0 = {1.1, 1.2, 1.3}, .q4_0 = {1.4, 1.5, 1.6}}};
  results.cnn_noise = {{.path = "7", .decibels = {40.5, NAN, 21.04}}};
  results.gpt_noise = {{.path = "blocks.0.attn.q", .decibels = {1.25, 2, 3}}};
  return results;
}

std::vector<bool> verdicts(const Results& results) {
  std::vector<bool> found;
  for (const Claim& claim : claims(results)) found.push_back(claim.holds());
  return found;
}

TEST(Milestones_19, EachClaimOfCompressionCanFailAlone) {
  const std::vector<bool> all(5, true);
  EXPECT_EQ(verdicts(good_results()), all);
  const std::function<void(Results&)> spoilers[] = {
      [](Results& r) { r.cnn.states[2].file_bytes = 67; }, [](Results& r) { r.cnn.states[2].quality = 0.8899; },
      [](Results& r) { r.gpt.states[1].file_bytes = 201; }, [](Results& r) { r.speed.ratio.low = 1.49; },
      [](Results& r) { r.gpt.states[1].quality = 2.061; }};
  for (std::size_t i = 0; i < 5; ++i) {
    Results results = good_results();
    spoilers[i](results);
    std::vector<bool> expected = all;
    expected[i] = false;
    EXPECT_EQ(verdicts(results), expected) << claims(results)[i].name;
  }
}

TEST(Milestones_19, ASpeedThatNobodyCanTrustIsNone) {
  Results results = good_results();
  results.speed.verdict = bench::Verdict::not_to_be_trusted;
  EXPECT_FALSE(claims(results)[3].holds());
}

TEST(Milestones_19, APartOfCompressionThatWasLeftOutClaimsNothing) {
  Results results = good_results();
  results.gpt = {};
  EXPECT_EQ(verdicts(results).size(), 2U);
  EXPECT_EQ(table_of(results).find("GPT"), std::string::npos);
  results = good_results();
  results.cnn = {};
  EXPECT_EQ(verdicts(results).size(), 3U);
  EXPECT_EQ(table_of(results).find("CNN"), std::string::npos);
}

TEST(Milestones_19, TheTableOfCompressionHasEveryNumber) {
  const std::string table = table_of(good_results());
  for (const char* line :
       {"| tiny | 0.8950 | 60 | 16.67 | 4321 | 1 ms | 2 ms | 1000 |",
        "| small | 2.0400 | 100 | 8.00 | 4321 | 1 ms | 2 ms | 2000 |",
        "A text of \"small\" against one of \"float\", in turns: 2.00 (1.80 to 2.20) times faster",
        "the first against itself: 1.00 (0.99 to 1.01)", "| 64 | 7777 | 1.20 (1.10 to 1.30) | 1.50 (1.40 to 1.60) |",
        "| CNN: layer | int8, dB | q8_0, dB | q4_0, dB |", "| 7 | 40.5 | | 21.0 |",
        "| blocks.0.attn.q | 1.2 | 2.0 | 3.0 |"}) {
    EXPECT_NE(table.find(line), std::string::npos) << line << "\n" << table;
  }
}

TEST(Milestones_19, NamesBesideAChartNeitherMeetNorLeaveIt) {
  std::vector<Point> points = {{"good", 1, 2}};
  for (int i = 0; i < 8; ++i) points.push_back({"bad", 2.0 + i, 1});  // all names belong at the bottom
  const std::string svg = chart_of({{.title = "", .less_is_better = false, .points = points}}, "title", "summary");
  const double bottom = std::stod(svg.substr(svg.find("height=\"") + 8));
  double above = 0;
  for (std::size_t at = svg.find("\" text-anchor=\"start\""); at != std::string::npos;
       at = svg.find("\" text-anchor=\"start\"", at + 1)) {
    const double y = std::stod(svg.substr(svg.rfind("y=\"", at) + 3));
    EXPECT_GE(y, above + 16);
    EXPECT_LE(y, bottom - 40) << "the next panel begins there";
    above = y;
  }
  EXPECT_GT(above, 0);
}

TEST(Milestones_19, TheFrontIsWhatNothingBeats) {
  const std::vector<Point> points = {{"a", 1, 5}, {"b", 2, 7}, {"c", 3, 6}, {"d", 2, 4}, {"e", 2, 7}, {"f", 9, 9}};
  EXPECT_EQ(on_front({.title = "", .less_is_better = false, .points = points}),
            (std::vector<bool>{true, true, false, false, true, true}));
  EXPECT_EQ(on_front({.title = "", .less_is_better = true, .points = points}),
            (std::vector<bool>{true, false, false, true, false, false}));
}

TEST(Milestones_19, ThePictureNamesEveryStateAndEscapes) {
  Results results = good_results();
  results.gpt.states[1].name = "a < b";
  const std::string svg = svg_of(results);
  for (const char* part : {"<svg ", "tiny", "a &lt; b", "microseconds", "prefers-color-scheme: dark", "</svg>"}) {
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(svg.find("a < b"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace rushlight::compression
