// Every op that any module records has a rule in the profiler's table, and no rule is left over.
#include <filesystem>

#include "14_profiling/cost.hpp"
#include "op_cases.hpp"
#include "support/source_dir.hpp"

namespace rushlight::test {
namespace {

TEST(Integration_14, EveryRecordedOpHasACost) {
  const std::set<std::string> recorded = recorded_names();
  std::set<std::string> table;
  for (const CostRule& rule : cost_table())
    EXPECT_TRUE(table.insert(std::string(rule.op)).second) << rule.op << " is there twice";
  for (const std::string& op : recorded) {
    EXPECT_EQ(table.count(op), 1U) << op
                                   << " has no rule in modules/14_profiling/cost_table.cpp: count what it does, and "
                                      "add a count by hand to tests/14_profiling/unit_costs.cpp";
  }
  if (!std::filesystem::is_directory(std::filesystem::path(source_dir()) / "solutions"))
    return;  // not all is written yet
  ASSERT_GT(recorded.size(), 40U) << "the sources were not found";
  for (const std::string& op : table) EXPECT_EQ(recorded.count(op), 1U) << op << " is recorded nowhere";
}

}  // namespace
}  // namespace rushlight::test
