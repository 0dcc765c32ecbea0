// products.cpp: the matrix products, attention and a whole training step. cuBLAS says what the card can do with the same
// numbers; without it, nothing is timed here.
#include "products.hpp"

#include <cmath>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "13_transformers/transformer.hpp"
#include "22_cuda/cuda.hpp"
#include "22_cuda/table.hpp"
#include "stopwatch.hpp"

#ifdef RUSHLIGHT_CUBLAS
#include <cublas_v2.h>
#endif

namespace rushlight {

#ifndef RUSHLIGHT_CUBLAS
void time_products(Roofs&) {}
#else
namespace {

constexpr Device gpu = Device::cuda;

Array anything(const Shape& shape) {
  Generator generator(1);
  return randn(shape, generator).to(gpu);
}

// The time of cuBLAS for `batch` products (m, k) x (k, n), in float32 throughout.
class Floor {
 public:
  Floor() {
    cublasCreate(&handle_);
    cublasSetMathMode(handle_, CUBLAS_PEDANTIC_MATH);
  }
  ~Floor() { cublasDestroy(handle_); }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  double ms(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k) const {
    const Array a = anything({batch, m, k}), b = anything({batch, k, n});
    Array c = Array::on(gpu, {batch, m, n});
    return milliseconds([&] { product(c, a, b); });
  }

  // Row-major c = a·b is column-major cᵀ = bᵀ·aᵀ.
  void product(Array& c, const Array& a, const Array& b) const {
    const float one = 1, zero = 0;
    const auto n = static_cast<int>(c.dim(2)), m = static_cast<int>(c.dim(1)), k = static_cast<int>(a.dim(2));
    cublasSgemmStridedBatched(handle_, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &one, b.data_on(gpu), n,
                              static_cast<long long>(k) * n, a.data_on(gpu), k, static_cast<long long>(m) * k, &zero,
                              c.mutable_data_on(gpu), n, static_cast<long long>(m) * n, static_cast<int>(c.dim(0)));
  }

 private:
  cublasHandle_t handle_ = nullptr;
};

// Each element relative to its own size; what cancels nearly to nothing may be off by as much as the others are.
bool agree(const Array& a, const Array& b) {
  const Array allowed = abs(b) * Real(1e-3) + Array::scalar(Real(1e-4) * max(abs(b)).item());
  return max(abs(a - b) - allowed).item() <= 0;  // false for NaN
}

void time_matmul(Roofs& roofs, const Floor& floor) {
  using namespace cuda;
  for (const std::int64_t size : {1024, 2048, 4096}) {
    const Array a = anything({1, size, size}), b = anything({1, size, size});
    const Product shape{.batch = 1, .m = size, .n = size, .k = size};
    Array expected = Array::on(gpu, a.shape());
    floor.product(expected, a, b);
    const double floor_ms = floor.ms(1, size, size, size);
    const auto time = [&](const char* name, auto kernel) {
      Array out = table::full(a.shape(), NAN);
      const double ms = milliseconds([&] { kernel(view_to_write(out), view(a), view(b), shape); });
      roofs.kernels.push_back({name, a.shape().str(), "cuBLAS", ms, floor_ms});
      if (!agree(out, expected)) roofs.wrong.emplace_back(name);
    };
    time("matmul_naive", matmul_naive);
    time("matmul_tiled", matmul_tiled);
    time("matmul_registers", matmul_registers);
  }
}

void time_attention(Roofs& roofs, const Floor& floor) {
  constexpr std::int64_t batch = 8, heads = 8, tokens = 1024, depth = 64;
  const Array q = anything({batch, heads, tokens, depth});
  Array out = cuda::table::full(q.shape(), NAN), log_sum = Array::on(gpu, {batch, heads, tokens});
  const cuda::AttentionSizes sizes{.batch = batch,
                                   .heads = heads,
                                   .groups = heads,
                                   .queries = tokens,
                                   .keys = tokens,
                                   .depth = depth,
                                   .values = depth,
                                   .causal = false,
                                   .scale = Real(0.125)};
  const double ms = milliseconds([&] {
    cuda::attention_rows(cuda::view_to_write(out), cuda::view_to_write(log_sum), cuda::view(q), cuda::view(q),
                         cuda::view(q), {}, sizes);
  });
  const double both = floor.ms(batch * heads, tokens, tokens, depth) + floor.ms(batch * heads, tokens, depth, tokens);
  roofs.kernels.push_back({"attention_rows", q.shape().str(), "its two products on cuBLAS", ms, both});
  const Array scores = matmul(q, q, {.transpose_b = true}) * Real(0.125), e = exp(scores - max(scores, {3}, true));
  if (!agree(out, matmul(e / sum(e, {3}, true), q))) roofs.wrong.emplace_back("attention_rows");
}

// The products of a forward pass; the backward pass has twice as many, of the same sizes turned over.
double floor_of_step(const Floor& floor, const GPTOptions& gpt, std::int64_t batch) {
  const std::int64_t all = batch * gpt.context, depth = gpt.width / gpt.heads, pairs = batch * gpt.heads;
  const double layer = 4 * floor.ms(1, all, gpt.width, gpt.width) + floor.ms(1, all, 4 * gpt.width, gpt.width) +
                       floor.ms(1, all, gpt.width, 4 * gpt.width) + floor.ms(pairs, gpt.context, gpt.context, depth) +
                       floor.ms(pairs, gpt.context, depth, gpt.context);
  return 3 * (static_cast<double>(gpt.layers) * layer + floor.ms(1, all, gpt.vocabulary, gpt.width));
}

double loss_without_graph(GPT& gpt, const Indices& ids, const Indices& next) {
  const NoGrad no_grad;
  return static_cast<double>(cross_entropy(gpt.forward(ids), next).item());
}

void time_step(Roofs& roofs, const Floor& floor) {
  const GPTOptions options{.vocabulary = 256, .context = 256, .width = 256, .layers = 6, .heads = 8};
  constexpr std::int64_t batch = 32;
  Generator generator(1);
  GPT gpt(options, generator);
  Indices ids(Shape{batch, options.context});
  for (std::int64_t i = 0; i < ids.size(); ++i) ids.mutable_data()[i] = static_cast<std::int32_t>(i * 31 % 256);
  const double expected = loss_without_graph(gpt, ids, ids);
  gpt.to(gpu);
  AdamW optimizer(gpt.parameters(), {.lr = 1e-3});
  const std::vector<Indices> there = Indices::to(gpu, {ids, ids});
  const double found = loss_without_graph(gpt, there[0], there[1]);
  if (!(std::fabs(found - expected) <= 1e-3 * expected)) roofs.wrong.emplace_back("the forward pass of the GPT");
  const double ms = milliseconds([&] {
    const Tensor loss = cross_entropy(gpt.forward(there[0]), there[1]);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  });
  roofs.kernels.push_back({"training step of a GPT", "6 layers of 256, 32 x 256 tokens", "its products on cuBLAS", ms,
                           floor_of_step(floor, options, batch)});
  if (!(loss_without_graph(gpt, there[0], there[1]) < expected)) roofs.wrong.emplace_back("the training of the GPT");
}

}  // namespace

void time_products(Roofs& roofs) {
  const Floor floor;
  time_matmul(roofs, floor);
  time_attention(roofs, floor);
  time_step(roofs, floor);
}
#endif

}  // namespace rushlight
