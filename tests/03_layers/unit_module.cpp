#include "03_layers/module.hpp"

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// A toy with its child listed before its own tensors, one empty tensor, a buffer and a random source.
struct Leaf : Module {
  Tensor scale = Tensor(Array({2}, {1, 2}), true);
  Tensor empty;
  Tensor count = Tensor(Array({}, {7}));
  Generator generator{5};
  Tensor forward(const Tensor& x) override { return x * scale; }
  void members(Members& m) override {
    m("scale", scale);
    m("empty", empty);
    m.buffer("count", count);
    m("generator", generator);
  }
};

struct Branch : Module {
  Leaf left, right;
  Tensor offset = Tensor(Array({3, 2}, {0, 0, 0, 0, 0, 0}), true);
  Tensor forward(const Tensor& x) override { return right(left(x)) + offset; }
  void members(Members& m) override {
    m("left", left);
    m("offset", offset);
    m("right", right);
  }
};

struct Tree : Module {
  Branch first;
  Leaf last;
  Tensor forward(const Tensor& x) override { return last(first(x)); }
  void members(Members& m) override {
    m("first", first);
    m("last", last);
  }
};

std::vector<std::string> names(const NamedTensors& tensors) {
  std::vector<std::string> all;
  for (const auto& [name, tensor] : tensors) all.push_back(name);
  return all;
}

TEST(Unit_03_1, OwnParametersComeBeforeThoseOfChildren) {
  Tree tree;
  const std::vector<std::string> expected{"first.offset", "first.left.scale", "first.right.scale", "last.scale"};
  EXPECT_EQ(names(tree.named_parameters()), expected);
}

TEST(Unit_03_1, PathsAreRelativeToTheModuleThatIsAsked) {
  Tree tree;
  EXPECT_EQ(names(tree.first.named_parameters()), (std::vector<std::string>{"offset", "left.scale", "right.scale"}));
  EXPECT_EQ(names(tree.last.named_parameters()), std::vector<std::string>{"scale"});
}

TEST(Unit_03_1, NamedParametersAreTheModulesOwnTensors) {
  Tree tree;
  NamedTensors found = tree.named_parameters();
  ASSERT_EQ(found.size(), 4u);
  found[3].second.set_value(Array({2}, {8, 9}));
  EXPECT_TRUE(near(tree.last.scale.value(), {2}, {8, 9}, exactly)) << "a handle, not a copy";
  EXPECT_EQ(found[0].second.node(), tree.first.offset.node());
}

TEST(Unit_03_1, BuffersAreNotParameters) {
  Tree tree;
  EXPECT_EQ(names(tree.named_buffers()),
            (std::vector<std::string>{"first.left.count", "first.right.count", "last.count"}));
  for (const auto& [name, parameter] : tree.named_parameters())
    EXPECT_EQ(name.find("count"), std::string::npos) << name;
}

TEST(Unit_03_1, EmptyTensorsAreLeftOut) {
  Leaf leaf;
  EXPECT_EQ(leaf.named_parameters().size(), 1u);
  leaf.empty = Tensor(Array({1}, {0}), true);
  EXPECT_EQ(leaf.named_parameters().size(), 2u);
  EXPECT_EQ(leaf.named_buffers().size(), 1u);
  leaf.count = Tensor();
  EXPECT_TRUE(leaf.named_buffers().empty());
}

TEST(Unit_03_1, GeneratorsAreFoundByPath) {
  Tree tree;
  const NamedGenerators found = tree.named_generators();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].first, "first.left.generator");
  EXPECT_EQ(found[2].first, "last.generator");
  EXPECT_EQ(found[2].second, &tree.last.generator);
}

TEST(Unit_03_1, ModulesStartWithTheRootAndGoDepthFirst) {
  Tree tree;
  const auto found = tree.named_modules();
  std::vector<std::string> paths;
  for (const auto& [path, module] : found) paths.push_back(path);
  EXPECT_EQ(paths, (std::vector<std::string>{"", "first", "first.left", "first.right", "last"}));
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0].second, &tree);
  EXPECT_EQ(found[3].second, &tree.first.right);
}

TEST(Unit_03_1, VisitCallsOnlyWhatIsSet) {
  Tree tree;
  int parameters = 0;
  visit_members(tree, {.parameter = [&](const std::string&, Tensor&) { ++parameters; }});
  EXPECT_EQ(parameters, 4);
  visit_members(tree, {});
}

TEST(Unit_03_1, AModuleIsVisitedBeforeWhatItOwns) {
  Branch branch;
  std::string seen;
  const auto note = [&](const char* kind) {
    return [&seen, kind](const std::string& path, const auto&) { seen += kind + (" '" + path + "'\n"); };
  };
  visit_members(branch, {note("module"), note("parameter"), note("buffer"), note("generator")});
  EXPECT_EQ(seen,
            "module ''\nparameter 'offset'\n"
            "module 'left'\nparameter 'left.scale'\nbuffer 'left.count'\ngenerator 'left.generator'\n"
            "module 'right'\nparameter 'right.scale'\nbuffer 'right.count'\ngenerator 'right.generator'\n");
}

TEST(Unit_03_1, VisitMayChangeWhatItSees) {
  Tree tree;
  visit_members(tree,
                {.parameter = [](const std::string&, Tensor& tensor) { tensor.set_value(zeros(tensor.shape())); }});
  EXPECT_TRUE(near(tree.first.right.scale.value(), {2}, {0, 0}, exactly));
}

TEST(Unit_03_1, SharedParameterIsListedOnceUnderItsFirstName) {
  Branch branch;
  branch.right.scale = branch.left.scale;  // tied: one tensor, two owners
  EXPECT_EQ(names(branch.named_parameters()), (std::vector<std::string>{"offset", "left.scale"}));
  EXPECT_EQ(branch.parameters().size(), 2u);
  EXPECT_EQ(branch.parameter_count(), 8);
}

// One layer in two places, as in a network that uses it twice.
struct Twice : Module {
  Leaf only;
  Tensor forward(const Tensor& x) override { return only(only(x)); }
  void members(Members& m) override {
    m("first", only);
    m("again", only);
  }
};

TEST(Unit_03_1, AChildThatIsListedTwiceIsVisitedUnderBothNames) {
  Twice twice;
  std::string seen;
  const auto note = [&](const std::string& path, const auto&) { seen += path + " "; };
  visit_members(twice, {.module = note, .parameter = note});
  EXPECT_EQ(seen, " first first.scale again again.scale ");
  EXPECT_EQ(names(twice.named_parameters()), std::vector<std::string>{"first.scale"}) << "an optimizer steps it once";
}

TEST(Unit_03_1, EqualValuesAreNotShared) {
  Branch branch;
  EXPECT_EQ(branch.named_parameters().size(), 3u)
      << "left.scale and right.scale hold equal numbers but are two tensors";
}

TEST(Unit_03_1, FrozenParametersStayListed) {
  Branch branch;
  branch.left.scale.requires_grad_(false);
  branch.right.scale.requires_grad_(false);
  EXPECT_EQ(branch.parameters().size(), 3u);
  EXPECT_EQ(branch.parameter_count(), 6 + 2 + 2);
}

TEST(Unit_03_1, ParametersFollowNamedParameters) {
  Tree tree;
  const Tensors parameters = tree.parameters();
  const NamedTensors named = tree.named_parameters();
  ASSERT_EQ(parameters.size(), 4u);
  ASSERT_EQ(named.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(parameters[i].node(), named[i].second.node());
}

TEST(Unit_03_1, ParameterCountCountsNumbers) {
  Tree tree;
  EXPECT_EQ(tree.parameter_count(), 6 + 2 + 2 + 2);
}

TEST(Unit_03_1, TrainingIsTheDefaultAndReachesEveryDescendant) {
  Tree tree;
  EXPECT_TRUE(tree.first.right.training());
  tree.eval();
  for (Module* module : std::vector<Module*>{&tree, &tree.first, &tree.first.left, &tree.first.right, &tree.last}) {
    EXPECT_FALSE(module->training());
  }
  tree.first.train();
  EXPECT_TRUE(tree.first.right.training());
  EXPECT_FALSE(tree.training()) << "train() on a child must not reach its parent";
  EXPECT_FALSE(tree.last.training()) << "nor its siblings";
  tree.train();
  tree.first.left.eval();
  tree.train();
  EXPECT_TRUE(tree.first.left.training()) << "also where the root was in training already";
}

TEST(Unit_03_1, ZeroGradClearsEveryParameter) {
  Tree tree;
  for (Tensor& parameter : std::vector<Tensor>{tree.first.offset, tree.first.left.scale, tree.last.scale}) {
    parameter.set_grad(ones(parameter.shape()));
  }
  tree.zero_grad();
  EXPECT_FALSE(tree.first.offset.grad().defined());
  EXPECT_FALSE(tree.first.left.scale.grad().defined());
  EXPECT_FALSE(tree.last.scale.grad().defined());
}

TEST(Unit_03_1, ModuleWithoutMembers) {
  struct Nothing : Module {
    Tensor forward(const Tensor& x) override { return x; }
    void members(Members&) override {}
  } nothing;
  EXPECT_TRUE(nothing.parameters().empty());
  EXPECT_EQ(nothing.parameter_count(), 0);
  EXPECT_EQ(nothing.named_modules().size(), 1u);
}

}  // namespace
}  // namespace rushlight::test
