// heads.cpp: a small GPT learns to say a word from behind. Its attention patterns can be looked at, and heads
// taken away, through the hook points of module 13.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "02_activations/activations.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "13_transformers/gpt.hpp"
#include "13_transformers/hooks.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t letters = 12, length = 8, context = 2 * length - 1, batch = 32, layers = 2, heads_in_layer = 2;
constexpr std::int32_t not_asked = -100;

struct School {
  explicit School(std::uint64_t seed)
      : random(seed),
        gpt({.vocabulary = letters,
             .context = context,
             .width = 32,
             .layers = layers,
             .heads = heads_in_layer,
             .hidden = 64},
            random),
        adam(gpt.parameters(), {.lr = 0.01}) {}
  Generator random;
  GPT gpt;
  Adam adam;
  std::int64_t steps = 0;
};
std::optional<School> school;

School& now() {
  if (!school) throw GraphError("heads: no network yet; ask for {} first.", {"heads new"});
  return *school;
}

// Words of 8 letters, each followed by itself from behind: abcdefgh hgfedcba, without the last letter. Nobody can know the
// word; what comes after it can be known.
struct Rows {
  Indices ids, next;
};
Rows rows(Generator& random) {
  std::vector<std::int32_t> ids, next;
  for (std::int64_t row = 0; row < batch; ++row) {
    std::vector<std::int32_t> word;
    for (std::int64_t i = 0; i < length; ++i) word.push_back(static_cast<std::int32_t>(random.below(letters)));
    std::vector<std::int32_t> line = word;
    line.insert(line.end(), word.rbegin(), word.rend());
    ids.insert(ids.end(), line.begin(), line.end() - 1);
    for (std::int64_t i = 1; i < 2 * length; ++i) next.push_back(i < length ? not_asked : line[std::size_t(i)]);
  }
  return {Indices({batch, context}, ids), Indices({batch, context}, next)};
}

std::string train(std::int64_t steps) {
  School& s = now();
  double loss = 0;
  for (std::int64_t i = 0; i < steps; ++i, ++s.steps) {
    const Rows r = rows(s.random);
    const Tensor error = cross_entropy(s.gpt(r.ids), r.next, {.ignore_index = not_asked});
    s.adam.zero_grad();
    error.backward();
    s.adam.step();
    loss = error.item();
  }
  return "{\"steps\":" + std::to_string(s.steps) + ",\"loss\":" + number(loss) + "}";
}

std::vector<std::int32_t> ids_of(const std::string& text) {
  std::vector<std::int32_t> ids;
  for (const char letter : text) {
    if (letter < 'a' || letter >= 'a' + letters) {
      throw ValueError("heads: it knows the letters a to {}, not \"{}\".",
                       {std::string(1, static_cast<char>('a' + letters - 1)), std::string(1, letter)});
    }
    ids.push_back(letter - 'a');
  }
  if (ids.empty() || std::ssize(ids) > context) {
    throw ValueError("heads: a text has 1 to {} letters, found {}.", {context, std::int64_t(std::ssize(ids))});
  }
  return ids;
}

using Heads = std::set<std::pair<std::int64_t, std::int64_t>>;  // layer, head

// "0.1,1.0" -> head 1 of layer 0 and head 0 of layer 1; "-" for none
Heads heads_of(const std::string& text) {
  Heads found;
  std::istringstream parts(text == "-" ? "" : text);
  for (std::string part; std::getline(parts, part, ',');) {
    const bool is_head = part.size() == 3 && part[1] == '.';
    const std::int64_t layer = is_head ? part[0] - '0' : -1, head = is_head ? part[2] - '0' : -1;
    if (layer < 0 || layer >= layers || head < 0 || head >= heads_in_layer) {
      throw ValueError("heads: there is no head {}.", {part});
    }
    found.insert({layer, head});
  }
  return found;
}

// z (B, T, H, K) with zeros for those heads of the layer: they add nothing to the stream.
HookRequests without(const Heads& gone) {
  HookRequests requests;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    Array kept = ones({heads_in_layer, 1});
    for (std::int64_t head = 0; head < heads_in_layer; ++head) {
      if (gone.contains({layer, head})) kept.mutable_data()[static_cast<std::size_t>(head)] = 0;
    }
    requests.push_back({.at = "blocks." + std::to_string(layer) + ".attn.hook_z",
                        .forward = [kept](const Tensor& z, HookPlace&) { return z * Tensor(kept); }});
  }
  return requests;
}

// What it thinks after each letter, and where each head looked.
std::string look(const std::string& text, const Heads& gone) {
  School& s = now();
  const std::vector<std::int32_t> ids = ids_of(text);
  const auto count = std::int64_t(std::ssize(ids));
  const NoGrad off;
  const HookScope scope(s.gpt, without(gone));
  const NameFilter wanted = [](const std::string& name) { return name.ends_with("hook_pattern"); };
  const CachedRun run = run_with_cache(s.gpt, [&] { return s.gpt(Indices({1, count}, ids)); }, {.names = wanted});
  std::string patterns;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    patterns += (layer ? "," : "") + list(run.cache.at("blocks." + std::to_string(layer) + ".attn.hook_pattern"));
  }
  return "{\"next\":" + list(softmax(run.out).value()) + ",\"patterns\":[" + patterns + "]}";
}

}  // namespace

std::string heads(Request& request) {
  const std::string what = request.word();
  if (what == "new") {
    school.emplace(static_cast<std::uint64_t>(request.whole(0, 1000000)));
    return "{}";
  }
  if (what == "train") return train(request.whole(1, 2000));
  if (what == "look") {  // look TEXT HEADS-TAKEN-AWAY
    const std::string text = request.word();
    return look(text, heads_of(request.word()));
  }
  throw ValueError("heads: it cannot {}.", {what});
}

}  // namespace rushlight::live
