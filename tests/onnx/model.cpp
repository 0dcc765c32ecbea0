#include "model.hpp"

namespace onnx {
namespace {

std::string bytes_of(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

// A ValueInfoProto of floats.
Message value(const std::string& name, const Dims& dims) {
  Message shape, tensor;
  for (const std::int64_t dim : dims) shape.message(1, Message().number(1, static_cast<std::uint64_t>(dim)));
  tensor.number(1, static_cast<std::uint64_t>(Type::float32)).message(2, shape);
  return Message().bytes(1, name).message(2, Message().message(1, tensor));
}

Message operators(const std::string& domain, std::uint64_t version) {
  return Message().bytes(1, domain).number(2, version);
}

}  // namespace

std::string Chain::name_of(std::int64_t place) const {
  return place == 0 ? "x" : place == layers_ ? "y" : "x" + std::to_string(place);
}

std::string Chain::constant(Type type, const Dims& dims, const std::string& bytes) {
  const std::string name = "c" + std::to_string(constants_++);
  Message tensor;
  for (const std::int64_t dim : dims) tensor.number(1, static_cast<std::uint64_t>(dim));
  graph_.message(5, tensor.number(2, static_cast<std::uint64_t>(type)).bytes(8, name).bytes(9, bytes));
  return name;
}

std::string Chain::constant(const Dims& dims, const std::vector<float>& numbers) {
  return constant(Type::float32, dims, bytes_of(numbers));
}

// The next one, of what the last one gave and of constants.
Message Chain::node(const std::string& op, const std::vector<std::string>& constants) {
  Message node;
  node.bytes(1, name_of(added_));
  for (const std::string& each : constants) node.bytes(1, each);
  return node.bytes(2, name_of(++added_)).bytes(4, op);
}

void Chain::linear(const std::vector<float>& weight, const std::vector<float>& bias) {
  const std::int64_t width = shape_[1];
  Message gemm = node("Gemm", {constant({width, width}, weight), constant({width}, bias)});
  graph_.message(
      1, gemm.message(5, Message().bytes(1, "transB").number(3, 1).number(20, 2)));  // 2: a whole number, it is 1
}

void Chain::quantized(Type type, const std::string& codes, std::uint8_t zero, const std::vector<float>& scales,
                      const std::vector<float>& bias) {
  const std::int64_t width = shape_[1];
  const std::vector<std::string> constants = {constant(type, {width, width}, codes), constant({width}, scales),
                                              constant(type, {}, std::string(1, static_cast<char>(zero))),
                                              constant({width}, bias)};
  graph_.message(1, node("DynamicQuantizeMatMul", constants).bytes(7, "com.microsoft"));
}

std::string Chain::encoded() const {
  Message graph = graph_;
  if (layers_ == 0) graph.message(1, Message().bytes(1, "x").bytes(2, "y").bytes(4, "Identity"));
  graph.bytes(2, "chain").message(11, value("x", shape_)).message(12, value("y", shape_));
  Message model;
  model.number(1, 8).message(7, graph).message(8, operators("", 13)).message(8, operators("com.microsoft", 1));
  return model.encoded();
}

}  // namespace onnx
