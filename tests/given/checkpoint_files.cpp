// Checkpoints as other programs, other languages' settings and other people's mistakes make them.
#include <clocale>
#include <limits>

#include "07_training/helpers.hpp"
#include "07_training/run_state.hpp"

namespace rushlight::test {
namespace {

Header one_tensor(const std::string& name) {
  return {.entries = {{.name = name, .dtype = DType::u8, .shape = {2}, .begin = 0, .end = 2}}, .metadata = {}};
}

TEST(Given_07, WhatTheFileCannotHoldIsRefusedBeforeItIsWritten) {
  EXPECT_NO_THROW(header_json(one_tensor("größe")));
  EXPECT_THROWS_WITH(header_json(one_tensor("__metadata__")), ValueError, "__metadata__");
  EXPECT_THROWS_WITH(header_json(one_tensor("w\xFF")), ValueError, "UTF-8");
  Header header = one_tensor("w");
  header.metadata = {{"k\xC3", "v"}};
  EXPECT_THROWS_WITH(header_json(header), ValueError, "UTF-8");
  header.metadata = {{"who", "v\xED\xA0\x80"}};  // half of a surrogate pair
  EXPECT_THROWS_WITH(header_json(header), ValueError, "who", "UTF-8");
  header = one_tensor("w");
  header.entries[0].shape = {3};
  EXPECT_THROWS_WITH(header_json(header), ValueError, "'w'", "(3,)", "3 bytes", "2");
}

TEST(Given_07, TheHeaderIsOneDocument) {
  const std::string good = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  EXPECT_EQ(parse_header(good + "   ", "f").entries.size(), 1u);
  for (const std::string& more : {std::string("x"), std::string("{}"), std::string("\0", 1), std::string("\0{}", 3)}) {
    EXPECT_THROWS_WITH(parse_header(good + more, "f"), FileError, "f: ", "not JSON");
  }
  EXPECT_THROWS_WITH(parse_header(R"({"__metadata__":{"k":"1","k":"2"}})", "f"), FileError, "'k'", "twice");
}

TEST(Given_07, NumbersAreReadAlikeUnderACommaLocale) {
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) != nullptr) break;  // a machine without any tests the rest all the same
  }
  for (const double value : {0.1, -2.5e-3, 1e300, 5e-324, 0.0, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(number_at({{"k", text_of(value)}}, "k"), value);
  }
  EXPECT_TRUE(std::isnan(number_at({{"k", "nan"}}, "k")));
  for (const std::string bad : {"0,5", "", " 1", "1 ", "0x10", "1.5.2", "one", "1e999"}) {
    EXPECT_THROWS_WITH(number_at({{"k", bad}}, "k"), FileError, "'k'", "'" + bad + "'");
  }
  std::setlocale(LC_ALL, "C");
}

TEST(Given_07, ACountIsACount) {
  EXPECT_EQ(count_at({{"k", "0"}}, "k"), 0);
  EXPECT_EQ(count_at({{"k", "9007199254740992"}}, "k"), std::int64_t{1} << 53);
  for (const std::string bad : {"-1", "9223372036854775807", "99999999999999999999", "1.0", "", "x"}) {
    EXPECT_THROWS_WITH(count_at({{"k", bad}}, "k"), FileError, "'k'", "'" + bad + "'");
  }
}

TEST(Given_07, ARandomSourceOfZerosIsRefusedWhereItIsRead) {
  EXPECT_THROWS_WITH(generator_at({{"g", "0 0 0 0"}}, "g"), FileError, "'g'", "zeros");
  EXPECT_EQ(generator_at({{"g", "0 0 0 a"}}, "g"), (Generator::State{0, 0, 0, 10}));
}

TEST(Given_07, WhatCountsInABatch) {
  const Array rows({3, 2});
  EXPECT_EQ(counted({rows, Indices({3}, {-100, 0, 4})}), 2);
  EXPECT_EQ(counted({rows, Indices({3}, {-1, 1, -1})}), 3) << "only the losses' own ignore_index does not count";
  EXPECT_EQ(counted({rows, Indices({3, 2}, {-100, 1, 2, 3, -100, -100})}), 3) << "one label a token";
  EXPECT_EQ(counted({rows, Indices()}), 3) << "no labels: the examples";
  EXPECT_EQ(counted({Array({0, 2}), Indices({0})}), 0);
}

}  // namespace
}  // namespace rushlight::test
