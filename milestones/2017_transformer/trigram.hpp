// trigram.hpp: the model to beat. It counts what follows every pair of characters, which is what Shannon did with
// pencil and paper in 1948.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace rushlight::milestone {

// p(c | a b) = λ₃·count(abc)/count(ab) + λ₂·count(bc)/count(b) + λ₁·count(c)/N + λ₀/V,  Σλ = 1
// (Jelinek and Mercer, 1980). Counting alone would give an unseen triple no chance at all.
class Trigram {
 public:
  Trigram(std::span<const std::int32_t> train, std::int64_t vocabulary);

  // Mean of -ln p over ids[2...], with the λ that suit these very ids best among a grid: the benefit of the doubt goes
  // to the model that is to be beaten.
  double best_loss(std::span<const std::int32_t> ids) const;

 private:
  using Parts = std::array<double, 4>;  // 1/V, and the three fractions
  Parts parts(std::int32_t a, std::int32_t b, std::int32_t c) const;
  static double loss(const std::vector<Parts>& all, const Parts& weights);

  std::int64_t vocabulary_;
  std::map<std::vector<std::int32_t>, double> counts_;  // of one, two and three characters; of none: N
};

}  // namespace rushlight::milestone
