// 08.3 CSV tables.
#include "08_dataloader/csv.hpp"
#include "08_dataloader/files.hpp"
#include "support/rush_test.hpp"

namespace rushlight {

// How gtest shows a line in a failure.
static void PrintTo(const CsvLine& line, std::ostream* out) {
  *out << "{" << line.number << ", " << testing::PrintToString(line.text) << "}";
}

}  // namespace rushlight

namespace rushlight::test {
namespace {

using Fields = std::vector<std::string_view>;
using Names = std::vector<std::string>;

using Lines = std::vector<CsvLine>;

TEST(Unit_08_3, LinesKeepTheirNumbers) {
  EXPECT_EQ(split_lines("a\nb\n"), (Lines{{1, "a"}, {2, "b"}}));
  EXPECT_EQ(split_lines("a,b \r\n\n \t\r\nc"), (Lines{{1, "a,b "}, {4, "c"}})) << "empty lines count, too";
  EXPECT_EQ(split_lines("a\rb\n"), (Lines{{1, "a"}, {2, "b"}}));
  EXPECT_EQ(split_lines("a\r\rb\r"), (Lines{{1, "a"}, {3, "b"}})) << "a \\r alone ends a line";
  EXPECT_EQ(split_lines("a\n\rb\r\n\r\nc"), (Lines{{1, "a"}, {3, "b"}, {5, "c"}}));
  EXPECT_EQ(split_lines(""), Lines{});
  EXPECT_EQ(split_lines("\n\n"), Lines{});
}

TEST(Unit_08_3, AByteOrderMarkIsNoPartOfTheFirstLine) {
  EXPECT_EQ(split_lines("\xEF\xBB\xBF"
                        "a\nb"),
            (Lines{{1, "a"}, {2, "b"}}));
  EXPECT_EQ(split_lines("\xEF\xBB\xBF"), Lines{});
  EXPECT_EQ(split_lines("a\n\xEF\xBB\xBF"
                        "b"),
            (Lines{{1, "a"},
                   {2,
                    "\xEF\xBB\xBF"
                    "b"}}))
      << "only at the beginning";
  EXPECT_EQ(split_lines("\xEF\xBB"
                        "a"),
            (Lines{{1,
                    "\xEF\xBB"
                    "a"}}));
  const TempFolder folder;
  const Table table = read_csv(folder.write("a.csv", "\xEF\xBB\xBFlabel,x\r1,0.5\r0,-1\r"));
  EXPECT_EQ(table.columns, Names{"x"});
  EXPECT_TRUE(near(table.features, {2, 1}, {0.5, -1}, exactly));
}

TEST(Unit_08_3, SplitsAtEverySeparator) {
  EXPECT_EQ(split_fields("1,2,3", ','), (Fields{"1", "2", "3"}));
  EXPECT_EQ(split_fields("1,,x", ','), (Fields{"1", "", "x"}));
  EXPECT_EQ(split_fields(",", ','), (Fields{"", ""}));
  EXPECT_EQ(split_fields("a,b,", ','), (Fields{"a", "b", ""}));
  EXPECT_EQ(split_fields("", ','), (Fields{""}));
  EXPECT_EQ(split_fields("1;2,5", ';'), (Fields{"1", "2,5"}));
  EXPECT_EQ(split_fields("\t1\t", '\t'), (Fields{"", "1", ""})) << "a tab that separates is not trimmed";
  EXPECT_EQ(split_fields(" 1  2 ", ' '), (Fields{"", "1", "", "2", ""}));
}

TEST(Unit_08_3, SplitTrimsTheEndsOnly) {
  EXPECT_EQ(split_fields(" petal width ,\t2 ", ','), (Fields{"petal width", "2"}));
  EXPECT_EQ(split_fields("1.5\t,\t x\t ,\t \t", ','), (Fields{"1.5", "x", ""}));
}

TEST(Unit_08_3, ColumnsHaveNamesAndOneIsTheLabel) {
  EXPECT_EQ(column_names({"a", "b"}, true), (Names{"a", "b"}));
  EXPECT_EQ(column_names({"a", "b"}, false), (Names{"0", "1"}));
  EXPECT_EQ(label_column("t.csv", {"a", "b", "c"}, {.label = "b"}), 1u);
  EXPECT_EQ(label_column("t.csv", {"0", "1", "2"}, {.label = "-1", .header = false}), 2u);
  EXPECT_EQ(label_column("t.csv", {"a", "-1"}, {.label = "-1"}), 1u) << "with a header, it is a name like any other";
  EXPECT_THROWS_WITH(label_column("t.csv", {"a", "b"}, {.label = "x"}), ValueError, "t.csv", "'x'", "a, b");
}

TEST(Unit_08_3, ReadsATable) {
  const TempFolder folder;
  const Table table = read_csv(folder.write("a.csv", "x,label,y\n1,0,2.5\n-3,7,4e1\n"));
  EXPECT_EQ(table.columns, (Names{"x", "y"}));
  EXPECT_TRUE(near(table.features, {2, 2}, {1, 2.5, -3, 40}, exactly));
  EXPECT_TRUE(same(table.labels, {2}, {0, 7}));
}

TEST(Unit_08_3, TheLabelMayStandAnywhere) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", "kind,x,y\n1,2,3\n");
  EXPECT_TRUE(near(read_csv(path, {.label = "kind"}).features, {1, 2}, {2, 3}, exactly));
  EXPECT_TRUE(near(read_csv(path, {.label = "y"}).features, {1, 2}, {1, 2}, exactly));
  EXPECT_EQ(read_csv(path, {.label = "y"}).columns, (Names{"kind", "x"}));
}

TEST(Unit_08_3, WithoutAHeaderColumnsAreNumbers) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", "1,2,3\n4,5,6\n");
  const Table last = read_csv(path, {.label = "-1", .header = false});
  EXPECT_TRUE(same(last.labels, {2}, {3, 6}));
  EXPECT_EQ(last.columns, (Names{"0", "1"}));
  const Table first = read_csv(path, {.label = "0", .header = false});
  EXPECT_TRUE(same(first.labels, {2}, {1, 4}));
  EXPECT_EQ(first.columns, (Names{"1", "2"}));
}

TEST(Unit_08_3, LineEndingsAndEmptyLines) {
  const TempFolder folder;
  const Table table = read_csv(folder.write("a.csv", "x,label\r\n1,2\r\n\r\n  \n3,4"));
  EXPECT_EQ(table.columns, (Names{"x"}));
  EXPECT_TRUE(near(table.features, {2, 1}, {1, 3}, exactly));
  EXPECT_TRUE(same(table.labels, {2}, {2, 4}));
}

TEST(Unit_08_3, OtherSeparators) {
  const TempFolder folder;
  const Table table = read_csv(folder.write("a.csv", "x;label\n1.5;2\n"), {.separator = ';'});
  EXPECT_TRUE(near(table.features, {1, 1}, {1.5}, exactly));
}

TEST(Unit_08_3, ATableOfLabelsAlone) {
  const TempFolder folder;
  const Table table = read_csv(folder.write("a.csv", "label\n4\n5\n"));
  EXPECT_EQ(table.features.shape(), (Shape{2, 0}));
  EXPECT_TRUE(same(table.labels, {2}, {4, 5}));
}

TEST(Unit_08_3, ARaggedLineIsNamed) {
  const TempFolder folder;
  const std::string few = folder.write("few.csv", "x,y,label\n1,2,3\n\n4,5\n");
  EXPECT_THROWS_WITH(read_csv(few), FileError, few, "line 4", "2 fields", "3");
  const std::string many = folder.write("many.csv", "x,label\n1,2,\n");
  EXPECT_THROWS_WITH(read_csv(many), FileError, many, "line 2", "3 fields", "2");
}

TEST(Unit_08_3, AFieldThatIsNotANumberIsNamed) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", "x,width,label\n1,2,3\n1,wide,3\n");
  EXPECT_THROWS_WITH(read_csv(path), FileError, path, "line 3", "width", "'wide'");
  const std::string behind = folder.write("behind.csv", "x,label\n\n1,2\n\n \nx,3\n");
  EXPECT_THROWS_WITH(read_csv(behind), FileError, behind, "line 6");
  const std::string gap = folder.write("gap.csv", "x,label\n,1\n");
  EXPECT_THROWS_WITH(read_csv(gap), FileError, gap, "line 2", "'x'", "''");
  const std::string poison = folder.write("nan.csv", "x,label\nnan,1\n");
  EXPECT_THROWS_WITH(read_csv(poison), FileError, poison, "line 2", "'nan'");
}

TEST(Unit_08_3, ALabelThatIsNotAnIntegerIsNamed) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", "x,label\n1,0\n1,0.5\n");
  EXPECT_THROWS_WITH(read_csv(path), FileError, path, "line 3", "label", "'0.5'", "integer");
  const std::string behind = folder.write("behind.csv", "x,label\n\n1,0\n\n1,0.5\n");
  EXPECT_THROWS_WITH(read_csv(behind), FileError, behind, "line 5");
}

TEST(Unit_08_3, AMissingLabelColumnListsWhatThereIs) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", "x,y,kind\n1,2,3\n");
  EXPECT_THROWS_WITH(read_csv(path), ValueError, path, "'label'", "x, y, kind");
  const std::string bare = folder.write("b.csv", "1,2\n");
  EXPECT_THROWS_WITH(read_csv(bare, {.label = "2", .header = false}), ValueError, bare, "0, 1");
  EXPECT_THROWS_WITH(read_csv(bare, {.label = "-3", .header = false}), ValueError, bare, "-3");
}

TEST(Unit_08_3, AFileWithoutExamplesIsNamed) {
  const TempFolder folder;
  const std::string header_only = folder.write("a.csv", "x,label\n");
  EXPECT_THROWS_WITH(read_csv(header_only), FileError, header_only);
  const std::string empty = folder.write("b.csv", "");
  EXPECT_THROWS_WITH(read_csv(empty, {.header = false}), FileError, empty);
  EXPECT_THROWS_WITH(read_csv(folder.file("c.csv")), FileError, folder.file("c.csv"), "No such file");
}

TEST(Unit_08_3, ManyRows) {
  const TempFolder folder;
  std::string text = "a,b,label\n";
  std::vector<double> features;
  for (int i = 0; i < 1000; ++i) {
    text += fmt::format("{},{},{}\n", i, -0.25 * i, i % 10);
    features.insert(features.end(), {double(i), -0.25 * i});
  }
  EXPECT_TRUE(near(read_csv(folder.write("a.csv", text)).features, {1000, 2}, features, exactly));
}

}  // namespace
}  // namespace rushlight::test
