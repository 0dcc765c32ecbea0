// A GPT in a file of its own, which module 16 gives for `rush export`: it needs modules 07 and 13.
#include "07_training/checkpoint.hpp"
#include "16_quantization/quantization.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Integration_16, AGptComesBackFromItsFile) {
  const std::string path = testing::TempDir() + "gpt_file.safetensors";
  for (const bool tied : {true, false}) {
    Generator random(3);
    GPT gpt({.vocabulary = 7,
             .context = 4,
             .width = 8,
             .layers = 2,
             .heads = 2,
             .groups = 1,
             .hidden = 5,
             .tied = tied,
             .head_bias = !tied,
             .positions = tied ? Positions::learned : Positions::rotary},
            random);
    gpt.eval();
    save_gpt(path, gpt);
    GPT again = load_gpt(path);
    const Indices ids({1, 3}, std::vector<std::int32_t>{6, 0, 2});
    EXPECT_TRUE(same_bits(again(ids).value(), gpt(ids).value()));
    EXPECT_EQ(again.parameters().size(), gpt.parameters().size());
  }
}

TEST(Integration_16, AFileThatIsNoGptIsRefused) {
  const std::string path = testing::TempDir() + "no_gpt.safetensors";
  save_safetensors(path, {});
  EXPECT_THROWS_WITH(load_gpt(path), FileError, path, "gpt.vocabulary");
  SafeTensors file;
  file.metadata["gpt.vocabulary"] = "seven";
  save_safetensors(path, file);
  EXPECT_THROWS_WITH(load_gpt(path), FileError, path, "seven");
}

}  // namespace
}  // namespace rushlight::test
