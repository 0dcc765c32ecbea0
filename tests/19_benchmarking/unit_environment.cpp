// Where it was measured: texts as systems give them, and texts as they should not be.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::describe;
using bench::Environment;

const bench::SystemTexts usual{
    .cpuinfo =
        "processor\t: 0\nvendor_id\t: X\nmodel name\t: Fast Chip: 9000 \nflags\t\t: sse avx2\n\n"
        "processor\t: 1\nvendor_id\t: X\nmodel name\t: Slow Chip\n",
    .loadavg = "0.52 0.58 0.59 1/1024 12345\n",
    .governors = "performance\nperformance\n",
    .compiler = "g++ 12.2.0",
    .flags = "optimised\navx2\n\nfloat\n"};

TEST(Unit_19_9, TheUsualTexts) {
  const Environment found = describe(usual);
  EXPECT_EQ(found.processor, "Fast Chip: 9000")
      << "cut at the first colon, the first of its name, without spaces around";
  EXPECT_EQ(found.processors, 2);
  EXPECT_EQ(found.governor, "performance");
  ASSERT_TRUE(found.load);
  EXPECT_EQ(*found.load, 0.52);
  EXPECT_EQ(found.compiler, "g++ 12.2.0");
  EXPECT_EQ(found.flags, (std::vector<std::string>{"optimised", "avx2", "float"}));
}

TEST(Unit_19_9, WhatIsMissingIsUnknown) {
  const Environment found = describe({});
  EXPECT_EQ(found.processor, "unknown");
  EXPECT_EQ(found.processors, 0);
  EXPECT_EQ(found.governor, "unknown");
  EXPECT_FALSE(found.load);
  EXPECT_TRUE(found.flags.empty());
}

TEST(Unit_19_9, OddTexts) {
  const Environment found = describe({.cpuinfo = "no colon here\nprocessor : 0\nCPU part\t: 0xd0c\nmodel name\t:\n",
                                      .loadavg = "busy",
                                      .governors = "performance\npowersave\n"});
  EXPECT_EQ(found.processor, "unknown") << "some processors do not say their name";
  EXPECT_EQ(found.processors, 1);
  EXPECT_EQ(found.governor, "mixed");
  EXPECT_FALSE(found.load);
}

TEST(Unit_19_9, ALoadIsANumberFromZeroOn) {
  for (const char* text : {"-1 0.58 0.59", "-0.01", "nan 1", "inf", "", "1e999"}) {
    EXPECT_FALSE(describe({.loadavg = text}).load) << text;
  }
  EXPECT_EQ(describe({.loadavg = "0.00 0.01 0.05"}).load, 0.0);
}

TEST(Unit_19_9, OneGovernorAmongOthersIsMixed) {
  EXPECT_EQ(describe({.governors = "performance\npowersave\nperformance\n"}).governor, "mixed");
  EXPECT_EQ(describe({.governors = "powersave\npowersave\npowersave\n"}).governor, "powersave");
}

TEST(Unit_19_9, AFlagIsAWholeLine) {
  const Environment found = describe({.governors = "very slow\n", .flags = "optimised\naddress sanitizer\n"});
  EXPECT_EQ(found.flags, (std::vector<std::string>{"optimised", "address sanitizer"}));
  EXPECT_EQ(found.governor, "very slow");
}

TEST(Unit_19_9, AKeyIsAWholeKey) {
  EXPECT_EQ(describe({.cpuinfo = "processor\t: 0\nprocessor id\t: 7\n"}).processors, 1);
  EXPECT_EQ(describe({.cpuinfo = "processor\t: 4\nprocessor\t: 0\nprocessor\t: 0\n"}).processors, 3)
      << "whatever their numbers are";
}

Environment good() {
  return {.processor = "Fast Chip",
          .processors = 4,
          .governor = "performance",
          .load = 0.5,
          .compiler = "g++",
          .flags = {"optimised", "avx2"}};
}

void expect_doubt(const Environment& environment, const std::string& word) {
  const std::vector<std::string> found = bench::doubts(environment);
  ASSERT_EQ(found.size(), 1u) << "should speak of " << word;
  EXPECT_NE(found[0].find(word), std::string::npos) << "should speak of " << word << ": " << found[0];
}

TEST(Unit_19_9, NothingToDoubt) {
  EXPECT_TRUE(bench::doubts(good()).empty());
  Environment busy = good();
  busy.load = 2;
  EXPECT_TRUE(bench::doubts(busy).empty()) << "half of the processors are free";
  Environment odd = good();
  odd.processors = 3;
  odd.load = 1.5;
  EXPECT_TRUE(bench::doubts(odd).empty()) << "half of three";
  odd.load = 1.51;
  EXPECT_EQ(bench::doubts(odd).size(), 1u);
  Environment clean = good();
  clean.flags.push_back("no sanitizers");
  EXPECT_TRUE(bench::doubts(clean).empty()) << "that does not end in sanitizer";
}

TEST(Unit_19_9, EachDoubtAlone) {
  Environment slow = good(), busy = good(), dark = good(), plain = good(), checked = good(), watched = good();
  slow.governor = "powersave";
  expect_doubt(slow, "powersave");
  busy.load = 2.25;
  expect_doubt(busy, "2.25");
  dark.load.reset();
  expect_doubt(dark, "load");
  plain.flags = {"avx2"};
  expect_doubt(plain, "optimised");
  Environment uncounted = good();
  uncounted.processors = 0;
  expect_doubt(uncounted, "0.5");
  checked.flags.push_back("checks");
  expect_doubt(checked, "checks");
  watched.flags.push_back("address sanitizer");
  expect_doubt(watched, "address sanitizer");
}

TEST(Unit_19_9, DoubtsInOrder) {
  const std::vector<std::string> found =
      bench::doubts({.processors = 2, .load = 7, .flags = {"address sanitizer", "checks"}});
  ASSERT_EQ(found.size(), 5u);
  const std::vector<std::string> words{"unknown", "7", "optimised", "address sanitizer", "checks"};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NE(found[i].find(words[i]), std::string::npos) << found[i];
}

TEST(Unit_19_9, ThisMachine) {
  const Environment found = describe(bench::read_system());
  EXPECT_FALSE(found.compiler.empty());
  EXPECT_FALSE(found.flags.empty());
}

}  // namespace
}  // namespace rushlight::test
