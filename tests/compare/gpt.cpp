// A GPT of two blocks, seen through its hook points: all that stand in one list here are looked at in one run.
#include "13_transformers/gpt.hpp"
#include <set>
#include "02_activations/activations.hpp"
#include "04_losses/losses.hpp"

#include "05_autograd/autograd.hpp"
#include "compare/network.hpp"
#include "compare/weights.hpp"

namespace rushlight::compare {
namespace {

constexpr std::int64_t layers = 2, heads = 2, vocabulary = 11, tokens = 5;

struct Place {
  const char* ending;
  Look look;
};

// Of each hook point, by how its name ends: who makes its value, and whose rule its gradient comes from.
const Place places[] = {
    {"hook_embed", {"11.1 11.2 13.7", "13.7 01.7"}},
    {"hook_pos_embed", {"11.3 13.7", "13.7 01.7"}},
    {"hook_resid_pre", {"13.6 13.7", "13.6 13.4"}},
    {"ln1.hook_scale", {"13.4", "13.4"}},
    {"ln2.hook_scale", {"13.4", "13.4"}},
    {"ln_final.hook_scale", {"13.4", "13.4"}},
    {"hook_normalized", {"13.4", "13.4"}},
    {"attn.hook_q", {"13.5 03.2", "12.3 13.5"}},
    {"attn.hook_k", {"13.5 03.2", "12.3 13.5"}},
    {"attn.hook_v", {"13.5 03.2", "12.3 13.5"}},
    {"attn.hook_attn_scores", {"12.3 12.4 12.5", "12.2 12.4"}},
    {"attn.hook_pattern", {"12.2 12.4", "12.3 12.5"}},
    {"attn.hook_z", {"12.3 12.5", "13.5 03.2"}},
    {"attn.hook_result", {"13.5", "13.5"}},
    {"hook_attn_out", {"13.5 03.2", "13.6"}},
    {"hook_attn_in", {"13.6", "13.4"}},
    {"_input", {"13.6", "13.4"}},
    {"hook_resid_mid", {"13.6", "13.6"}},
    {"hook_mlp_in", {"13.6", "13.4"}},
    {"mlp.hook_pre", {"13.4 03.2", "13.4 02.3"}},
    {"mlp.hook_post", {"13.4 02.3", "13.4 03.2"}},
    {"hook_mlp_out", {"13.4 03.2", "13.6"}},
    {"hook_resid_post", {"13.6", "13.6 13.7"}},
    {"unembed.hook_in", {"13.4 13.7", "13.7 03.2"}},
    {"unembed.hook_out", {"13.7 03.2", "04.5"}},
};

const Look& look_of(const std::string& name) {
  for (const Place& place : places) {
    if (name.ends_with(place.ending)) return place.look;
  }
  static const Look nowhere{"13.7", "13.7"};
  return nowhere;
}

// A hook there makes the model compose what a kernel would do in one piece.
bool forces_composed(const std::string& name) {
  return name.ends_with("hook_scale") || name.ends_with("hook_normalized") || name.ends_with("hook_attn_scores") ||
         name.ends_with("hook_pattern");
}

const char* owner(const std::string& parameter) {
  if (parameter.find("ln") != std::string::npos) return "13.4";
  if (parameter.find("attn") != std::string::npos) return "13.5 03.2";
  if (parameter.find("mlp") != std::string::npos) return "13.4 03.2";
  return parameter.starts_with("pos_embed") ? "11.3 13.7" : "11.1 13.7";
}

Tensor loss_of(GPT& gpt, const NetworkOptions& options) {
  const Indices ids = fixed_ids("gpt ids", {2, tokens}, vocabulary);
  const Tensor logits = gpt(ids);
  if (options.loss == "last_logits") return sum(slice(logits, 1, {.start = tokens - 1}));
  return cross_entropy(logits, fixed_ids("gpt labels", {2, tokens}, vocabulary));
}

struct Capture {
  std::map<std::string, Array> values, gradients;
  std::set<std::string> leaves;  // places where what passed had no history
};

// Edits come first, so that whoever looks sees what they left.
HookRequests requests_for(const NetworkOptions& options, Capture& capture) {
  HookRequests requests;
  for (const Edit& edit : options.edits) {
    const std::string what = edit.what;
    if (what == "zero" || what == "double") {
      requests.push_back(
          {.at = edit.name, .backward = [what](const Array& g, HookPlace&) { return edited_gradient(what, g); }});
    } else {
      requests.push_back(
          {.at = edit.name, .forward = [what](const Tensor& x, HookPlace&) { return edited_value(what, x); }});
    }
  }
  const bool fused = options.fused;
  const NameFilter wanted = [fused](const std::string& name) { return !(fused && forces_composed(name)); };
  const ForwardHook keep = [&capture](const Tensor& x, HookPlace& place) {
    capture.values[place.name] = x.value().clone();
    if (!x.requires_grad()) capture.leaves.insert(place.name);
    Trace::reached(place.name);
    return Tensor();
  };
  const GradientHook keep_gradient = [&capture](const Array& g, HookPlace& place) {
    capture.gradients[place.name] = g.clone();
    return Array();
  };
  requests.push_back({.at = wanted, .forward = keep, .backward = keep_gradient});
  return requests;
}

void write_down(Trace& trace, GPT& gpt, const Capture& capture, const NetworkOptions& options) {
  const NamedHookPoints points = hook_points(gpt);
  const auto found = [](const std::map<std::string, Array>& in, const std::string& name) {
    const auto at = in.find(name);
    return at == in.end() ? Array() : at->second;
  };
  nlohmann::json silent = nlohmann::json::array(), unseen = nlohmann::json::array();
  for (const auto& [name, point] : points) {
    if (options.fused && forces_composed(name)) {
      unseen.push_back(name);
    } else if (capture.values.count(name) == 0) {
      silent.push_back(name);
    } else {
      trace.value(look_of(name), name, found(capture.values, name));
      trace.gradient(look_of(name), name, found(capture.gradients, name), capture.leaves.count(name) != 0);
    }
  }
  trace.note("silent", silent);
  trace.note("unseen", unseen);
  for (const auto& [name, parameter] : gpt.named_parameters()) {
    trace.parameter(owner(name), "parameter " + name, parameter.grad());
    trace.weight("weight " + name, parameter.value());
  }
}

std::int64_t gradients_left(GPT& gpt) {
  std::int64_t left = 0;
  for (const Tensor& parameter : gpt.parameters()) left += parameter.grad().defined() ? 1 : 0;
  return left;
}

// The hooks go with their scope and the gradients with zero_grad(), whatever is thrown; both are counted afterwards.
class CleanUp {
 public:
  CleanUp(Trace& trace, GPT& gpt) : trace_(trace), gpt_(gpt) {}
  CleanUp(const CleanUp&) = delete;
  CleanUp& operator=(const CleanUp&) = delete;
  ~CleanUp() {
    try {
      gpt_.zero_grad();
      trace_.note("hooks_left", hook_count(gpt_));
      trace_.note("gradients_left", gradients_left(gpt_));
    } catch (...) {
      trace_.note("clean_up", "failed");
    }
  }

 private:
  Trace& trace_;
  GPT& gpt_;
};

GPT model() {
  Generator random(3);
  GPT gpt({.vocabulary = vocabulary, .context = 6, .width = 8, .layers = layers, .heads = heads, .hidden = 12}, random);
  set_fixed_parameters(gpt);
  return gpt;
}

void network(Trace& trace, const NetworkOptions& options) {
  GPT gpt = model();
  const CleanUp clean_up(trace, gpt);
  Capture capture;
  const HookScope scope(gpt, requests_for(options, capture));
  Tensor loss;
  try {
    loss = loss_of(gpt, options);
    loss.backward();
  } catch (...) {
    write_down(trace, gpt, capture, options);
    throw;
  }
  write_down(trace, gpt, capture, options);
  trace.value({"04.5", "05.2"}, "loss", loss.value());
}

// What the flags switch on: places that fire only on request.
void gated(Trace& trace) {
  GPT gpt = model();
  gpt.set_hook_flags(
      {.use_attn_result = true, .use_split_qkv_input = true, .use_attn_in = true, .use_hook_mlp_in = true});
  Capture capture;
  const HookScope scope(gpt, requests_for({}, capture));
  const Tensor loss = loss_of(gpt, {});
  loss.backward();
  nlohmann::json fired = nlohmann::json::array();
  for (const auto& [name, value] : capture.values) fired.push_back(name);
  trace.note("fired_with_flags", fired);
  trace.part("13.6", "loss with every flag on", [&] { return loss.value(); });
}

// Head 0 of the first block says nothing any more.
void ablated(Trace& trace) {
  trace.part("13.1", "loss without head 0 of blocks.0.attn.hook_v", [] {
    GPT gpt = model();
    const HookRequest silence{.at = "blocks.0.attn.hook_v", .forward = [](const Tensor& v, HookPlace&) {
                                Array kept = v.value().clone();
                                const std::int64_t width = kept.dim(3);
                                for (std::int64_t i = 0; i < kept.size(); ++i) {
                                  if (i / width % kept.dim(2) == 0)
                                    kept.mutable_data()[static_cast<std::size_t>(i)] = 0;
                                }
                                return Tensor(kept);
                              }};
    return run_with_hooks(gpt, {silence}, [&] { return loss_of(gpt, {}); }).value();
  });
}

void cached(Trace& trace) {
  trace.attempt("13.3", "cache", [&] {
    GPT gpt = model();
    const CachedRun run = run_with_cache(gpt, [&] { return loss_of(gpt, {}); }, {.incl_bwd = true});
    for (const auto& [name, value] : run.cache) trace.value({"13.3", "13.3"}, "cache " + name, value);
  });
}

// What the model says with its weights processed in this way.
void processed(Trace& trace, const std::string& how,
               const std::function<StateDict(const StateDict&, const GPTOptions&)>& f) {
  trace.attempt("13.7", "log-probabilities, " + how, [&] {
    GPT gpt = model();
    const GPTOptions options = with_own_head(gpt.options());
    Generator random(3);
    GPT other(options, random);
    other.load_state_dict(f(with_own_head(gpt.state_dict()), options));
    const NoGrad off;
    const Tensor logits = other(fixed_ids("gpt ids", {2, tokens}, vocabulary));
    trace.value({"13.7", ""}, "log-probabilities, " + how, log_softmax(logits).value());
  });
}

void all_processed(Trace& trace) {
  processed(trace, "as it is", [](const StateDict& s, const GPTOptions&) { return s; });
  processed(trace, "layer norm folded", [](const StateDict& s, const GPTOptions& o) { return fold_layer_norm(s, o); });
  processed(trace, "writing weights centred",
            [](const StateDict& s, const GPTOptions& o) { return centre_writing_weights(s, o); });
  processed(trace, "unembedding centred", [](const StateDict& s, const GPTOptions&) { return centre_unembed(s); });
  processed(trace, "value bias folded", [](const StateDict& s, const GPTOptions& o) { return fold_value_bias(s, o); });
  processed(trace, "all of it", [](const StateDict& s, const GPTOptions& o) {
    return fold_value_bias(centre_unembed(centre_writing_weights(fold_layer_norm(s, o), o)), o);
  });
}

}  // namespace

void trace_gpt(Trace& trace, const NetworkOptions& options) {
  trace.section("gpt");
  trace.attempt("13.7", "gpt", [&] { network(trace, options); });
  trace.section("gpt, further runs");
  trace.attempt("13.6", "13.6 loss with every flag on", [&] { gated(trace); });
  ablated(trace);
  cached(trace);
  all_processed(trace);
}

}  // namespace rushlight::compare
