#include "2018_compression/states.hpp"

#include "05_autograd/autograd.hpp"
#include "07_training/run_state.hpp"
#include "2018_compression/kept.hpp"

namespace rushlight::compression {
namespace {

constexpr std::int64_t images_at_once = 100;

Cnn empty_cnn() {
  Generator random(0);
  Cnn network = milestone::lenet(random);
  network.eval();
  return network;
}

Speed speed_of_cnn(Cnn& network, const Clothes& data) {
  const NoGrad no_grad;
  const Tensor one(data.images(1)), many(data.images(images_at_once));
  return speed_of([&] { bench::keep(network(one)); }, [&] { bench::keep(network(many)); }, images_at_once);
}

}  // namespace

void States::add(const std::string& name, const std::function<Measured()>& measure) {
  const std::string what = network_ + ", " + name;
  const auto work = [&]() -> SafeTensors {
    const Measured now = measure();
    on_measured_(now, part.states.size() + 1);
    return {.tensors = {}, .metadata = kept(now)};
  };
  Measured state = state_at(journal_.part(what, 0, work).metadata);
  state.from_before = journal_.is_from_before(what);
  part.states.push_back(std::move(state));
}

Measured CnnStates::measured(const std::string& name, Cnn& network, const std::string& path) {
  const NoGrad no_grad;
  const Tensor one(data_.images(1));
  Measured state{.name = name,
                 .quality = data_.accuracy(network),
                 .file_bytes = size_of_file(path),
                 .memory_bytes = 0,
                 .speed = {}};
  state.memory_bytes = memory_of(network, [&] { bench::keep(network(one)); });
  state.speed = speed_of_cnn(network, data_);
  return state;
}

void CnnStates::add_float(const std::string& name, Cnn& network, const std::string& file) {
  add(name, [&] {
    SafeTensors whole;
    put_arrays(whole, "", network.state_dict());
    save_safetensors(path(file), whole);
    Cnn loaded = empty_cnn();
    loaded.load_state_dict(arrays_at(load_safetensors(path(file)), ""));
    return measured(name, loaded, path(file));
  });
}

void CnnStates::add_int8(const std::string& name, Cnn& network, const std::string& file) {
  add(name, [&] {
    save_quantized(path(file), network, WeightFormat::int8);
    Cnn loaded = empty_cnn();
    load_quantized(path(file), loaded);
    return measured(name, loaded, path(file));
  });
}

void CnnStates::add_shared(const std::string& name, const CompressedState& state, const std::string& file) {
  add(name, [&] {
    save_compressed(path(file), state);
    Cnn loaded = empty_cnn();
    loaded.load_state_dict(restored(load_compressed(path(file))));
    return measured(name, loaded, path(file));
  });
}

void CnnStates::add_shared_int8(const std::string& name, const std::string& file) {
  add(name, [&] {
    Cnn loaded = empty_cnn();
    loaded.load_state_dict(restored(load_compressed(path(file))));
    quantize(loaded, {.weights = WeightFormat::int8});
    return measured(name, loaded, path(file));
  });
}

Measured GptStates::measured(const std::string& name, GPT model, const std::string& path) const {
  Measured state{.name = name,
                 .quality = milestone::loss_on_text(model, text_, model.options().context),
                 .file_bytes = size_of_file(path),
                 .memory_bytes = 0,
                 .speed = {}};
  Reader reader(model);
  state.memory_bytes = memory_of(model, [&] { Reader(model).text(); });
  state.speed = speed_of([&] { reader.next(); }, [&] { reader.text(); }, reader.length());
  return state;
}

void GptStates::add_float(const std::string& name, GPT& model, const std::string& file) {
  const auto load = [from = path(file)] { return load_gpt(from); };
  add(name, [&] {
    save_gpt(path(file), model);
    return measured(name, load(), path(file));
  });
  loads_.push_back(load);
}

void GptStates::add_small(const std::string& name, GPT& model, WeightFormat format, const std::string& file,
                          const std::function<SafeTensors(SafeTensors)>& spoil) {
  const auto load = [options = model.options(), from = path(file)] {
    Generator random(0);
    GPT loaded(options, random);
    load_quantized(from, loaded);
    loaded.eval();
    return loaded;
  };
  add(name, [&] {
    SafeTensors state = quantized_state(model, format);
    if (spoil) state = spoil(std::move(state));
    save_safetensors(path(file), state);
    return measured(name, load(), path(file));
  });
  loads_.push_back(load);
}

bench::Comparison GptStates::compare_with(std::size_t state, std::int64_t rounds) const {
  GPT whole = loads_.front()(), small = loads_.at(state)();
  Reader a(whole), b(small);
  return bench::compare([&] { a.text(); }, [&] { b.text(); }, {.rounds = rounds});
}

}  // namespace rushlight::compression
