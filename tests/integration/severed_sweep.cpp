// No op and no module may cut the graph. "The loss went down" does not show it: frozen random features suffice for
// that. So every op and every module of the course is looked at here, and the report at the end says which.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include "05_autograd/autograd.hpp"
#include "09_spatial/module_cases.hpp"
#include "12_attention/module_cases.hpp"
#include "13_transformers/module_cases.hpp"
#include "17_compression/module_cases.hpp"
#include "20_alignment/module_cases.hpp"
#include "op_cases.hpp"
#include "support/module_checks.hpp"
#include "support/source_dir.hpp"

namespace rushlight::test {
namespace {

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::set<std::string> missing(const std::set<std::string>& from, const std::set<std::string>& in) {
  std::set<std::string> names;
  for (const std::string& name : in) {
    if (from.count(name) == 0) names.insert(name);
  }
  return names;
}

// Of the layers (tests/support) and of every later module (tests/NN_name/module_cases.hpp).
const std::vector<ModuleCase>& all_module_cases() {
  static const std::vector<ModuleCase> all = [] {
    std::vector<ModuleCase> cases = module_cases();
    for (const ModuleCase& each : spatial_module_cases()) cases.push_back(each);
    for (const ModuleCase& each : attention_module_cases()) cases.push_back(each);
    for (const ModuleCase& each : transformer_module_cases()) cases.push_back(each);
    for (const ModuleCase& each : compression_module_cases()) cases.push_back(each);
    for (const ModuleCase& each : alignment_module_cases()) cases.push_back(each);
    return cases;
  }();
  return all;
}

// What finite differences cannot judge, and which tests do: rounding is a staircase, what has no parameters and no way
// back hands nothing on, and what runs on several ranks needs them.
using ElsewhereJudged = std::map<std::string, std::string>;
const ElsewhereJudged ops_judged_elsewhere = {
    {"copy_to_ranks", "GradientFlow_21_9.TheTwoOpsAreEachOthersDerivative"},
    {"sum_over_ranks", "GradientFlow_21_9.TheTwoOpsAreEachOthersDerivative"},
    {"fake_quantize", "GradientFlow_16_8.OneInsideTheRangeAndZeroOutside"},
    {"quantized_linear", "GradientFlow_16_6.AQuantisedGraphRefusesToGoBack"},
};
const ElsewhereJudged modules_judged_elsewhere = {
    {"ColumnLinear", "GradientFlow_21_9.ThePairPassesGradientsAsTheWhole"},
    {"RowLinear", "GradientFlow_21_9.ThePairPassesGradientsAsTheWhole"},
    {"MappedLinear", "Integration_16.AMappedLayerSaysWhatItCannotDo"},
    {"FakeQuantLinear", "GradientFlow_16_8.ALayersGradientsAreThoseOfItsRoundedNumbers"},
    {"QuantizedLoraLinear", "Integration_17.GradientsPassSmallWeights"},
    {"QuantizedLinear", "GradientFlow_16_6.AQuantisedGraphRefusesToGoBack"},
    {"QuantizedEmbedding", "Unit_16_6.RowsOfATable"},
};

Tensors leaves_of(const Arrays& inputs) {
  Tensors leaves;
  for (const Array& input : inputs) leaves.emplace_back(input.clone(), true);
  return leaves;
}

std::set<std::string> names_at_run_time() {
  std::set<std::string> names;
  for (const OpCase& each : op_cases()) {
    const Tensor y = each.f(leaves_of(each.inputs));  // keeps the nodes alive
    for (const Node* node : nodes_of(y)) {
      if (!node->is_leaf()) names.insert(node->op);
    }
  }
  for (const auto& [name, test] : ops_judged_elsewhere) names.insert(name);
  return names;
}

// --- ops --------------------------------------------------------------------------------------------------------

class Integration_05 : public testing::TestWithParam<std::size_t> {};  // the number of an op case

TEST_P(Integration_05, TheOpPassesGradientsOn) {
  const OpCase& op = op_cases()[GetParam()];
  const Tensors leaves = leaves_of(op.inputs);
  const Tensor y = op.f(leaves);
  ASSERT_TRUE(y.requires_grad()) << op.name << ": the output has no place in the graph";
  const std::vector<const Node*> nodes = nodes_of(y);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_EQ(std::count(nodes.begin(), nodes.end(), leaves[i].node().get()), 1)
        << op.name << ": input " << i << " cannot be reached from the output";
  }
  y.backward(cotangent(y.shape()));
  const GradientOptions options;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    ASSERT_TRUE(grad_ok(leaves[i].grad(), leaves[i].shape(), 1e-6)) << op.name << ", input " << i;
    EXPECT_TRUE(near(leaves[i].grad(), test::numeric_gradient(op.f, op.inputs, i, options.step),
                     {options.tolerance, options.tolerance}))
        << op.name << ", input " << i << " against central differences";
  }
}

INSTANTIATE_TEST_SUITE_P(Sweep, Integration_05, testing::Range(std::size_t{0}, op_cases().size()),
                         [](const auto& info) { return op_cases()[info.param].name; });

// --- coverage ---------------------------------------------------------------------------------------------------

TEST(Integration_05, EveryRecordedOpIsInTheSweep) {
  const std::set<std::string> in_sources = recorded_names(), at_run_time = names_at_run_time();
  EXPECT_FALSE(in_sources.empty()) << "no record(\"...\") call was found under " << source_dir();
  EXPECT_EQ(joined(missing(at_run_time, in_sources)), "")
      << "these ops are recorded somewhere and swept nowhere: add them to tests/integration/op_cases.cpp";
  EXPECT_EQ(joined(missing(in_sources, at_run_time)), "")
      << "these ops were seen in a graph, but no record(\"...\") call spells their name";
}

TEST(Integration_05, EveryModuleTypeIsInTheSweep) {
  std::set<std::string> checked;
  for (const ModuleCase& each : all_module_cases()) checked.insert(each.type);
  for (const auto& [type, test] : modules_judged_elsewhere) checked.insert(type);
  const std::set<std::string> declared = module_types();
  EXPECT_GE(declared.size(), 10U);
  EXPECT_EQ(joined(missing(checked, declared)), "")
      << "these modules are declared and swept nowhere: add them to tests/support/module_cases.cpp";
  EXPECT_EQ(joined(missing(declared, checked)), "") << "these are swept, but no header declares them";
}

// Which op, module and parameter is seen by which test. Printed, and written to RUSHLIGHT_COVERAGE_REPORT if that is
// set, so that the continuous integration can keep it.
TEST(Integration_05, CoverageReport) {
  std::string report = "gradient coverage\n";
  for (const OpCase& each : op_cases()) {
    report += fmt::format("  op      {:<24} {} inputs   Sweep/Integration_05.TheOpPassesGradientsOn/{}\n", each.name,
                          each.inputs.size(), each.name);
  }
  for (const auto& [name, test] : ops_judged_elsewhere) report += fmt::format("  op      {:<24} {}\n", name, test);
  std::size_t parameters = 0;
  for (const ModuleCase& each : all_module_cases()) {
    std::string names;
    for (const auto& [name, shape] : each.parameters) names += " " + name + shape.str();
    parameters += each.parameters.size();
    report += fmt::format("  module  {:<24} {:<14} Integration_05.EveryModulePassesGradientsOn{}\n", each.name,
                          each.type, names);
  }
  report += fmt::format("  {} ops, {} modules in {} uses, {} parameters\n", op_cases().size(), module_types().size(),
                        all_module_cases().size(), parameters);
  std::cout << report;
  if (const char* path = std::getenv("RUSHLIGHT_COVERAGE_REPORT")) {
    std::ofstream(path) << report;
    EXPECT_TRUE(std::ifstream(path).good()) << "cannot write " << path;
  }
  for (const std::string& name : recorded_names()) EXPECT_NE(report.find(" " + name + " "), std::string::npos) << name;
}

TEST(Integration_05, EveryModulePassesGradientsOn) {
  for (const ModuleCase& each : all_module_cases()) {
    expect_module(each, [](const Tensor& y, const Array& seed) { y.backward(seed); });
  }
}

// The sweep must notice what it is there for: an op that rebuilds its output as a fresh leaf.
TEST(Integration_05, ASeveredOpWouldBeNoticed) {
  const auto severed = [](const Tensors& in) { return Tensor(exp(in[0].value())) * in[1]; };
  const Tensors leaves = leaves_of({ones({2}), ones({2})});
  const Tensor y = severed(leaves);
  const std::vector<const Node*> nodes = nodes_of(y);
  EXPECT_EQ(std::count(nodes.begin(), nodes.end(), leaves[0].node().get()), 0);
  y.backward(cotangent({2}));
  EXPECT_FALSE(grad_ok(leaves[0].grad(), {2}));
  EXPECT_TRUE(grad_ok(leaves[1].grad(), {2}));
}

}  // namespace
}  // namespace rushlight::test
