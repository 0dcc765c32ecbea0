// The same five checks for every module type (support/module_checks.hpp), and the checks themselves, tested on modules
// that are broken on purpose.
#include "03_layers/layers.hpp"
#include "support/module_checks.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(GradientFlow_03_3, LinearModule) { expect_module(module_case("Linear")); }
TEST(GradientFlow_03_3, LinearModuleWithoutBias) { expect_module(module_case("LinearWithoutBias")); }
TEST(GradientFlow_03_3, LinearModuleOverLeadingAxes) { expect_module(module_case("LinearOverLeadingAxes")); }
TEST(GradientFlow_03_4, DropoutModule) { expect_module(module_case("Dropout")); }
TEST(GradientFlow_03_5, LayerNormModule) { expect_module(module_case("LayerNorm")); }
TEST(GradientFlow_03_5, LayerNormModuleOverTwoAxes) { expect_module(module_case("LayerNormOverTwoAxes")); }
TEST(GradientFlow_03_5, LayerNormModuleWithoutAffine) { expect_module(module_case("LayerNormWithoutAffine")); }
TEST(GradientFlow_03_6, BatchNorm1dModule) { expect_module(module_case("BatchNorm1d")); }
TEST(GradientFlow_03_6, BatchNorm1dModuleWithPositions) { expect_module(module_case("BatchNorm1dWithPositions")); }
TEST(GradientFlow_03_6, BatchNorm1dModuleWithoutAffine) { expect_module(module_case("BatchNorm1dWithoutAffine")); }
TEST(GradientFlow_03_7, SequentialModule) { expect_module(module_case("Sequential")); }
TEST(GradientFlow_03_1, ReluModule) { expect_module(module_case("Relu")); }
TEST(GradientFlow_03_1, SigmoidModule) { expect_module(module_case("Sigmoid")); }
TEST(GradientFlow_03_1, TanhModule) { expect_module(module_case("Tanh")); }
TEST(GradientFlow_03_1, GeluModule) { expect_module(module_case("Gelu")); }
TEST(GradientFlow_03_1, FlattenModule) { expect_module(module_case("Flatten")); }

// y = x·a + b, with one mistake at a time.
enum class Mistake { none, forgets_bias, rebuilds_output, doubles_gradient, leaves_weight_out, changes_input };

struct Toy : Module {
  explicit Toy(Mistake made) : mistake(made) {}
  Mistake mistake;
  Tensor a = Tensor(Array({2}, {0.5, -2}), true);
  Tensor b = Tensor(Array({2}, {1, 3}), true);
  Tensor forward(const Tensor& x) override {
    if (mistake == Mistake::changes_input) Tensor(x).mutable_value().mutable_data()[0] += 1;
    if (mistake == Mistake::leaves_weight_out) return x * a.value() + b;
    Tensor y = x * a + b;
    if (mistake == Mistake::rebuilds_output) return Tensor(y.value());
    if (mistake == Mistake::doubles_gradient) {
      return record("toy", y.value(), {x, a, b}, Save::all, [](const Backward& bw) -> Arrays {
        return {2 * (bw.grad * bw.in(1)), bw.grad * bw.in(0), bw.grad};
      });
    }
    return y;
  }
  void members(Members& m) override {
    m("a", a);
    if (mistake != Mistake::forgets_bias) m("b", b);
  }
};

std::string report(Mistake mistake, std::vector<std::pair<std::string, Shape>> parameters = {{"a", {2}}, {"b", {2}}}) {
  const ModuleCase toy{
      "Toy", "Toy", [mistake] { return std::make_unique<Toy>(mistake); }, {3, 2}, std::move(parameters)};
  std::string text;
  for (const std::string& problem : module_problems(toy)) text += problem + "\n";
  return text;
}

void expect_mentions(const std::string& text, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces) EXPECT_NE(text.find(piece), std::string::npos) << piece << " in:\n" << text;
}

TEST(GradientFlow_03_1, ChecksPassASoundModule) { EXPECT_EQ(report(Mistake::none), ""); }

TEST(GradientFlow_03_1, ChecksNoticeAParameterMissingFromMembers) {
  expect_mentions(report(Mistake::forgets_bias), {"Toy", "coverage", "b (2,)", "members()"});
  // Even when the expected list forgets it too: the output depends on it.
  expect_mentions(report(Mistake::forgets_bias, {{"a", {2}}}), {"Toy", "coverage", "(2,)", "members()"});
}

TEST(GradientFlow_03_1, ChecksNoticeAParameterThatIsNew) {
  expect_mentions(report(Mistake::none, {{"a", {2}}}), {"coverage", "b (2,)", "2 listed, 1 expected"});
}

TEST(GradientFlow_03_1, ChecksNoticeASeveredGraph) {
  expect_mentions(report(Mistake::rebuilds_output), {"Toy", "existence", "fresh leaf"});
}

TEST(GradientFlow_03_1, ChecksNameAParameterThatLearnsNothing) {
  expect_mentions(report(Mistake::leaves_weight_out), {"Toy", "gradient", "a:", "severed"});
}

TEST(GradientFlow_03_1, ChecksNameAWrongGradient) {
  expect_mentions(report(Mistake::doubles_gradient), {"Toy", "correctness", "x (3, 2)", "entry 0", "twice"});
}

TEST(GradientFlow_03_1, ChecksNoticeAChangedInput) {
  expect_mentions(report(Mistake::changes_input), {"Toy", "purity"});
}

}  // namespace
}  // namespace rushlight::test
