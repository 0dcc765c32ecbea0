// flame.cpp: given. A flame picture after Brendan Gregg (2011), hanging from the top: the same box in all steps together.
#include <memory>

#include "14_profiling/pictures.hpp"
#include "14_profiling/tables.hpp"

namespace rushlight {
namespace {

struct Flame {
  std::string name;
  std::int64_t ns = 0;
  std::vector<std::unique_ptr<Flame>> inside;

  Flame& child(const std::string& wanted) {
    for (const auto& each : inside) {
      if (each->name == wanted) return *each;
    }
    inside.push_back(std::make_unique<Flame>(Flame{wanted, 0, {}}));
    return *inside.back();
  }
};

// Time is what events took: gaps between them belong to no box.
Flame merged(const Trace& trace) {
  Flame all{"all", 0, {}};
  for (const TraceEvent& event : trace.events) {
    std::vector<std::string> boxes = boxes_of(trace, event);
    boxes.emplace_back(event.op);
    Flame* at = &all;
    at->ns += event.duration_ns();
    for (const std::string& name : boxes) {
      at = &at->child(name);
      at->ns += event.duration_ns();
    }
  }
  return all;
}

constexpr double width = 1200, row = 18, letter = 6.4;

// A colour for a name, always the same: between yellow and red, by its letters.
std::string colour(const std::string& name) {
  std::uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return formatted("hsl({},70%,62%)", {hash % 50});
}

void draw(const Flame& box, double x, double scale, int depth, double all, std::string& out) {
  const double wide = static_cast<double>(box.ns) * scale;
  if (wide < 0.3) return;  // nobody would see it
  const std::string title = formatted("{}: {:.3f} ms, {:.1f} %", {box.name, static_cast<double>(box.ns) * 1e-6,
                                                                  100 * static_cast<double>(box.ns) / all});
  const auto letters = static_cast<std::size_t>(std::max(0.0, (wide - 6) / letter));
  const std::string label = box.name.size() <= letters ? box.name
                            : letters > 3              ? box.name.substr(0, letters - 1) + "…"
                                                       : "";
  out += formatted(R"(<g><title>{}</title><rect x="{:.2f}" y="{:.1f}" width="{:.2f}" height="{:.1f}" fill="{}"/>)",
                   {escaped(title), x, depth * row + 24, wide, row - 1, colour(box.name)});
  out += formatted("<text x=\"{:.2f}\" y=\"{:.1f}\">{}</text></g>\n", {x + 3, depth * row + 24 + 13, escaped(label)});
  for (const auto& each : box.inside) {
    draw(*each, x, scale, depth + 1, all, out);
    x += static_cast<double>(each->ns) * scale;
  }
}

int depth_of(const Flame& box) {
  int deepest = 0;
  for (const auto& each : box.inside) deepest = std::max(deepest, depth_of(*each));
  return deepest + 1;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string flame_svg(const Trace& trace) {
  const Flame all = merged(trace);
  const double height = depth_of(all) * row + 32;
  std::string text = formatted(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {:.0f}\" width=\"{}\" height=\"{:.0f}\" "
      "font-family=\"monospace\" font-size=\"11\">\n<style>.head{{fill:#444}}"
      "@media(prefers-color-scheme:dark){{.head{{fill:#ccc}}}}</style>\n",
      {width, height, width, height});
  text += formatted(
      "<text class=\"head\" x=\"3\" y=\"15\">{:.3f} ms in ops; wider is longer, a box lies in the one above it</text>\n",
      {static_cast<double>(all.ns) * 1e-6});
  if (all.ns > 0) draw(all, 0, width / static_cast<double>(all.ns), 0, static_cast<double>(all.ns), text);
  return text + "</svg>\n";
}

}  // namespace rushlight
