#include "2017_transformer/trigram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rushlight::milestone {

Trigram::Trigram(std::span<const std::int32_t> train, std::int64_t vocabulary) : vocabulary_(vocabulary) {
  for (std::size_t i = 0; i < train.size(); ++i) {
    for (std::size_t n = 0; n <= 3 && i + n <= train.size(); ++n) {
      ++counts_[{train.begin() + static_cast<std::ptrdiff_t>(i), train.begin() + static_cast<std::ptrdiff_t>(i + n)}];
    }
  }
}

Trigram::Parts Trigram::parts(std::int32_t a, std::int32_t b, std::int32_t c) const {
  const auto count = [this](const std::vector<std::int32_t>& ids) {
    const auto found = counts_.find(ids);
    return found == counts_.end() ? 0.0 : found->second;
  };
  const auto share = [&](double part, double whole) { return whole > 0 ? part / whole : 0.0; };
  return {1.0 / static_cast<double>(vocabulary_), share(count({c}), count({})), share(count({b, c}), count({b})),
          share(count({a, b, c}), count({a, b}))};
}

double Trigram::loss(const std::vector<Parts>& all, const Parts& weights) {
  double total = 0;
  for (const Parts& parts : all) {
    double p = 0;
    for (std::size_t n = 0; n < parts.size(); ++n) p += weights[n] * parts[n];
    total -= std::log(p);
  }
  return total / static_cast<double>(all.size());
}

double Trigram::best_loss(std::span<const std::int32_t> ids) const {
  std::vector<Parts> all;
  for (std::size_t i = 2; i < ids.size(); ++i) all.push_back(parts(ids[i - 2], ids[i - 1], ids[i]));
  double best = std::numeric_limits<double>::infinity();
  for (double three = 0.4; three < 0.95; three += 0.05) {
    for (double two = 0.0; three + two < 0.99; two += 0.05) {
      const double rest = 1 - three - two;
      best = std::min(best, loss(all, {0.1 * rest, 0.9 * rest, two, three}));
    }
  }
  return best;
}

}  // namespace rushlight::milestone
