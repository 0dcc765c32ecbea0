// message.hpp: protocol buffers, as far as an ONNX file needs them. A message is its fields, one after the other; a field is its
// number and kind, then a whole number of variable length (kind 0), or a length and so many bytes (kind 2): a text, raw
// numbers or another message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onnx {

class Message {
 public:
  Message& number(unsigned field, std::uint64_t value) {
    varint(field << 3U);
    varint(value);
    return *this;
  }

  Message& bytes(unsigned field, std::string_view content) {
    varint(field << 3U | 2U);
    varint(content.size());
    encoded_ += content;
    return *this;
  }

  Message& message(unsigned field, const Message& inner) { return bytes(field, inner.encoded_); }

  const std::string& encoded() const { return encoded_; }

 private:
  // Seven bits a byte, the lowest first; the eighth says that another byte follows.
  void varint(std::uint64_t value) {
    for (; value > 0x7F; value >>= 7U) encoded_ += static_cast<char>((value & 0x7FU) | 0x80U);
    encoded_ += static_cast<char>(value);
  }

  std::string encoded_;
};

}  // namespace onnx
