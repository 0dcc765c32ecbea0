#include "compare/weights.hpp"

namespace rushlight::compare {
namespace {

std::string block(std::int64_t layer) { return "blocks." + std::to_string(layer) + "."; }

// W (rows, D) reads what the norm left.
void fold_into(StateDict& state, const std::string& norm, const std::string& layer) {
  const Array gain = state.at(norm + ".weight"), shift = state.at(norm + ".bias");
  Array& weight = state.at(layer + ".weight");
  Array& bias = state.at(layer + ".bias");
  const std::size_t width = gain.data().size();
  const std::span<Real> w = weight.mutable_data(), b = bias.mutable_data();
  for (std::size_t row = 0; row < b.size(); ++row) {
    double moved = 0;
    for (std::size_t d = 0; d < width; ++d) {
      moved += static_cast<double>(w[row * width + d]) * shift.data()[d];
      w[row * width + d] *= gain.data()[d];
    }
    b[row] += static_cast<Real>(moved);
  }
}

void reset_norm(StateDict& state, const std::string& norm) {
  for (Real& x : state.at(norm + ".weight").mutable_data()) x = 1;
  for (Real& x : state.at(norm + ".bias").mutable_data()) x = 0;
}

// Takes the mean off every run of `count` numbers that lie `step` apart.
void centre(Array& array, std::size_t count, std::size_t step) {
  const std::span<Real> x = array.mutable_data();
  for (std::size_t start = 0; start < x.size();
       start = (start + 1) % step == 0 ? start + 1 + (count - 1) * step : start + 1) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += x[start + i * step];
    for (std::size_t i = 0; i < count; ++i) x[start + i * step] -= static_cast<Real>(sum / static_cast<double>(count));
  }
}

void centre_rows(Array& matrix) { centre(matrix, static_cast<std::size_t>(matrix.dim(1)), 1); }
void centre_columns(Array& matrix) {
  centre(matrix, static_cast<std::size_t>(matrix.dim(0)), static_cast<std::size_t>(matrix.size() / matrix.dim(0)));
}

}  // namespace

StateDict with_own_head(StateDict state) {
  for (auto& [name, array] : state) array = array.clone();
  Array& weight = state.at("unembed.weight");
  if (state.count("unembed.bias") == 0) state["unembed.bias"] = Array::full({weight.dim(0)}, 0);
  return state;
}

GPTOptions with_own_head(GPTOptions options) {
  options.tied = false;
  options.head_bias = true;
  return options;
}

StateDict fold_layer_norm(StateDict state, const GPTOptions& options) {
  for (std::int64_t i = 0; i < options.layers; ++i) {
    for (const char* layer : {"attn.q", "attn.k", "attn.v"}) fold_into(state, block(i) + "ln1", block(i) + layer);
    fold_into(state, block(i) + "ln2", block(i) + "mlp.fc1");
    reset_norm(state, block(i) + "ln1");
    reset_norm(state, block(i) + "ln2");
  }
  fold_into(state, "ln_final", "unembed");
  reset_norm(state, "ln_final");
  return state;
}

StateDict centre_writing_weights(StateDict state, const GPTOptions& options) {
  centre_rows(state.at("embed.weight"));
  if (state.count("pos_embed.weight") != 0) centre_rows(state.at("pos_embed.weight"));
  for (std::int64_t i = 0; i < options.layers; ++i) {
    for (const char* layer : {"attn.out", "mlp.fc2"}) {
      centre_columns(state.at(block(i) + layer + ".weight"));
      centre_columns(state.at(block(i) + layer + ".bias"));
    }
  }
  return state;
}

StateDict centre_unembed(StateDict state) {
  centre_columns(state.at("unembed.weight"));
  centre_columns(state.at("unembed.bias"));
  return state;
}

StateDict fold_value_bias(StateDict state, const GPTOptions& options) {
  const std::int64_t groups = options.groups == 0 ? options.heads : options.groups;
  const std::int64_t head_width = options.width / options.heads, together = options.heads / groups;
  for (std::int64_t i = 0; i < options.layers; ++i) {
    Array& values = state.at(block(i) + "attn.v.bias");
    const std::span<const Real> out = state.at(block(i) + "attn.out.weight").data();
    const std::span<Real> bias = state.at(block(i) + "attn.out.bias").mutable_data();
    for (std::int64_t row = 0; row < options.width; ++row) {
      double moved = 0;
      for (std::int64_t column = 0; column < options.width; ++column) {
        const std::int64_t group = column / head_width / together;
        const auto value = static_cast<std::size_t>(group * head_width + column % head_width);
        moved +=
            static_cast<double>(out[static_cast<std::size_t>(row * options.width + column)]) * values.data()[value];
      }
      bias[static_cast<std::size_t>(row)] += static_cast<Real>(moved);
    }
    for (Real& x : values.mutable_data()) x = 0;
  }
  return state;
}

}  // namespace rushlight::compare
