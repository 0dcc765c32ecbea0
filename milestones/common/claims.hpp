// claims.hpp: what a milestone claims of its results, and how a run that claims something ends.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "07_training/checkpoint.hpp"
#include "common/milestone.hpp"

namespace rushlight::milestone {

struct Claim {
  std::string name;
  double measured = 0, bar = 0;
  bool at_most = false;  // whether what was measured may not be above the bar; otherwise not below
  bool holds() const { return at_most ? measured <= bar : measured >= bar; }  // false for NaN
};

// For each claim what was measured, and whether it holds.
inline void add_claims(Json& metrics, const std::vector<Claim>& claims) {
  for (const Claim& claim : claims) {
    metrics[claim.name] = claim.measured;
    metrics[fmt::format("{} {:g}, {}", claim.at_most ? "at most" : "at least", claim.bar, claim.name)] =
        claim.holds() ? "yes" : "no";
  }
}

inline void write_text(const std::string& path, const std::string& text) {
  write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

// The table for whoever watches; in `folder`, unless it is empty, as table.md beside chart.svg.
inline void show_report(const std::string& table, const std::string& chart, const std::string& folder) {
  if (reporting::channel_open()) {
    emit("report", {{"text", table}});
  } else {
    std::puts(table.c_str());
    std::fflush(stdout);
  }
  if (folder.empty()) return;
  try {
    write_text(folder + "/table.md", table);
    write_text(folder + "/chart.svg", chart);
  } catch (const FileError& error) {
    say_so(error);
  }
}

// The last event: accepted if every claim holds.
inline bool emit_claims(Json metrics, const std::vector<Claim>& claims) {
  const bool accepted = std::ranges::all_of(claims, [](const Claim& claim) { return claim.holds(); });
  emit("result",
       {{"metrics", std::move(metrics)}, {"accepted", accepted}, {"bar", "every claim above holds; see results.hpp"}});
  return accepted;
}

}  // namespace rushlight::milestone
