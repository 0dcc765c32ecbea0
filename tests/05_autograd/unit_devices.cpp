// The engine on a device that is not the CPU: what it makes itself has to lie there.
#include "graphs.hpp"
#include "support/counting_device.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_05_2, TheSeedOfOneLiesWhereTheRootLies) {
  const CountingDevice there;
  const Tensor x = leaf(Array({1}, {3}).to(CountingDevice::device));
  (x * x).backward();  // not of rank 0: numbers go anywhere
  EXPECT_TRUE(near(x.grad().cpu(), {1}, {6}));
}

}  // namespace
}  // namespace rushlight::test
