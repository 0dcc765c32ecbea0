// Bytes from files that other programs wrote, and that somebody wrote on purpose.
#include "08_dataloader/bytes.hpp"
#include "08_dataloader/csv.hpp"
#include "08_dataloader/files.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using Raw = std::vector<std::uint8_t>;

Raw counting(std::size_t count) {
  Raw bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * i / 7);
  return bytes;
}

Raw joined(Raw first, const Raw& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(Given_08, ZerosBehindGzipArePadding) {
  const TempFolder folder;
  const Raw plain = counting(1000);
  const Raw zipped = bytes_of(folder.write_gzip("a.gz", plain));
  for (const std::size_t zeros : {1, 8, 511, 300000}) {
    EXPECT_EQ(read_bytes(folder.write("padded.gz", joined(zipped, Raw(zeros)))), plain) << zeros;
  }
  EXPECT_EQ(read_bytes(folder.write("two.gz", joined(zipped, zipped))), joined(plain, plain));
  EXPECT_EQ(read_bytes(folder.write("two.gz", joined(joined(zipped, zipped), Raw(64)))), joined(plain, plain));
  EXPECT_THROWS_WITH(read_bytes(folder.write("junk.gz", joined(zipped, {1, 2, 3}))), FileError, "junk.gz", "gzip");
  EXPECT_THROWS_WITH(read_bytes(folder.write("late.gz", joined(joined(zipped, Raw(8)), {1}))), FileError, "late.gz");
}

TEST(Given_08, AFileHoldsNoMoreThanItMay) {
  const TempFolder folder;
  const std::string bomb =
      folder.write_gzip("bomb.gz", Raw(3 << 20));  // three thousand bytes that become three million
  ASSERT_LT(bytes_of(bomb).size(), 10000u);
  EXPECT_EQ(read_bytes(bomb).size(), std::size_t{3} << 20);
  EXPECT_EQ(read_bytes(bomb, 3 << 20).size(), std::size_t{3} << 20);
  EXPECT_THROWS_WITH(read_bytes(bomb, (3 << 20) - 1), FileError, "bomb.gz", "more than 3145727 bytes");
  EXPECT_THROWS_WITH(read_bytes(folder.write("plain", Raw(100)), 99), FileError, "plain", "more than 99 bytes");
  EXPECT_LE(most_bytes, std::int64_t{1} << 31) << "what is read without saying so fits the memory of any machine";
}

TEST(Given_08, TooSmallOrTooLarge) {
  for (const char* small :
       {"1e-400", "-1e-400", "0.0001e-300", ".5", "0", "0e999", "1e-99999999999999999999", "123e-4"}) {
    EXPECT_TRUE(is_below_one(small)) << small;
  }
  for (const char* large : {"1e400", "-1E+400", "0.0001e300", "1", "99", "1e99999999999999999999", "12345e-4"}) {
    EXPECT_FALSE(is_below_one(large)) << large;
  }
}

TEST(Given_01, AnArrayWhoseBytesCannotBeCountedIsAnError) {
  for (const std::int64_t count : {INT64_MAX, std::int64_t{1} << 62, std::int64_t{1} << 61}) {
    EXPECT_THROWS_WITH(Array(Shape{count}), ShapeError, std::to_string(count));
    EXPECT_THROWS_WITH(Array(Shape{2, count / 2}), ShapeError, std::to_string(count / 2));
    EXPECT_THROWS_WITH(Indices(Shape{count}), ShapeError, std::to_string(count));
    EXPECT_THROWS_WITH(Mask(Shape{count}), ShapeError, std::to_string(count));
  }
}

}  // namespace
}  // namespace rushlight::test
