// One run of `rush compare gpt` leaves nothing behind in the model, on whatever way out.
#include "compare/network.hpp"
#include "support/rush_test.hpp"

using namespace rushlight;
using namespace rushlight::compare;

namespace {

nlohmann::json notes_of(const std::vector<Edit>& edits) {
  Trace trace("gpt", {});
  trace_gpt(trace, {.edits = edits});
  return trace.notes();
}

void expect_clean(const nlohmann::json& notes) {
  EXPECT_EQ(notes.at("hooks_left"), 0);
  EXPECT_EQ(notes.at("gradients_left"), 0);
  EXPECT_EQ(notes.count("clean_up"), 0u);
}

const nlohmann::json* station(const nlohmann::json& stations, const std::string& name) {
  for (const nlohmann::json& each : stations) {
    if (each.at("name") == name) return &each;
  }
  return nullptr;
}

}  // namespace

TEST(Integration_13, ATracedRunLeavesNothingBehind) { expect_clean(notes_of({})); }

TEST(Integration_13, ATracedRunThatThrowsLeavesNothingBehind) {
  for (const char* name : {"hook_embed", "blocks.0.attn.hook_pattern", "unembed.hook_out"}) {
    expect_clean(notes_of({{name, "throw"}}));
  }
}

TEST(Integration_13, WhatARunThrowsIsWrittenDown) {
  Trace trace("gpt", {});
  trace_gpt(trace, {.edits = {{"blocks.1.hook_resid_mid", "throw"}}});
  const nlohmann::json* failed = station(trace.stations(), "gpt");
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->at("state"), "threw");
  EXPECT_EQ(failed->at("error_type"), "rushlight::ValueError");
  EXPECT_NE(station(trace.stations(), "blocks.1.attn.hook_z"), nullptr) << "what passed before the throw is there";
  EXPECT_EQ(station(trace.stations(), "blocks.1.mlp.hook_pre"), nullptr);
}

TEST(Integration_13, ASeveredPlaceHasNoGradientInItsTrace) {
  Trace trace("gpt", {});
  trace_gpt(trace, {.edits = {{"blocks.0.attn.hook_k", "sever"}}});
  EXPECT_EQ(station(trace.stations(), "blocks.0.attn.hook_k_grad")->at("state"), "missing");
  EXPECT_EQ(station(trace.stations(), "parameter blocks.0.attn.k.weight_grad")->at("state"), "missing");
  EXPECT_EQ(station(trace.stations(), "blocks.0.attn.hook_q_grad")->at("state"), "done");
}
