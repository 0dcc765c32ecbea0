// shapes.cpp: a small LeNet that learns to tell five kinds of drawings while the reader looks, and then reads theirs.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "02_activations/activations.hpp"
#include "03_layers/activation_layers.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/sequential.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "09_spatial/spatial.hpp"
#include "drawing.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t filters = 8, batch = 40, examined = 100;
constexpr std::uint64_t exam_seed = 1998;

// 1 x 16 x 16 -> 8 x 16 x 16 -> 8 x 8 x 8 -> 12 x 8 x 8 -> 12 x 4 x 4 -> 32 -> 5
struct Reader : Module {
  explicit Reader(Generator& random)
      : first({.in = 1, .out = filters, .kernel = 3, .padding = 1}, random),
        second({.in = filters, .out = 12, .kernel = 3, .padding = 1}, random),
        hidden({.in = 12 * 4 * 4, .out = 32}, random),
        last({.in = 32, .out = drawing_kind_count}, random) {}

  Tensor forward(const Tensor& x) override {
    const Tensor pooled = max_pool2d(relu(second(max_pool2d(relu(first(x))))));
    return last(relu(hidden(reshape(pooled, {x.dim(0), 12 * 4 * 4}))));
  }
  void members(Members& m) override {
    m("first", first);
    m("second", second);
    m("hidden", hidden);
    m("last", last);
  }

  Conv2d first, second;
  Linear hidden, last;
};

struct Lesson {
  explicit Lesson(std::uint64_t seed) : random(seed), net(random), adam(net.parameters(), {.lr = 0.01}) {}
  Generator random;
  Reader net;
  Adam adam;
  std::int64_t steps = 0;
};
std::optional<Lesson> lesson;

Lesson& now() {
  if (!lesson) throw GraphError("shapes: no network yet; ask for {} first.", {"shapes new"});
  return *lesson;
}

struct Drawings {
  Array images;
  Indices kinds;
};

Drawings drawings(std::int64_t count, Generator& random) {
  std::vector<Array> images;
  std::vector<std::int32_t> kinds;
  for (std::int64_t i = 0; i < count; ++i) {
    images.push_back(draw(i % drawing_kind_count, random));
    kinds.push_back(static_cast<std::int32_t>(i % drawing_kind_count));
  }
  return {concat(images, 0), Indices({count}, kinds)};
}

// The share of drawings that it has never seen and names rightly.
double exam() {
  Generator random(exam_seed);
  const Drawings unseen = drawings(examined, random);
  const NoGrad off;
  const Array logits = now().net(Tensor(unseen.images)).value();
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < examined; ++i) {
    const auto row = logits.data().subspan(static_cast<std::size_t>(i * drawing_kind_count), drawing_kind_count);
    right += std::max_element(row.begin(), row.end()) - row.begin() == i % drawing_kind_count;
  }
  return double(right) / double(examined);
}

std::string train(std::int64_t steps) {
  Lesson& l = now();
  double loss = 0;
  for (std::int64_t i = 0; i < steps; ++i, ++l.steps) {
    const Drawings seen = drawings(batch, l.random);
    const Tensor error = cross_entropy(l.net(Tensor(seen.images)), seen.kinds);
    l.adam.zero_grad();
    error.backward();
    l.adam.step();
    loss = error.item();
  }
  return "{\"steps\":" + std::to_string(l.steps) + ",\"loss\":" + number(loss) + ",\"accuracy\":" + number(exam()) +
         "}";
}

std::string read(const Array& image) {
  Lesson& l = now();
  const NoGrad off;
  const Tensor x(image);
  return "{\"probabilities\":" + list(softmax(l.net(x), -1).value()) +
         ",\"filters\":" + list(l.net.first.weight.value()) + ",\"maps\":" + list(relu(l.net.first(x)).value()) + "}";
}

}  // namespace

std::string shapes(Request& request) {
  const std::string what = request.word();
  if (what == "new") {
    lesson.emplace(static_cast<std::uint64_t>(request.whole(0, 1000000)));
    return "{}";
  }
  if (what == "kinds") return list(drawing_kinds, [](const char* kind) { return quoted(kind); });
  if (what == "draw") {  // draw KIND seed
    const std::int64_t kind = request.whole(0, drawing_kind_count - 1);
    Generator random(static_cast<std::uint64_t>(request.whole(0, 1000000)));
    return "{\"cells\":" + quoted(cells_of(draw(kind, random))) + "}";
  }
  if (what == "train") return train(request.whole(1, 1000));
  if (what == "read") return read(drawing_of(request.word()));
  throw ValueError("shapes: it cannot {}.", {what});
}

}  // namespace rushlight::live
