// The profiler on whole networks.
#include <map>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using nlohmann::json;

// A step of a model that gives logits: forward, and backward with a cotangent for each of them. The input is made while
// the tracer runs: a forward pass keeps it for the backward pass, too.
template <class Model, class MakeInput>
Trace trace_of_step(Model& model, const MakeInput& make_input, std::int64_t* left_alive = nullptr) {
  Tracer tracer;
  tracer.watch(model);
  tracer.start();
  Tensor logits;
  {
    const Tracer::Span span(tracer, "forward");
    logits = model(make_input());
  }
  if (left_alive != nullptr) *left_alive = tracer.live_bytes();
  const Tracer::Span span(tracer, "backward");
  logits.backward(cotangent(logits.shape()));
  return tracer.stop();
}

Indices three_texts() { return some_ids(3); }

Tensor two_images() { return Tensor(randn({2, 2, 8, 8}, 1)); }

std::set<std::string> modules_of(const Trace& trace, const std::string& op) {
  std::set<std::string> paths;
  for (const TraceEvent& event : trace.events) {
    if (event.op == op) paths.insert(trace.modules[static_cast<std::size_t>(event.module)]);
  }
  return paths;
}

TEST(Progressive_14_4, EveryOpOfAGptIsInItsModule) {
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, three_texts);
  EXPECT_EQ(modules_of(trace, "linear"),
            (std::set<std::string>{"blocks.0.attn.q", "blocks.0.attn.k", "blocks.0.attn.v", "blocks.0.attn.out",
                                   "blocks.0.mlp.fc1", "blocks.0.mlp.fc2", "blocks.1.attn.q", "blocks.1.attn.k",
                                   "blocks.1.attn.v", "blocks.1.attn.out", "blocks.1.mlp.fc1", "blocks.1.mlp.fc2",
                                   "unembed"}))
      << "the head shares its weight with the embedding";
  EXPECT_EQ(modules_of(trace, "embedding").count("embed"), 1U);
  EXPECT_EQ(modules_of(trace, "layer_norm"),
            (std::set<std::string>{"blocks.0.ln1", "blocks.0.ln2", "blocks.1.ln1", "blocks.1.ln2", "ln_final"}));
  EXPECT_EQ(modules_of(trace, "gelu"), (std::set<std::string>{"blocks.0.mlp", "blocks.1.mlp"}));
  EXPECT_EQ(modules_of(trace, "add"), (std::set<std::string>{"", "blocks.0", "blocks.1"}));
}

TEST(Progressive_14_4, EveryRuleRunsInTheModuleOfItsOp) {
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, three_texts);
  std::map<std::uint64_t, std::int32_t> module_of;
  int rules = 0;
  for (const TraceEvent& event : trace.events) {
    if (event.phase == Phase::forward) module_of[event.node] = event.module;
    if (event.phase == Phase::forward) continue;
    ++rules;
    EXPECT_EQ(event.module, module_of.at(event.node)) << event.op;
  }
  EXPECT_GT(rules, 30);
}

TEST(Progressive_14_4, TheCostOfARuleIsKnownBeforeItRuns) {
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, three_texts);
  std::map<std::uint64_t, Cost> promised;
  for (const TraceEvent& event : trace.events) {
    if (event.phase == Phase::forward) promised[event.node] = event.rule_cost;
    if (event.phase == Phase::backward) {
      EXPECT_EQ(promised.at(event.node).flops, event.cost.flops) << event.op;
      EXPECT_EQ(promised.at(event.node).bytes, event.cost.bytes) << event.op;
    }
  }
}

TEST(Progressive_14_4, TimesAreInOrderAndInsideTheRun) {
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, three_texts);
  std::int64_t last = 0;
  for (const TraceEvent& event : trace.events) {
    ASSERT_GE(event.start_ns, last) << event.op;
    ASSERT_GE(event.end_ns, event.start_ns) << event.op;
    last = event.end_ns;
  }
  EXPECT_LE(last, trace.duration_ns);
  EXPECT_LE(trace.in_events_ns(), trace.duration_ns);
}

// --- what the trace says of a whole network is what its sizes say --------------------------------------------------

std::int64_t product_flops(const Trace& trace, Phase phase) {
  std::int64_t sum = 0;
  for (const TraceEvent& event : trace.events) {
    const std::string op = event.op;
    if (event.phase == phase && (op == "linear" || op == "matmul" || op == "attention"))
      sum += event.cost.flops.value();
  }
  return sum;
}

TEST(Progressive_14_4, AGptsProductsAreThoseOfTheFormulaOnPaper) {
  // B 3, T 6, D 8, L 2, V 11; a block has q, k, v, out (D·D), fc1 and fc2 (4·D·D) for each of B·T rows, and two
  // products of T·T·D for each sequence. Biases: 4·D + 4·D + D a row and block; the head has none.
  constexpr std::int64_t B = 3, T = 6, D = 8, L = 2, V = 11;
  constexpr std::int64_t linear = L * 2 * B * T * 12 * D * D + 2 * B * T * D * V;
  constexpr std::int64_t biases = L * B * T * 9 * D;
  constexpr std::int64_t attention = L * 2 * 2 * B * T * T * D;
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, [] { return some_ids(B, T); });
  if (trace.events.end() == std::find_if(trace.events.begin(), trace.events.end(),
                                         [](const TraceEvent& e) { return std::string(e.op) == "attention"; })) {
    EXPECT_EQ(product_flops(trace, Phase::forward), linear + biases + attention);
    EXPECT_EQ(product_flops(trace, Phase::backward), 2 * (linear + attention) + biases);
  } else {  // one op, with its softmax
    constexpr std::int64_t scores = L * B * 2 * T * T;
    EXPECT_EQ(product_flops(trace, Phase::forward), linear + biases + attention + 6 * scores);
    EXPECT_EQ(product_flops(trace, Phase::backward), 2 * (linear + attention) + biases + 5 * scores);
  }
}

TEST(Progressive_14_5, ModulesAddUpToTheModel) {
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, three_texts);
  std::int64_t own = 0, ops = 0;
  const std::vector<ModuleRow> rows = by_module(trace);
  for (const ModuleRow& row : rows) own += row.own_ns;
  for (const OpRow& row : by_op(trace)) ops += row.ns;
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(own, trace.in_events_ns());
  EXPECT_EQ(ops, trace.in_events_ns());
  EXPECT_EQ(rows[0].total_ns(), trace.in_events_ns());
}

TEST(Progressive_14_5, TheTablesShowWhatIsUnknown) {
  Sequential cnn = small_cnn();
  const Trace trace = trace_of_step(cnn, two_images);
  const std::string ops = table_by_op(trace), modules = table_by_module(trace);
  std::size_t line = ops.find("max_pool2d");
  ASSERT_NE(line, std::string::npos);
  EXPECT_NE(ops.substr(line, ops.find('\n', line) - line).find('?'), std::string::npos) << ops;
  line = ops.find("conv2d");
  EXPECT_EQ(ops.substr(line, ops.find('\n', line) - line).find('?'), std::string::npos) << ops;
  EXPECT_NE(ops.find(flop_convention), std::string::npos);
  EXPECT_NE(modules.find("(all)"), std::string::npos);
}

// --- the picture of time -------------------------------------------------------------------------------------------

// What Perfetto demands, and that boxes of one thread nest.
void expect_chrome_trace(const json& file, std::size_t ops) {
  ASSERT_TRUE(file.contains("traceEvents"));
  std::map<int, std::vector<std::pair<double, double>>> open;  // by thread: the ends of the boxes around
  std::size_t seen = 0, counters = 0, names = 0;
  for (const json& event : file["traceEvents"]) {
    ASSERT_TRUE(event["pid"].is_number_integer() && event["tid"].is_number_integer() && event["name"].is_string());
    const std::string kind = event["ph"];
    if (kind == "M") {
      ++names;
      EXPECT_TRUE(event["args"]["name"].is_string());
    } else if (kind == "C") {
      ++counters;
      EXPECT_TRUE(event["args"]["live bytes"].is_number_integer());
      EXPECT_TRUE(event["ts"].is_number());
    } else {
      ASSERT_EQ(kind, "X");
      const double start = event["ts"], length = event["dur"];
      ASSERT_GE(start, 0);
      ASSERT_GE(length, 0);
      auto& around = open[event["tid"].get<int>()];
      while (!around.empty() && around.back().second <= start + 1e-6) around.pop_back();
      if (!around.empty()) EXPECT_LE(start + length, around.back().second + 1e-6) << event.dump();
      around.emplace_back(start, start + length);
      if (event["cat"] == "op") {
        ++seen;
        EXPECT_TRUE(event["args"]["inputs"].is_string() && event["args"]["output"].is_string());
        EXPECT_TRUE(event["args"]["flops"].is_number_integer() || event["args"]["flops"] == "unknown");
      }
    }
  }
  EXPECT_EQ(seen, ops);
  EXPECT_EQ(counters, ops);
  EXPECT_GE(names, 2U);
}

TEST(Progressive_14_6, AChromeTraceFollowsItsSchema) {
  GPT gpt = small_gpt();
  const Trace trace = trace_of_step(gpt, three_texts);
  expect_chrome_trace(json::parse(chrome_trace(trace)), trace.events.size());
  Sequential cnn = small_cnn();
  const Trace other = trace_of_step(cnn, two_images);
  expect_chrome_trace(json::parse(chrome_trace(other)), other.events.size());
  expect_chrome_trace(json::parse(chrome_trace(Trace{})), 0);
}

TEST(Progressive_14_6, TimesInAChromeTraceAreExact) {
  Trace trace{.events = {event_of("exp", 1'234'567, 1'234'568)}};
  const json file = json::parse(chrome_trace(trace));
  bool found = false;
  for (const json& event : file["traceEvents"]) {
    if (event["name"] != "exp") continue;
    found = true;
    EXPECT_DOUBLE_EQ(event["ts"].get<double>(), 1234.567);
    EXPECT_DOUBLE_EQ(event["dur"].get<double>(), 0.001);
  }
  EXPECT_TRUE(found);
}

TEST(Progressive_14_6, AFlamePictureShowsEveryModule) {
  Trace trace{.events = {event_of("linear", 0, 60, 4), event_of("a<b", 60, 100, 6)}};
  trace.modules = small_modules();
  const std::string svg = flame_svg(trace);
  EXPECT_EQ(svg.rfind("<svg xmlns=", 0), 0U);
  for (const char* piece : {"</svg>", ">blocks.0.attn.q", "a&lt;b", "forward: 0.000 ms, 100.0 %", "width=\"720.00\""}) {
    EXPECT_NE(svg.find(piece), std::string::npos) << piece << "\n" << svg;
  }
  EXPECT_NE(flame_svg(Trace{}).find("</svg>"), std::string::npos);
}

TEST(Progressive_14_7, ARooflinePictureShowsRoofAndPoints) {
  const Machine machine{.flops_per_s = 50e9, .bytes_per_s = 10e9};
  OpRow row{.op = "matmul", .phase = Phase::backward, .calls = 1, .ns = 1000};
  row.cost = {.flops = 40000, .bytes = 1000};
  const std::string svg = roofline_svg(roofline({row}, machine), machine);
  for (const char* piece :
       {"<svg xmlns=", "</svg>", "class=\"roof\"", "matmul'", "class=\"backward\"", "80 % of what the roof"}) {
    EXPECT_NE(svg.find(piece), std::string::npos) << piece;
  }
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_THROWS_WITH(roofline_svg({}, Machine{}), ValueError, "roof");
}

TEST(Progressive_14_7, ThisMachineHasARoof) {
  const Machine machine = measure_machine(0);
  EXPECT_GT(machine.flops_per_s, 1e7);
  EXPECT_GT(machine.bytes_per_s, 1e7);
  EXPECT_LT(machine.flops_per_s, 1e14);
}

// --- what was said ahead of the run is what the run then shows ------------------------------------------------------

template <class Model, class MakeInput>
void expect_predicted(const Summary& ahead, Model& model, const MakeInput& make_input) {
  std::int64_t left_alive = 0;
  const Trace trace = trace_of_step(model, make_input, &left_alive);
  CostSum forward, backward;
  for (const TraceEvent& event : trace.events) (event.phase == Phase::forward ? forward : backward).add(event.cost);
  ASSERT_FALSE(ahead.rows.empty());
  EXPECT_EQ(ahead.rows[0].flops, forward.flops);
  EXPECT_EQ(ahead.rows[0].rule_flops, backward.flops);
  EXPECT_EQ(ahead.rows[0].unknown, forward.unknown_flops);
  EXPECT_EQ(ahead.activation_bytes, left_alive);
  std::map<std::string, std::int64_t> by_path;
  for (const TraceEvent& event : trace.events) {
    if (event.phase == Phase::forward)
      by_path[trace.modules[static_cast<std::size_t>(event.module)]] += event.cost.flops.value_or(0);
  }
  for (const SummaryRow& row : ahead.rows) {
    std::int64_t inside = 0;
    for (const auto& [path, flops] : by_path) {
      if (row.path.empty() || path == row.path || path.starts_with(row.path + ".")) inside += flops;
    }
    EXPECT_EQ(row.flops, inside) << row.path;
  }
  // At its peak a step holds all activations, and never more than they, a gradient for each, and those of the parameters.
  EXPECT_GE(trace.peak_bytes, ahead.activation_bytes);
  EXPECT_LE(trace.peak_bytes, 2 * ahead.activation_bytes + 2 * ahead.parameter_bytes + 4096);
}

TEST(Progressive_14_8, APerceptronIsPredicted) {
  Sequential net = small_mlp();
  const Summary ahead = summary(net, {64, 6});
  EXPECT_EQ(ahead.rows.at(0).parameters, 6 * 8 + 8 + 8 * 3 + 3);
  EXPECT_EQ(ahead.rows.at(0).output, (Shape{64, 3}));
  EXPECT_EQ(ahead.rows.at(0).flops, 64 * (2 * 48 + 8 + 8 + 2 * 24 + 3));
  EXPECT_EQ(ahead.parameter_bytes, 83 * real_bytes);
  expect_predicted(ahead, net, [] { return Tensor(randn({64, 6}, 1)); });
}

TEST(Progressive_14_8, AConvolutionalNetworkIsPredicted) {
  Sequential net = small_cnn();
  const Summary ahead = summary(net, {5, 2, 8, 8});
  EXPECT_EQ(ahead.rows.at(0).unknown, 1) << "max_pool2d";
  net.eval();  // batch norm with running statistics, as the summary looked at it
  expect_predicted(ahead, net, [] { return Tensor(randn({5, 2, 8, 8}, 1)); });
}

TEST(Progressive_14_8, AGptIsPredicted) {
  GPT gpt = small_gpt();
  const Summary ahead = summary(gpt, 7, [&](std::int64_t examples) { return gpt(some_ids(examples)); });
  EXPECT_EQ(ahead.rows.at(0).parameters, gpt.parameter_count());
  EXPECT_EQ(ahead.rows.at(0).output, (Shape{7, 6, 11}));
  expect_predicted(ahead, gpt, [] { return some_ids(7); });
}

TEST(Progressive_14_8, ASummaryChangesNothing) {
  Sequential net = small_cnn();
  const StateDict before = net.state_dict();
  summary(net, {5, 2, 8, 8});
  EXPECT_TRUE(net.training());
  for (const auto& [name, value] : net.state_dict()) {
    EXPECT_TRUE(near(value, value.shape(),
                     std::vector<double>(before.at(name).data().begin(), before.at(name).data().end()), {0, 0}))
        << name;
  }
  EXPECT_FALSE(net.parameters()[0].grad().defined());
}

TEST(Progressive_14_8, TheTableHasARowForEachLayer) {
  Sequential net = small_cnn();
  const std::string text = to_text(summary(net, {32, 2, 8, 8}));
  for (const char* piece : {"a batch of 32", flop_convention, "(all)", "(32, 3)", "+ ?", "Adam"}) {
    EXPECT_NE(text.find(piece), std::string::npos) << piece << "\n" << text;
  }
  EXPECT_THROWS_WITH(summary(net, Shape{}), ShapeError, "batch");
}

}  // namespace
}  // namespace rushlight::test
