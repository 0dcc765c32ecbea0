#include "2018_compression/gpt.hpp"

#include "05_autograd/autograd.hpp"
#include "17_compression/compression.hpp"

namespace rushlight::compression {
namespace {

// Another GPT of the same options and the same numbers.
GPT copy_of(GPT& model) {
  Generator random(0);
  GPT copy(model.options(), random);
  copy.load_state_dict(model.state_dict());
  return copy;
}

// Of A to B, as "B is so many times faster".
bench::Interval times_faster(const bench::Work& a, const bench::Work& b, std::int64_t rounds) {
  return bench::compare(a, b, {.rounds = rounds}).ratio;
}

}  // namespace

StateDict with_fewer_neurons(GPT& model, std::int64_t keep) {
  GPT smaller = copy_of(model);
  for (TransformerBlock& block : smaller.blocks) prune_neurons(block.mlp.fc1, block.mlp.fc2, keep);
  return smaller.state_dict();
}

StateDict with_every_second_block(GPT& model) {
  StateDict half;
  for (const auto& [name, array] : model.state_dict()) {
    const std::string blocks = "blocks.";
    if (!name.starts_with(blocks)) {
      half[name] = array;
      continue;
    }
    const std::size_t dot = name.find('.', blocks.size());
    const std::int64_t block = std::stoll(name.substr(blocks.size(), dot - blocks.size()));
    if (block % 2 == 0) half[blocks + std::to_string(block / 2) + name.substr(dot)] = array;
  }
  return half;
}

milestone::WindowLoss distillation(GPT& teacher) {
  return [&teacher](GPT& student, const milestone::Windows& windows) {
    const Tensor target = [&] {
      const NoGrad constant;
      const EvaluationMode evaluation(teacher);
      return teacher(windows.inputs);
    }();
    return distill_loss(student(windows.inputs), target, windows.targets, {.temperature = 2, .alpha = 0.9});
  };
}

std::int32_t Reader::next() {
  if (cache_.length() == model_.options().context) {
    cache_.truncate(0);
    last_ = 0;
  }
  const NoGrad no_grad;
  const Array logits = cached_logits(model_, Indices({1, 1}, {last_}), cache_).value();
  last_ = argmax(logits).data()[0];
  return last_;
}

void Reader::text() {
  cache_.truncate(0);
  last_ = 0;
  for (std::int64_t i = 0; i < length(); ++i) next();
}

std::int64_t Reader::length() const { return model_.options().context; }

WidthRow compare_at(std::int64_t width, std::int64_t layers, std::int64_t rounds, std::uint64_t seed) {
  const GPTOptions options{.vocabulary = 96, .context = 64, .width = width, .layers = layers, .heads = 4};
  Generator random(seed);
  GPT whole(options, random);
  whole.eval();
  WidthRow row{.width = width, .float_bytes = held_bytes(whole), .q8_0 = {}, .q4_0 = {}};
  Reader reader(whole);
  for (const WeightFormat format : {WeightFormat::q8_0, WeightFormat::q4_0}) {
    GPT small = copy_of(whole);
    small.eval();
    quantize(small, {.weights = format});
    Reader small_reader(small);
    const bench::Interval faster = times_faster([&] { reader.text(); }, [&] { small_reader.text(); }, rounds);
    (format == WeightFormat::q8_0 ? row.q8_0 : row.q4_0) = faster;
  }
  return row;
}

}  // namespace rushlight::compression
