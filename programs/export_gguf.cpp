// export_gguf.cpp: what `rush export gguf` runs.
//   export_gguf CHECKPOINT TOKENIZER TYPE OUT   writes OUT and prints {"file", "bytes", "tensors", "type"}
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "01_tensor/todo.hpp"
#include "07_training/checkpoint.hpp"
#include "16_quantization/gguf.hpp"
#include "16_quantization/gpt_file.hpp"

int main(int argc, char** argv) {
  using namespace rushlight;
  if (argc != 5) {
    std::cerr << "usage: export_gguf CHECKPOINT TOKENIZER TYPE OUT\n";
    return 2;
  }
  const std::string checkpoint = argv[1], tokenizer = argv[2], type = argv[3], out = argv[4];
  try {
    GPT gpt = load_gpt(checkpoint);
    const std::string name = std::filesystem::path(checkpoint).stem().string();
    const Gguf content = gguf_of(gpt, BpeTokenizer::load(tokenizer), gguf_type_called(type), name);
    const std::vector<std::uint8_t> bytes = encode_gguf(content);
    write_file(out, bytes);
    std::cout << nlohmann::json{
        {"file", out}, {"bytes", bytes.size()}, {"tensors", content.tensors.size()}, {"type", type}};
    std::cout << "\n";
  } catch (const Todo&) {  // it has said on stderr which
    return 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
