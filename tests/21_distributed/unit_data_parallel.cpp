// Data parallelism: the gradients of the whole batch, whatever the number of ranks.
#include <limits>

#include "networks.hpp"

namespace rushlight::test {
namespace {

constexpr Tolerance law = double_precision ? Tolerance{1e-9, 1e-12} : Tolerance{1e-6, 1e-6};
const DataParallelOptions small_buckets{.bucket_bytes = 20 * static_cast<std::int64_t>(sizeof(Real))};

// dL/dθ of the mean loss over the whole batch, by the tests' own sweep.
json whole_gradients(SmallNet& net, const Batch& batch) {
  const Tensor loss = cross_entropy(net(Tensor(batch.inputs)), batch.labels);
  const Tape tape(loss, Array::full({}, 1));
  json all = json::object();
  for (const auto& [name, parameter] : net.named_parameters()) {
    all[name] = tape.reached(parameter) ? json(to_doubles(tape.grad(parameter))) : json();
  }
  return all;
}

void say_step(World& world, json& says, const Batch& whole, const DataParallelOptions& options) {
  SmallNet net(static_cast<std::uint64_t>(5 + world.rank()));  // seeded differently: the model of rank 0 is everybody's
  DataParallel parallel(world, net, options);
  const StepResult result = parallel.backward(cross_entropy_of, own_rows(whole, world.rank(), world.size()));
  says["gradients"] = gradients_of(net);
  says["loss"] = result.loss;
  says["examples"] = result.examples;
  says["counted"] = result.counted;
  says["launched"] = parallel.launched();
  says["buckets"] = parallel.buckets().size();
  says["early"] = parallel.times().early;
}

void expect_whole(const std::vector<json>& said, const Batch& whole) {
  SmallNet net(5);
  const json wanted = whole_gradients(net, whole);
  const double loss = cross_entropy(net(Tensor(whole.inputs)), whole.labels).item();
  for (const json& each : said) {
    EXPECT_EQ(each["gradients"], said[0]["gradients"]) << "the same bits on every rank";
    EXPECT_TRUE(close(each["gradients"], wanted, law.rtol, law.atol));
    EXPECT_TRUE(each["gradients"]["unused"].is_null()) << "a parameter that nobody used stays without a gradient";
    EXPECT_NEAR(each["loss"].get<double>(), loss, 1e-5);
    EXPECT_EQ(each["counted"], counted(whole));
    EXPECT_EQ(each["examples"], whole.size());
  }
}

RANKS(even_step) { say_step(world, says, some_batch(8, 1), small_buckets); }

TEST(Unit_21_6, RanksHaveTheGradientsOfTheWholeBatch) {
  for (const int ranks : rank_counts()) expect_whole(on_ranks(ranks, "even_step"), some_batch(8, 1));
}

RANKS(uneven_step) {  // 5 rows, the last ignored: rank 0 has 2, rank 1 has 3, of which 2 count
  Batch batch = some_batch(5, 2);
  batch.labels.mutable_data()[4] = -100;
  say_step(world, says, batch, small_buckets);
}
RANKS(empty_step) { say_step(world, says, some_batch(1, 3), small_buckets); }  // rank 0 has no row at all

TEST(Unit_21_6, EveryExampleCountsTheSame) {
  Batch batch = some_batch(5, 2);
  batch.labels.mutable_data()[4] = -100;
  expect_whole(on_ranks(2, "uneven_step"), batch);
  expect_whole(on_ranks(2, "empty_step"), some_batch(1, 3));
}

RANKS(nothing_counts) {
  SmallNet net(1);
  DataParallel parallel(world, net, small_buckets);
  EXPECT_THROWS_WITH(parallel.backward(cross_entropy_of, some_batch(0, 1)), ValueError, "anything",
                     "rank " + std::to_string(world.rank()));
}
RANKS(no_label_counts) {  // there are examples, and all of them are ignored
  SmallNet net(1);
  DataParallel parallel(world, net, small_buckets);
  Batch batch = some_batch(2, 1);
  for (std::int32_t& label : batch.labels.mutable_data()) label = -100;
  EXPECT_THROW(parallel.backward(cross_entropy_of, batch), ValueError);
}
RANKS(one_loss_is_nan) {
  SmallNet net(1);
  DataParallel parallel(world, net, small_buckets);
  Batch batch = some_batch(2, 1);
  if (world.rank() == 1) batch.inputs.mutable_data()[0] = std::numeric_limits<Real>::quiet_NaN();
  EXPECT_THROW(parallel.backward(cross_entropy_of, batch), ValueError);
}

RANKS(one_loss_is_infinite) {
  SmallNet net(1);
  DataParallel parallel(world, net, small_buckets);
  for (const double sign : {1.0, -1.0}) {
    const auto loss = [&](const Tensor& output, const Batch& batch) {
      const Real added = world.rank() == 1 ? static_cast<Real>(sign * infinity) : 0;
      return cross_entropy_of(output, batch) + Tensor(added);
    };
    EXPECT_THROW(parallel.backward(loss, some_batch(2, 1)), ValueError) << sign;
  }
}

TEST(Unit_21_6, AllRanksThrowTogether) {
  on_ranks(2, "nothing_counts");
  on_ranks(2, "no_label_counts");
  on_ranks(2, "one_loss_is_nan");
  on_ranks(2, "one_loss_is_infinite");
}

RANKS(no_overlap) {
  DataParallelOptions options = small_buckets;
  options.overlap = false;
  say_step(world, says, some_batch(8, 1), options);
}
RANKS(checked_order) {
  DataParallelOptions options = small_buckets;
  options.check_order = true;
  say_step(world, says, some_batch(8, 1), options);
}

TEST(Unit_21_6, SumsBeginInOrderWhileBackwardGoesOn) {
  for (const json& said : on_ranks(2, "even_step")) {
    const std::size_t buckets = said["buckets"];
    ASSERT_GE(buckets, 3u);
    ASSERT_EQ(said["launched"].size(), buckets);
    for (std::size_t b = 0; b < buckets; ++b) EXPECT_EQ(said["launched"][b], b);
  }
  for (const json& said : on_ranks(2, "no_overlap")) EXPECT_EQ(said["early"], 0);
  expect_whole(on_ranks(2, "no_overlap"), some_batch(8, 1));
  expect_whole(on_ranks(2, "checked_order"), some_batch(8, 1));
}

// A chain of scalars whose order in backward is known: parameters last, middle and first are met in that order.
struct Chain : Module {
  explicit Chain(bool backwards = false) : backwards(backwards) {
    for (int i = 0; i < 3; ++i) parameters_.emplace_back(Array({2}, {Real(1 + i), Real(2 + i)}), true);
  }
  Tensor forward(const Tensor& x) override {
    Tensor y = x;
    for (int i = 0; i < 3; ++i) y = y * parameters_[backwards ? 2 - i : i];
    return y;
  }
  void members(Members& m) override {
    for (std::size_t i = 0; i < 3; ++i) m("p" + std::to_string(i), parameters_[i]);
  }
  bool backwards;
  Tensors parameters_;
};

Tensor sum_of(const Tensor& output, const Batch&) { return mean(output); }

// One number of `label`s, so that the mean over examples counts.
Batch pair_of(Real a, Real b) { return {Array({1, 2}, {a, b}), Indices({1}, {0})}; }

RANKS(other_order_on_rank_1) {  // rank 1 meets its parameters the other way round
  Chain chain(world.rank() == 1);
  DataParallelOptions each_alone{.bucket_bytes = 1};
  each_alone.check_order = true;
  DataParallel parallel(world, chain, each_alone);
  parallel.backward(sum_of, pair_of(1, 2));
  says["gradients"] = gradients_of(chain);
  says["launched"] = parallel.launched();
  says["early"] = parallel.times().early;
}

TEST(Unit_21_6, BucketsKeepTheirOrderWhereGradientsDoNot) {
  const std::vector<json> said = on_ranks(2, "other_order_on_rank_1");
  for (const json& each : said) {
    EXPECT_EQ(each["launched"], json({0, 1, 2}));
    EXPECT_EQ(each["gradients"], said[0]["gradients"]);
    EXPECT_TRUE(close(each["gradients"]["p2"], json({0.5 * 1 * 2, 0.5 * 2 * 2 * 3}), 1e-6));  // x·p0·p1/2
  }
  for (const json& each : said)
    EXPECT_EQ(each["early"], 3) << "every bucket was full before the backward pass was over";
}

// One tensor used twice: its gradient is complete once, and travels once.
struct Tied : Module {
  Tied() : weight(Array({2}, {3, 4}), true) {}
  Tensor forward(const Tensor& x) override { return x * weight * weight; }
  void members(Members& m) override {
    m("one", weight);
    m("two", weight);
  }
  Tensor weight;
};

RANKS(tied) {
  Tied net;
  DataParallel parallel(world, net);
  for (int step = 0; step < 2; ++step) {  // the second step begins anew
    parallel.backward(sum_of, pair_of(Real(1 + world.rank()), 1));
    says["gradients"] = gradients_of(net);
  }
}

TEST(Unit_21_6, ATiedWeightTravelsOnce) {  // d/dw mean(x·w²) = x·w, with the mean of x over ranks: 1.5 and 1
  for (const json& said : on_ranks(2, "tied")) EXPECT_TRUE(close(said["gradients"]["one"], json({4.5, 4}), 1e-6));
}

// Rank 1 alone uses `extra`.
struct Sometimes : Module {
  explicit Sometimes(bool on) : base(Array({2}, {1, 1}), true), extra(Array({2}, {2, 2}), true), on(on) {}
  Tensor forward(const Tensor& x) override { return on ? x * base + x * extra : x * base; }
  void members(Members& m) override {
    m("base", base);
    m("extra", extra);
  }
  Tensor base, extra;
  bool on;
};

RANKS(used_on_one_rank) {
  Sometimes net(world.rank() == 1);
  DataParallel parallel(world, net, {.bucket_bytes = 1});
  parallel.backward(sum_of, pair_of(2, 4));
  says["gradients"] = gradients_of(net);
}

TEST(Unit_21_6, AParameterThatOneRankUsesHangsNobody) {
  for (const json& said : on_ranks(2, "used_on_one_rank")) {
    EXPECT_TRUE(close(said["gradients"]["extra"], json({0.5, 1}), 1e-6)) << "half: the other rank's share is zero";
    EXPECT_TRUE(close(said["gradients"]["base"], json({1, 2}), 1e-6));
  }
}

RANKS(batch_norm) {
  Generator random(1);
  Sequential net{Linear({.in = 3, .out = 4}, random), BatchNorm1d({.features = 4})};
  DataParallel parallel(world, net);
  parallel.backward(cross_entropy_of, own_rows(some_batch(8, 4), world.rank(), world.size()));
  says["values"] = values_of(net);
}

TEST(Unit_21_6, BuffersAreRank0s) {
  const std::vector<json> said = on_ranks(2, "batch_norm");
  EXPECT_EQ(said[0]["values"], said[1]["values"]) << "running statistics would go apart";
}

RANKS(dropout_masks) {
  Generator random(1);
  Sequential net{Dropout({.p = 0.5}, random)};
  DataParallel parallel(world, net);
  says["mask"] = to_doubles(net(Tensor(ones({64}))).value());
}

TEST(Unit_21_6, RanksDropDifferentNeurons) {
  const std::vector<json> said = on_ranks(2, "dropout_masks");
  EXPECT_NE(said[0]["mask"], said[1]["mask"]);
}

}  // namespace
}  // namespace rushlight::test
