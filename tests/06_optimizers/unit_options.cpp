// Each option by itself at and beyond the ends of its domain, for the first group and for a later one.
#include <limits>

#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

const double none = std::numeric_limits<double>::quiet_NaN(), endless = std::numeric_limits<double>::infinity();

enum class Domain { not_negative, fraction, finite };

struct OptionDomain {
  const char* name;
  Domain domain;
};

Doubles good_values(Domain domain) {
  if (domain == Domain::not_negative) return {0, -0.0, 5e-324, 1e300};
  if (domain == Domain::fraction) return {0, -0.0, 0.5, std::nextafter(1.0, 0.0)};
  return {0, -1e300, 1e300, -1, 2};
}

Doubles bad_values(Domain domain) {
  Doubles bad = {none, endless, -endless};
  if (domain != Domain::finite) bad.insert(bad.end(), {-5e-324, -1});
  if (domain == Domain::fraction) bad.insert(bad.end(), {1, 1.5});
  return bad;
}

template <class Options>
void set_option(Options& options, const std::string& wanted, double to) {
  options.visit([&](const char* name, double& value) { value = wanted == name ? to : value; });
}

// The message names optimizer and option. The other group is as it should be.
template <class Optimizer, class Options>
void expect_domains(const char* optimizer, const Options& usual, const std::vector<OptionDomain>& domains) {
  const auto make = [&](const Options& options, std::size_t place) {
    typename Optimizer::Groups groups;
    for (std::size_t g = 0; g < 3; ++g) groups.push_back({.parameters = {leaf({1}, {1})}, .options = {}});
    groups[place].options = options;
    const Optimizer made(groups);
  };
  for (const auto& [name, domain] : domains) {
    for (std::size_t place = 0; place < 3; ++place) {
      for (const double value : good_values(domain)) {
        Options options = usual;
        set_option(options, name, value);
        EXPECT_NO_THROW(make(options, place)) << name << " = " << value << " in group " << place;
      }
      for (const double value : bad_values(domain)) {
        Options options = usual;
        set_option(options, name, value);
        SCOPED_TRACE(fmt::format("{} = {} in group {}", name, value, place));
        EXPECT_THROWS_WITH(make(options, place), ValueError, optimizer, name);
      }
    }
  }
}

TEST(Unit_06_2, EachOptionHasItsDomain) {
  expect_domains<SGD, SGDOptions>("SGD", {.momentum = 0.5},
                                  {{"lr", Domain::not_negative},
                                   {"momentum", Domain::not_negative},
                                   {"weight_decay", Domain::not_negative},
                                   {"dampening", Domain::finite}});
}

TEST(Unit_06_2, NesterovNeedsMomentumAndNoDampening) {
  const Tensors a = {leaf({1}, {1})};
  for (const double momentum : {0.0, -0.0}) {
    EXPECT_THROWS_WITH(SGD(a, {.momentum = momentum, .nesterov = true}), ValueError, "SGD", "nesterov");
  }
  for (const double dampening : {0.5, -0.5, 1e-300, 1.0}) {
    EXPECT_THROWS_WITH(SGD(a, {.momentum = 0.5, .dampening = dampening, .nesterov = true}), ValueError, "nesterov");
  }
  for (const double momentum : {5e-324, 0.5, 1.0, 2.0}) {
    EXPECT_NO_THROW(SGD(a, {.momentum = momentum, .nesterov = true})) << momentum;
  }
}

TEST(Unit_06_3, EachOptionHasItsDomain) {
  expect_domains<RMSprop, RMSpropOptions>("RMSprop", {},
                                          {{"lr", Domain::not_negative},
                                           {"alpha", Domain::fraction},
                                           {"eps", Domain::not_negative},
                                           {"weight_decay", Domain::not_negative},
                                           {"momentum", Domain::not_negative}});
}

const std::vector<OptionDomain> of_adam = {{"lr", Domain::not_negative},
                                           {"beta1", Domain::fraction},
                                           {"beta2", Domain::fraction},
                                           {"eps", Domain::not_negative},
                                           {"weight_decay", Domain::not_negative}};

TEST(Unit_06_4, EachOptionHasItsDomain) { expect_domains<Adam, AdamOptions>("Adam", {}, of_adam); }

// AdamW through Adam's options, which can be named.
struct NamedAdamW : AdamW {
  using Groups = std::vector<Group<AdamOptions>>;
  explicit NamedAdamW(const Groups& groups) : AdamW(as_adamw(groups)) {}
  static AdamW::Groups as_adamw(const Groups& groups) {
    AdamW::Groups result;
    for (const auto& [parameters, o] : groups) result.push_back({parameters, {o.lr, o.betas, o.eps, o.weight_decay}});
    return result;
  }
};

TEST(Unit_06_5, EachOptionHasItsDomain) { expect_domains<NamedAdamW, AdamOptions>("AdamW", {}, of_adam); }

}  // namespace
}  // namespace rushlight::test
