// What `rush compare` runs, once for each side: compare_<network>_<stack> --out trace.safetensors. One program knows one
// network, and links no module that the network does not need.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "compare/network.hpp"
#include "compare/parts.hpp"

#ifdef COMPARE_KERNELS
#include "18_acceleration/acceleration.hpp"
#endif

namespace rushlight::compare {
namespace {

void all_parts(Trace& trace, const std::string& folder) {
  tensor_parts(trace);
  activation_parts(trace);
  layer_parts(trace);
  loss_parts(trace);
  autograd_parts(trace);
  optimizer_parts(trace);
  training_parts(trace);
#if defined(COMPARE_MLP) || defined(COMPARE_CNN)
  data_parts(trace, folder);
#endif
#ifdef COMPARE_CNN
  spatial_parts(trace);
#endif
#ifdef COMPARE_GPT
  tokenizer_parts(trace);
  embedding_parts(trace);
  attention_parts(trace);
  transformer_parts(trace);
#endif
  static_cast<void>(folder);
}

void network(Trace& trace, const NetworkOptions& options) {
#if defined(COMPARE_MLP)
  trace_mlp(trace, options);
#elif defined(COMPARE_CNN)
  trace_cnn(trace, options);
#else
  trace_gpt(trace, options);
#endif
}

Edit edit_of(const std::string& text) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos) throw ValueError("--edit {}: expected NAME=WHAT.", {text});
  return {text.substr(0, at), text.substr(at + 1)};
}

int run(int argc, char** argv) {
  std::string out;
  bool no_parts = false;
  std::vector<std::string> skipped, edits;
  NetworkOptions options;
  CLI::App app("Writes down what one step of a network computes.");
  app.add_option("--out", out, "the trace, a safetensors file")->required();
  app.add_option("--skip", skipped, "a part that ended the process before")->allow_extra_args(false);
  app.add_option("--edit", edits, "NAME=sever, zero, double, add, nan or throw")->allow_extra_args(false);
  app.add_option("--loss", options.loss, "gpt: last_logits");
  app.add_flag("--fused", options.fused, "look at no place that keeps a kernel from running");
  app.add_flag("--no-parts", no_parts, "the network alone");
  CLI11_PARSE(app, argc, argv);
  for (const std::string& each : edits) options.edits.push_back(edit_of(each));
#ifdef COMPARE_KERNELS
  accelerate();
#endif
  Trace trace(COMPARE_NETWORK, skipped);
  if (!no_parts) all_parts(trace, std::filesystem::path(out).parent_path().string());
  network(trace, options);
  trace.save(out);
  return 0;
}

}  // namespace
}  // namespace rushlight::compare

int main(int argc, char** argv) {
  try {
    return rushlight::compare::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
