#include "2018_compression/kept.hpp"

namespace rushlight::compression {
namespace {

void put_interval(Metadata& all, const std::string& name, const bench::Interval& interval) {
  put(all, name + ".low", text_of(interval.low));
  put(all, name + ".estimate", text_of(interval.estimate));
  put(all, name + ".high", text_of(interval.high));
}

bench::Interval interval_at(const Metadata& kept, const std::string& name) {
  return {.low = number_at(kept, name + ".low"),
          .estimate = number_at(kept, name + ".estimate"),
          .high = number_at(kept, name + ".high")};
}

}  // namespace

Metadata kept(const Measured& state) {
  return {{"name", state.name},
          {"quality", text_of(state.quality)},
          {"file_bytes", text_of(state.file_bytes)},
          {"memory_bytes", text_of(state.memory_bytes)},
          {"speed.median", text_of(state.speed.median)},
          {"speed.p99", text_of(state.speed.p99)},
          {"speed.rate", text_of(state.speed.rate)}};
}

Measured state_at(const Metadata& kept) {
  return {.name = text_at(kept, "name"),
          .quality = number_at(kept, "quality"),
          .file_bytes = count_at(kept, "file_bytes"),
          .memory_bytes = count_at(kept, "memory_bytes"),
          .speed = {.median = number_at(kept, "speed.median"),
                    .p99 = number_at(kept, "speed.p99"),
                    .rate = number_at(kept, "speed.rate")}};
}

Metadata kept(const bench::Comparison& speed) {
  Metadata all{{"verdict", text_of(static_cast<std::int64_t>(speed.verdict))}, {"warm_up", text_of(speed.warm_up)}};
  put_interval(all, "ratio", speed.ratio);
  put_interval(all, "a_to_itself", speed.a_to_itself);
  return all;
}

bench::Comparison comparison_at(const Metadata& kept) {
  return {.ratio = interval_at(kept, "ratio"),
          .a_to_itself = interval_at(kept, "a_to_itself"),
          .verdict = static_cast<bench::Verdict>(count_at(kept, "verdict")),
          .warm_up = count_at(kept, "warm_up")};
}

Metadata kept(const WidthRow& row) {
  Metadata all{{"width", text_of(row.width)}, {"float_bytes", text_of(row.float_bytes)}};
  put_interval(all, "q8_0", row.q8_0);
  put_interval(all, "q4_0", row.q4_0);
  return all;
}

WidthRow width_at(const Metadata& kept) {
  return {.width = count_at(kept, "width"),
          .float_bytes = count_at(kept, "float_bytes"),
          .q8_0 = interval_at(kept, "q8_0"),
          .q4_0 = interval_at(kept, "q4_0")};
}

}  // namespace rushlight::compression
