#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

// One row of cross-entropy in double precision, by the definition.
double plain_cross_entropy(const Array& logits, std::int64_t row, std::int64_t label, double smoothing) {
  const std::int64_t classes = logits.dim(-1);
  const Real* x = logits.data().data() + row * classes;
  double total = 0;
  for (std::int64_t i = 0; i < classes; ++i) total += std::exp(static_cast<double>(x[i]) - x[label]);
  const double log_p_label = -std::log(total);
  double sum_log_p = 0;
  for (std::int64_t i = 0; i < classes; ++i) sum_log_p += static_cast<double>(x[i]) - x[label] + log_p_label;
  return -(1 - smoothing) * log_p_label - smoothing / static_cast<double>(classes) * sum_log_p;
}

int fake_forwards = 0;
int fake_backwards = 0;

CrossEntropyRows fake_forward(const Array&, const Indices& labels, const CrossEntropyOptions& options) {
  ++fake_forwards;
  return {Array::full(labels.shape(), 4 + options.label_smoothing), Array::full(labels.shape(), 1),
          zeros(labels.shape())};
}

Array fake_backward(const Array& grad, const Array& logits, const Indices&, const CrossEntropyRows& rows,
                    const CrossEntropyOptions&) {
  ++fake_backwards;
  return Array::full(logits.shape(), grad.data()[0] + 10 * rows.row_max.data()[0]);
}

}  // namespace

TEST(Unit_04_5, CrossEntropyByHand) {  // p = 1/4 3/4 | 1/2 1/2
  const Array x = array_from({2, 2}, {0, std::log(3.0), 7, 7});
  const Indices labels({2}, {0, 1});
  expect_reductions([&](Reduction r) { return cross_entropy(x, labels, {.reduction = r}); }, {2},
                    {std::log(4.0), std::log(2.0)}, 2);
  EXPECT_TRUE(near(cross_entropy(x, labels).value(), Shape{}, {std::log(8.0) / 2})) << "mean is the default";
}

// The language model loss of lm_ce.json: position t predicts token t + 1, masked positions are ignored.
Indices golden_labels(const nlohmann::json& all) {
  Indices labels({2, 4});
  for (int b = 0; b < 2; ++b) {
    for (int t = 0; t < 4; ++t) {
      const bool counts = t < 3 && all.at("mask")[b][t + 1].get<double>() == 1;
      labels.mutable_data()[b * 4 + t] = counts ? all.at("ids")[b][t + 1].get<int>() : skip;
    }
  }
  return labels;
}

TEST(Unit_04_5, CrossEntropyGolden) {
  const nlohmann::json all = golden("lm_ce.json");
  const Array logits = array_of(all.at("logits"));
  EXPECT_TRUE(near(cross_entropy(logits, golden_labels(all)).value(), Shape{}, {all.at("loss").get<double>()}));
}

TEST(GradientFlow_04_5, CrossEntropyGolden) {
  const nlohmann::json all = golden("lm_ce.json");
  const Indices labels = golden_labels(all);
  const Array dx = gradient_of([&](const Tensor& x) { return cross_entropy(x, labels); }, array_of(all.at("logits")));
  EXPECT_TRUE(near(dx, {2, 4, 5}, values_of(all.at("grad_logits")), gradient_tolerance));
}

TEST(Unit_04_5, CrossEntropyAgreesWithDoublePrecision) {
  std::uint64_t seed = 41;
  for (const std::int64_t classes : {1, 2, 7, 8, 9, 33}) {
    const Array x = uniform({6, classes}, seed++, -5, 5);
    Indices labels(Shape{6});
    for (int row = 0; row < 6; ++row) labels.mutable_data()[row] = static_cast<std::int32_t>((row * 5) % classes);
    for (const double smoothing : {0.0, 0.1, 1.0}) {
      Doubles expected;
      for (int row = 0; row < 6; ++row) {
        expected.push_back(plain_cross_entropy(x, row, labels.data()[row], smoothing));
      }
      const Tensor loss =
          cross_entropy(x, labels, {.label_smoothing = static_cast<Real>(smoothing), .reduction = Reduction::none});
      EXPECT_TRUE(near(loss.value(), {6}, expected, {2e-6, 2e-6})) << classes << " classes, smoothing " << smoothing;
    }
  }
}

TEST(Unit_04_5, SmoothingByHand) {  // p = 1/4 3/4, s = 0.2: 0.9 and 0.1 of the two logs
  const Array x = array_from({1, 2}, {0, std::log(3.0)});
  EXPECT_TRUE(near(cross_entropy(x, Indices({1}, {0}), {.label_smoothing = 0.2}).value(), Shape{},
                   {-0.9 * std::log(0.25) - 0.1 * std::log(0.75)}));
}

TEST(Unit_04_5, CrossEntropyIgnoresRows) {
  const Array x = array_from({4, 2}, {0, std::log(3.0), not_a_number, 0, infinity, 0, 7, 7});
  const Indices labels({4}, {0, skip, skip, 1});
  expect_reductions([&](Reduction r) { return cross_entropy(x, labels, {.reduction = r}); }, {4},
                    {std::log(4.0), 0, 0, std::log(2.0)}, 2);
  expect_reductions([&](Reduction r) { return cross_entropy(x, labels, {.label_smoothing = 0.5, .reduction = r}); },
                    {4}, {-0.75 * std::log(0.25) - 0.25 * std::log(0.75), 0, 0, std::log(2.0)}, 2);
}

TEST(Unit_04_5, CrossEntropyOfHugeNumbers) {
  const Array x({4, 2}, {1e4, -1e4, 1e4, -1e4, 1e4, 1e4, -1e4, -1e4});
  const Indices labels({4}, {0, 1, 0, 1});
  EXPECT_TRUE(near(cross_entropy(x, labels, {.reduction = Reduction::none}).value(), {4},
                   {0, 2e4, std::log(2.0), std::log(2.0)}));
  EXPECT_TRUE(near(cross_entropy(x, labels, {.label_smoothing = 0.5, .reduction = Reduction::none}).value(), {4},
                   {5e3, 1.5e4, std::log(2.0), std::log(2.0)}));
}

TEST(Unit_04_5, CrossEntropyAtTheEndsOfTheRange) {
  for (const Real at : {Real{-3e38}, Real{-1e20}, Real{1e20}, Real{3e38}}) {
    const Array x({2, 2}, {at, at, at, 0});
    EXPECT_TRUE(near(cross_entropy(x, Indices({2}, {1, at > 0 ? 0 : 1}), {.reduction = Reduction::none}).value(), {2},
                     {std::log(2.0), 0}));
  }
}

TEST(Unit_04_5,
     CrossEntropyAtInfinity) {  // a class that is masked out with -inf costs nothing as long as nobody wants it
  const Array x =
      array_from({4, 3}, {-infinity, 0, 0, -infinity, 0, 0, not_a_number, 0, 0, -infinity, -infinity, -infinity});
  const Indices labels({4}, {1, 0, 1, 2});
  EXPECT_TRUE(near(cross_entropy(x, labels, {.reduction = Reduction::none}).value(), {4},
                   {std::log(2.0), infinity, not_a_number, not_a_number}));
}

TEST(Unit_04_5, CrossEntropyOfNothing) {
  const Tensor none(Array({0, 3}));
  EXPECT_TRUE(near(cross_entropy(none, Indices(Shape{0})).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(
      near(cross_entropy(none, Indices(Shape{0}), {.reduction = Reduction::sum}).value(), Shape{}, {0}, exactly));
  const Indices ignored({2}, {skip, skip});
  EXPECT_TRUE(near(cross_entropy(zeros({2, 3}), ignored).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(
      near(cross_entropy(zeros({2, 3}), ignored, {.reduction = Reduction::sum}).value(), Shape{}, {0}, exactly));
}

TEST(Unit_04_5, CrossEntropyErrors) {
  const Array x = zeros({2, 3});
  EXPECT_THROWS_WITH(cross_entropy(zeros({6, 3}), Indices({6}, {0, 1, 2, 0, 8, 0})), IndexError, "cross_entropy", "8",
                     "4");
  EXPECT_THROWS_WITH(cross_entropy(x, Indices(Shape{3})), ShapeError, "cross_entropy", "(2, 3)", "(3,)");
  EXPECT_THROWS_WITH(cross_entropy(zeros({0, 0}), Indices(Shape{0})), ShapeError, "cross_entropy", "(0, 0)");
  EXPECT_THROWS_WITH(cross_entropy(x, Indices(Shape{2}), {.label_smoothing = 1.5}), ValueError, "label_smoothing",
                     "1.5");
  EXPECT_THROWS_WITH(cross_entropy(x, Indices(Shape{2}), {.label_smoothing = -0.5}), ValueError, "-0.5");
  EXPECT_THROWS_WITH(cross_entropy(x, Indices(Shape{2}), {.label_smoothing = std::numeric_limits<Real>::quiet_NaN()}),
                     ValueError, "label_smoothing", "nan");
}

TEST(Unit_04_5, CrossEntropyUsesAnInstalledKernel) {
  fake_forwards = fake_backwards = 0;
  const Indices labels({2}, {0, 1});
  const Tensor x(zeros({2, 3}), true);
  Tensor loss;
  {
    const Installed<CrossEntropyKernel> installed(cross_entropy_slot, {fake_forward, fake_backward});
    loss = cross_entropy(x, labels, {.label_smoothing = 0.5, .reduction = Reduction::sum});
    EXPECT_TRUE(near(loss.value(), Shape{}, {9}, exactly));
  }
  const Array dx = Tape(loss, Array::full({}, 2)).grad(x);
  EXPECT_TRUE(near(dx, {2, 3}, Doubles(6, 12), exactly)) << "the pair of the forward";
  EXPECT_EQ(fake_forwards, 1);
  EXPECT_EQ(fake_backwards, 1);
  EXPECT_TRUE(near(cross_entropy(zeros({2, 3}), labels).value(), Shape{}, {std::log(3.0)}));
}

TEST(Unit_04_5, CrossEntropyKeepsNoSecondArrayOfLogits) {  // two numbers a row, and the logits that are there anyway
  const Tensor x(randn({5, 7}, 42), true);
  const Tensor loss = cross_entropy(x, Indices(Shape{5}), {.reduction = Reduction::none});
  ASSERT_EQ(loss.node()->inputs.size(), 1u);
  EXPECT_TRUE(loss.node()->inputs[0].saved.shares_buffer_with(x.value()));
  const CrossEntropyRows rows = cross_entropy_forward(x.value(), Indices(Shape{5}), {});
  EXPECT_EQ(rows.losses.shape(), Shape{5});
  EXPECT_EQ(rows.row_max.shape(), Shape{5});
  EXPECT_EQ(rows.log_sum.shape(), Shape{5});
}

TEST(Unit_04_5, CrossEntropyGraphAndInputs) {
  const Tensor x(randn({2, 3}, 43), true);
  const Array before = x.value().clone();
  const Indices labels({2}, {0, 2});
  const Tensor loss = cross_entropy(x, labels, {.reduction = Reduction::none});
  Tape(loss, cotangent({2}));
  ASSERT_TRUE(loss.requires_grad());
  EXPECT_STREQ(loss.node()->op, "cross_entropy");
  EXPECT_FALSE(cross_entropy(x.value(), labels).requires_grad());
  EXPECT_TRUE(same_bits(x.value(), before));
}

}  // namespace rushlight::test
