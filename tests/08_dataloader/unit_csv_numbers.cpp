// 08.3 the number in a field.
#include <cmath>

#include "08_dataloader/csv.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_08_3, RealsFillTheirField) {
  const std::vector<std::pair<std::string, double>> good{{"0", 0},  {"-2e-3", -0.002}, {"+1.5", 1.5}, {".5", 0.5},
                                                         {"3.", 3}, {"1E4", 1e4},      {"-0", -0.0}};
  for (const auto& [text, expected] : good) {
    Real value = 99;
    EXPECT_TRUE(parse_real(text, value)) << text;
    EXPECT_EQ(value, static_cast<Real>(expected)) << text;
  }
}

TEST(Unit_08_3, ANumberTooCloseToZeroIsZero) {
  const std::string many_zeros(500, '0');
  for (const std::string& text :
       {std::string("1e-400"), std::string("-1e-400"), std::string("+2.5E-9999"), "0." + many_zeros + "1",
        "." + many_zeros + "1e2", std::string("1e-99999999999999999999")}) {
    Real value = 99;
    EXPECT_TRUE(parse_real(text, value)) << text;
    EXPECT_EQ(value, 0) << text;
  }
  for (const std::string& text : {std::string("1e400"), "1" + many_zeros, "1" + many_zeros + "e-2",
                                  std::string("1e99999999999999999999"), std::string("1e-400x"), std::string("1e-")}) {
    Real value = 99;
    EXPECT_FALSE(parse_real(text, value)) << text;
    EXPECT_EQ(value, 99) << text;
  }
  Real value = 0;
  EXPECT_TRUE(parse_real("1e-40", value)) << "a float without its leading one is a number, too";
  EXPECT_NEAR(value, 1e-40, 1e-44);
}

TEST(Unit_08_3, WhatIsNotAFiniteNumberIsRefused) {
  for (const char* text :
       {"", "x", "12abc", "1 2", "1,5", "--1", "+-1", "+", "-", "nan", "inf", "-inf", "1e999", "0x10", "\"1\""}) {
    Real value = 99;
    EXPECT_FALSE(parse_real(text, value)) << text;
    EXPECT_EQ(value, 99) << text << ": the value must stay untouched";
  }
}

TEST(Unit_08_3, WhatARealCannotHoldIsRefusedWhateverADoubleHolds) {
  const std::string most = double_precision ? "1.797693e308" : "3.402823e38";
  const std::string beyond = double_precision ? "1.797694e308" : "3.402824e38";
  for (const std::string sign : {"", "-", "+"}) {
    Real value = 99;
    EXPECT_FALSE(parse_real(sign + beyond, value)) << sign + beyond;
    EXPECT_EQ(value, 99) << "the value must stay untouched";
    EXPECT_TRUE(parse_real(sign + most, value)) << sign + most;
    EXPECT_TRUE(std::isfinite(value)) << sign + most;
  }
}

TEST(Unit_08_3, LabelsEndWhereTheirTypeEnds) {
  for (const std::int32_t most : {INT32_MAX, INT32_MIN}) {
    std::int32_t value = 5;
    EXPECT_TRUE(parse_label(std::to_string(most), value)) << most;
    EXPECT_EQ(value, most);
  }
  for (const char* text : {"2147483648", "-2147483649", "4294967296", "4294967303", "18446744073709551623"}) {
    std::int32_t value = 5;
    EXPECT_FALSE(parse_label(text, value)) << text;
    EXPECT_EQ(value, 5) << text;
  }
}

TEST(Unit_08_3, LabelsAreIntegers) {
  std::int32_t value = 0;
  EXPECT_TRUE(parse_label("7", value));
  EXPECT_EQ(value, 7);
  EXPECT_TRUE(parse_label("-1", value));
  EXPECT_EQ(value, -1);
  for (const char* text : {"", "7.0", "7.5", "seven", "1e3", "99999999999"}) {
    value = 5;
    EXPECT_FALSE(parse_label(text, value)) << text;
    EXPECT_EQ(value, 5) << text;
  }
}

}  // namespace
}  // namespace rushlight::test
