// The given parts of module 07: they work before the student has written anything.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

// What the reporter prints into a file for an epoch of 20 steps.
std::string printed(bool terminal) {
  const TemporaryFolder folder;
  const std::string path = folder / "out.txt";
  std::FILE* out = std::fopen(path.c_str(), "wb");
  ConsoleReporter console = terminal ? ConsoleReporter(out, true) : ConsoleReporter(out);  // a file is no terminal
  for (std::int64_t step = 1; step <= 20; ++step) {
    console.step(
        {.epoch = 0, .epochs = 3, .step = step, .epoch_step = step, .epoch_steps = 20, .loss = 0.5, .lr = 0.1});
  }
  console.epoch({.epoch = 0, .epochs = 3, .step = 20, .train_loss = 0.25, .test = Evaluation{0.5, 0.875, 8}});
  std::fclose(out);
  return text_of_file(path);
}

TEST(Given_07, PlainLinesInAPipeABarOnATerminal) {
  const std::string plain = printed(false);
  EXPECT_EQ(std::count(plain.begin(), plain.end(), '\n'), 11) << plain;
  EXPECT_EQ(plain.find('\r'), std::string::npos);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(plain.find("epoch 1/3  step 20/20  loss 0.5000"), std::string::npos) << plain;
  EXPECT_NE(plain.find("accuracy 87.50 %"), std::string::npos) << plain;
  const std::string bar = printed(true);
  EXPECT_EQ(std::count(bar.begin(), bar.end(), '\n'), 1) << "only the epoch's line stays";
  EXPECT_NE(bar.find("\r[##############################]"), std::string::npos) << bar;
  EXPECT_LT(std::count(bar.begin(), bar.end(), '['), 15) << "not at every step";
}

TEST(Given_07, ArraysOfTheOtherPrecision) {
  StoredTensor f64{.dtype = DType::f64, .shape = {2}, .bytes = std::vector<std::uint8_t>(16)};
  const double values[] = {0.5, -3};
  std::memcpy(f64.bytes.data(), values, 16);
  EXPECT_TRUE(near(load_array(f64), {2}, {0.5, -3}, exactly));
  StoredTensor f32{.dtype = DType::f32, .shape = {}, .bytes = {0, 0, 0x20, 0x40}};
  EXPECT_TRUE(near(load_array(f32), Shape(), {2.5}, exactly));
  EXPECT_THROWS_WITH(load_array({.dtype = DType::i64, .shape = {1}, .bytes = std::vector<std::uint8_t>(8)}), ValueError,
                     "I64");
}

}  // namespace
}  // namespace rushlight::test
