#include "03_layers/module.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

struct Part : Module {
  Tensor weight = Tensor(Array({2}, {1, 2}), true);
  Tensor bias;
  Tensor seen = Tensor(Array({}, {3}));
  Tensor forward(const Tensor& x) override { return x * weight; }
  void members(Members& m) override {
    m("weight", weight);
    m("bias", bias);
    m.buffer("seen", seen);
  }
};

struct Whole : Module {
  Part a, b;
  Tensor table = Tensor(Array({1, 3}, {4, 5, 6}), true);
  Tensor forward(const Tensor& x) override { return b(a(x)); }
  void members(Members& m) override {
    m("a", a);
    m("b", b);
    m("table", table);
  }
};

std::vector<std::string> keys(const StateDict& state) {
  std::vector<std::string> all;
  for (const auto& [key, value] : state) all.push_back(key);
  return all;
}

TEST(Unit_03_8, HoldsParametersAndBuffersByPath) {
  Whole whole;
  const StateDict state = whole.state_dict();
  EXPECT_EQ(keys(state), (std::vector<std::string>{"a.seen", "a.weight", "b.seen", "b.weight", "table"}));
  ASSERT_EQ(state.size(), 5u);
  EXPECT_TRUE(near(state.at("table"), {1, 3}, {4, 5, 6}, exactly));
  EXPECT_TRUE(near(state.at("b.seen"), {}, {3}, exactly));
}

TEST(Unit_03_8, IsACopy) {
  Whole whole;
  StateDict state = whole.state_dict();
  ASSERT_EQ(state.size(), 5u);
  whole.table.mutable_value().mutable_data()[0] = 100;
  EXPECT_TRUE(near(state.at("table"), {1, 3}, {4, 5, 6}, exactly)) << "training on must not change what was saved";
  state.at("a.weight").mutable_data()[0] = 100;
  EXPECT_TRUE(near(whole.a.weight.value(), {2}, {1, 2}, exactly));
}

TEST(Unit_03_8, RoundTripIsBitExact) {
  Whole from, to;
  from.a.weight.set_value(randn({2}, 1));
  from.b.seen.set_value(Array({}, {-0.0}));
  from.table.set_value(randn({1, 3}, 2));
  to.load_state_dict(from.state_dict());
  EXPECT_TRUE(same_bits(to.a.weight.value(), from.a.weight.value()));
  EXPECT_TRUE(same_bits(to.b.seen.value(), from.b.seen.value()));
  EXPECT_TRUE(same_bits(to.table.value(), from.table.value()));
}

TEST(Unit_03_8, LoadingCopiesAndKeepsTheGraph) {
  Whole whole;
  const auto node = whole.table.node();
  StateDict state = whole.state_dict();
  state["table"] = Array({1, 3}, {7, 8, 9});
  whole.load_state_dict(state);
  EXPECT_EQ(whole.table.node(), node);
  EXPECT_TRUE(whole.table.requires_grad());
  EXPECT_FALSE(whole.a.seen.requires_grad());
  state["table"].mutable_data()[0] = 100;
  EXPECT_TRUE(near(whole.table.value(), {1, 3}, {7, 8, 9}, exactly)) << "the module must not share the state's buffer";
}

TEST(Unit_03_8, OneErrorListsEverything) {
  Whole whole;
  StateDict state = whole.state_dict();
  state.erase("a.weight");
  state.erase("b.seen");
  state["table"] = ones({3, 1});
  state["head.weight"] = ones({2, 2});
  EXPECT_THROWS_WITH(whole.load_state_dict(state), ValueError, "load_state_dict", "missing: a.weight",
                     "missing: b.seen", "misshapen: table", "(1, 3)", "(3, 1)", "unexpected: head.weight");
}

TEST(Unit_03_8, AStateThatDoesNotFitChangesNothing) {
  for (const int fault : {0, 1, 2, 3}) {
    Whole whole;
    StateDict state;
    for (const auto& [key, value] : whole.state_dict()) state[key] = Array::full(value.shape(), 50);
    if (fault == 0) state.erase("table");
    if (fault == 1) state["table"] = ones({3});
    if (fault == 2) state["zzz"] = ones({3});
    if (fault == 3) state["b.seen"] = Array();
    EXPECT_THROWS_WITH(whole.load_state_dict(state), ValueError, "nothing was loaded");
    EXPECT_TRUE(near(whole.a.weight.value(), {2}, {1, 2}, exactly)) << "fault " << fault;
    EXPECT_TRUE(near(whole.a.seen.value(), {}, {3}, exactly)) << "fault " << fault;
    EXPECT_TRUE(near(whole.table.value(), {1, 3}, {4, 5, 6}, exactly)) << "fault " << fault;
  }
}

TEST(Unit_03_8, EqualSizeIsNotEqualShape) {
  Whole whole;
  StateDict state = whole.state_dict();
  state["a.weight"] = ones({1, 2});
  EXPECT_THROWS_WITH(whole.load_state_dict(state), ValueError, "misshapen: a.weight", "(2,)", "(1, 2)");
}

TEST(Unit_03_8, SharedParameterIsSavedUnderEachName) {
  Whole whole;
  whole.b.weight = whole.a.weight;
  StateDict state = whole.state_dict();
  EXPECT_TRUE(state.contains("a.weight"));
  EXPECT_TRUE(state.contains("b.weight"));
  state["a.weight"] = state["b.weight"] = Array({2}, {8, 9});
  whole.load_state_dict(state);
  EXPECT_TRUE(near(whole.a.weight.value(), {2}, {8, 9}, exactly));
  EXPECT_EQ(whole.a.weight.node(), whole.b.weight.node());
}

TEST(Unit_03_8, AChildInTwoPlacesIsSavedUnderBothNames) {
  struct Twice : Module {
    Part part;
    Tensor forward(const Tensor& x) override { return part(part(x)); }
    void members(Members& m) override {
      m("a", part);
      m("b", part);
    }
  } twice;
  EXPECT_EQ(keys(twice.state_dict()), (std::vector<std::string>{"a.seen", "a.weight", "b.seen", "b.weight"}));
  EXPECT_THROWS_WITH(twice.load_state_dict({{"a.seen", ones({})}, {"a.weight", ones({2})}}), ValueError,
                     "missing: b.seen", "missing: b.weight");
}

TEST(Unit_03_8, TwoMembersOfOneNameAreAnError) {
  struct Twice : Module {
    Part a, b;
    Tensor forward(const Tensor& x) override { return b(a(x)); }
    void members(Members& m) override {
      m("part", a);
      m("part", b);
    }
  } twice;
  EXPECT_THROWS_WITH(twice.state_dict(), ValueError, "part.", "two members");
  struct ParameterAndBuffer : Module {
    Tensor parameter{ones({1}), true}, buffer{zeros({1})};
    Tensor forward(const Tensor& x) override { return x; }
    void members(Members& m) override {
      m("scale", parameter);
      m.buffer("scale", buffer);
    }
  } both;
  EXPECT_THROWS_WITH(both.state_dict(), ValueError, "scale", "two members");
  both.buffer = both.parameter;
  EXPECT_THROWS_WITH(both.state_dict(), ValueError, "scale", "two members");  // of one tensor, too
}

TEST(Unit_03_8, AnEmptyModule) {
  struct Nothing : Module {
    Tensor forward(const Tensor& x) override { return x; }
    void members(Members&) override {}
  } nothing;
  EXPECT_TRUE(nothing.state_dict().empty());
  nothing.load_state_dict({});
  EXPECT_THROWS_WITH(nothing.load_state_dict({{"weight", ones({2})}}), ValueError, "unexpected: weight");
}

}  // namespace
}  // namespace rushlight::test
