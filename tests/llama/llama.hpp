// llama.hpp: the few functions of llama.cpp that decoding needs, from a shared library that is opened by its path. No header
// of llama.cpp is used. Its parameters are structs of a size that this file does not know: they are held in more bytes than
// they have. On x86-64 (System V ABI) such a struct is returned through a pointer, and as the last argument it is copied to
// the stack, so that more bytes do no harm. What the parameters brought is then checked with functions (llama_n_ctx, ...).
#pragma once

#include <cstdint>
#include <string>

namespace llama {

struct Parameters {
  alignas(16) unsigned char bytes[1024];
};

struct Batch {  // llama_batch
  std::int32_t n_tokens;
  std::int32_t* token;
  float* embd;
  std::int32_t* pos;
  std::int32_t* n_seq_id;
  std::int32_t** seq_id;
  std::int8_t* logits;
};

using Model = void*;
using Context = void*;
using Memory = void*;

// Every function that is called, found once. Throws std::runtime_error that names the library or the function.
class Library {
 public:
  explicit Library(const std::string& folder);  // with libllama*.so and libggml*.so in it

  void (*set_log)(void (*)(int, const char*, void*), void*);
  void (*load_backends)(const char* folder);
  Parameters (*model_defaults)();
  Parameters (*context_defaults)();
  Model (*load_model)(const char* file, Parameters);
  Context (*new_context)(Model, Parameters);
  std::uint32_t (*context_size)(Context);
  void (*set_threads)(Context, std::int32_t one_token, std::int32_t many);
  Batch (*batch_of)(std::int32_t* tokens, std::int32_t count);
  std::int32_t (*decode)(Context, Batch);
  float* (*last_logits)(Context, std::int32_t);
  Memory (*memory)(Context);
  bool (*forget)(Memory, std::int32_t sequence, std::int32_t from, std::int32_t to);
};

}  // namespace llama
