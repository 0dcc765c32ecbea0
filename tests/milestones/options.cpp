// What the programs of the milestones take for a seed: a run must be the one that was asked for, or none.
#include "common/milestone.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Milestones_08, ASeedIsAWholeNumberOf64Bits) {
  for (const char* good : {"0", "1", "42", "4294967296", "18446744073709551615"}) {
    EXPECT_EQ(milestone::whole_number(good), "") << good;
  }
  for (const char* bad : {"-1", "-0", "+1", "010", "0x10", "1.0", "1e3", "", " 1", "1 ", "18446744073709551616", "x"}) {
    EXPECT_NE(milestone::whole_number(bad).find(bad), std::string::npos) << bad;
    EXPECT_NE(milestone::whole_number(bad), "") << bad;
  }
}

}  // namespace
}  // namespace rushlight::test
