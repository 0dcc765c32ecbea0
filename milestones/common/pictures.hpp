// pictures.hpp: events that the command line draws.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "08_dataloader/dataset.hpp"
#include "common/milestone.hpp"

namespace rushlight::milestone {

// The first `count` images with what they are and what they were taken for.
inline void emit_predictions(const ImageSet& images, const std::vector<int>& predictions,
                             const std::vector<std::string>& classes, std::int64_t count = 24) {
  count = std::min(count, images.size());
  Json pixels = Json::array();
  for (std::int64_t i = 0; i < count; ++i) pixels.push_back(images.image(i).pixels);
  const auto n = static_cast<std::ptrdiff_t>(count);
  emit("picture", {{"kind", "predictions"},
                   {"images", std::move(pixels)},
                   {"labels", std::vector<int>(images.labels.begin(), images.labels.begin() + n)},
                   {"predictions", std::vector<int>(predictions.begin(), predictions.begin() + n)},
                   {"classes", classes}});
}

// Row: what it is; column: what it was taken for.
inline void emit_confusion(const std::vector<std::int32_t>& labels, const std::vector<int>& predictions,
                           const std::vector<std::string>& classes) {
  std::vector<std::vector<int>> matrix(classes.size(), std::vector<int>(classes.size()));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++matrix.at(static_cast<std::size_t>(labels[i])).at(static_cast<std::size_t>(predictions[i]));
  }
  emit("picture", {{"kind", "confusion"}, {"matrix", matrix}, {"classes", classes}});
}

struct Point {
  double x, y;
  int label;
};

// `score` over a square around the unit square: where it changes its sign is the decision.
inline void emit_decision(const std::function<double(double x, double y)>& score, const std::vector<Point>& points) {
  constexpr int side = 60;
  constexpr double low = -0.5;
  constexpr double high = 1.5;
  Json grid = Json::array();
  for (int row = 0; row < side; ++row) {
    Json line = Json::array();
    for (int column = 0; column < side; ++column) {
      const auto at = [](int i) { return low + (high - low) * (i + 0.5) / side; };
      line.push_back(score(at(column), at(row)));
    }
    grid.push_back(std::move(line));
  }
  Json marks = Json::array();
  for (const Point& point : points) marks.push_back({point.x, point.y, point.label});
  emit("picture",
       {{"kind", "decision"}, {"grid", std::move(grid)}, {"extent", {low, high, low, high}}, {"points", marks}});
}

}  // namespace rushlight::milestone
