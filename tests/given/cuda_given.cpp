// The emulator of module 22 finds what it promises to find.
#include "../22_cuda/device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

const Grid one_block{.blocks = {1}, .threads = {64}};

template <class... Parameters, class... Arguments>
void expect_stopped(const std::vector<std::string>& words, void (*kernel)(Parameters...), const Grid& grid,
                    Arguments... arguments) {
  try {
    launch(kernel, grid, arguments...);
    ADD_FAILURE() << "nobody noticed: " << words[0];
  } catch (const KernelError& error) {
    for (const std::string& word : words) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }
}

__global__ void barrier_in_a_branch() {
  if (threadIdx.x < 40) __syncthreads();
}
__global__ void two_barriers() {
  if (threadIdx.x < 40) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}
__global__ void shuffle_in_a_branch(Global<Real> out) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_xor_sync(0xffffffffU, Real(1), 8);
}
__global__ void mask_without_itself(Global<Real> out) { out[threadIdx.x] = __shfl_xor_sync(0xffffU, Real(1), 8); }

TEST(Given_22, ThreadsThatWaitInVainAreNamed) {
  const CudaHere device;
  Array out = on_gpu({64});
  expect_stopped({"divergent __syncthreads", "(40, 0, 0) has returned"}, barrier_in_a_branch, one_block);
  expect_stopped({"divergent __syncthreads", "thread (40, 0, 0) waits"}, two_barriers, one_block);
  expect_stopped({"divergent warp", "lane 16"}, shuffle_in_a_branch, one_block, view_to_write(out));
  expect_stopped({"leaves it out"}, mask_without_itself, one_block, view_to_write(out));
  expect_stopped({"which its block does not have"}, shuffle_in_a_branch, Grid{.blocks = {1}, .threads = {16}},
                 view_to_write(out));
}

__global__ void shift(Global<Real> x, bool wait) {
  __shared__ Shared<Real, 64> held;
  held[threadIdx.x] = x[threadIdx.x];
  if (wait) __syncthreads();
  x[threadIdx.x] = held[(threadIdx.x + 33) % 64];
}
__global__ void count_plainly(Global<Real> x) { x[0] += 1; }
__global__ void count_atomically(Global<Real> x) { atomicAdd(&x[0], 1); }
__global__ void mixed(Global<Real> x) {
  if (threadIdx.x == 0) x[0] = 1;
  if (threadIdx.x != 0) atomicAdd(&x[0], 1);
}
__global__ void all_write_one(Global<Real> x) { x[0] = 1; }

TEST(Given_22, RacesAreNamed) {
  const CudaHere device;
  Array x = filled({64}, 0);
  launch(shift, one_block, view_to_write(x), true);
  expect_stopped({"race", "shared"}, shift, one_block, view_to_write(x), false);
  x = filled({64}, 0);
  launch(count_atomically, Grid{.blocks = {3}, .threads = {64}}, view_to_write(x));
  EXPECT_EQ(x.cpu().data()[0], 192);
  expect_stopped({"race", "device memory"}, count_plainly, one_block, view_to_write(x));
  expect_stopped({"race"}, mixed, one_block, view_to_write(x));
  expect_stopped({"race", "another block"}, all_write_one, Grid{.blocks = {2}, .threads = {1}}, view_to_write(x));
  launch(all_write_one, Grid{.blocks = {1}, .threads = {1}}, view_to_write(x));
  launch(all_write_one, Grid{.blocks = {1}, .threads = {1}}, view_to_write(x));  // the first launch is over
}

__global__ void warp_exchange(Global<Real> x) {
  __shared__ Shared<Real, 32> held;
  held[threadIdx.x] = x[threadIdx.x];
  __syncwarp();
  x[threadIdx.x] = held[31 - threadIdx.x];
}

TEST(Given_22, AWarpThatMeetsIsNoRace) {
  const CudaHere device;
  Array x = arange(32).to(gpu);
  launch(warp_exchange, Grid{.blocks = {1}, .threads = {32}}, view_to_write(x));
  EXPECT_TRUE(near(x.cpu(), tabulated({32}, [](std::int64_t i) { return 31 - i; }), exactly));
}

__global__ void past_the_end(Global<Real> x) { x[std::int64_t{threadIdx.x} + 1] = 1; }
__global__ void before_the_beginning(Reals x, Global<Real> out) { out[0] = x[-1]; }
__global__ void read_first(Reals x, Global<Real> out) { out[threadIdx.x] = x[0]; }
__global__ void read_unwritten_shared(Global<Real> out) {
  __shared__ Shared<Real, 8> held;
  if (threadIdx.x == 0) out[0] = held[3];
}

TEST(Given_22, MemoryIsGuarded) {
  const CudaHere device;
  Array x = filled({64}, 1), out = on_gpu({1});
  expect_stopped({"thread (63, 0, 0)", "element 64 of an array of 64"}, past_the_end, one_block, view_to_write(x));
  expect_stopped({"element -1"}, before_the_beginning, one_block, view(x), view_to_write(out));
  launch(read_unwritten_shared, one_block, view_to_write(out));
  EXPECT_TRUE(std::isnan(out.item()));
  EXPECT_TRUE(std::isnan(on_gpu({1}).item())) << "fresh memory holds NaN";
  Real here = 0;
  EXPECT_THROWS_WITH(Global<Real>(&here, 1), KernelError, "pointer of the host");
  Reals left;
  {
    const Array gone = filled({64}, 1);
    left = view(gone);
  }
  expect_stopped({"freed"}, read_first, one_block, left, view_to_write(out));
}

TEST(Given_22, ImpossibleLaunchesAreRefused) {
  const CudaHere device;
  expect_stopped({"2048 threads"}, barrier_in_a_branch, Grid{.blocks = {1}, .threads = {2048}});
  expect_stopped({"no blocks"}, barrier_in_a_branch, Grid{.blocks = {0}, .threads = {32}});
  const Grid too_many{.blocks = {1, 65536}, .threads = {32}}, too_deep{.blocks = {1, 1, 65536}, .threads = {32}};
  expect_stopped({"65536", "65535"}, barrier_in_a_branch, too_many);
  expect_stopped({"65536", "65535"}, barrier_in_a_branch, too_deep);
}

__global__ void votes(Global<Real> out) {
  const bool odd = threadIdx.x % 2 == 1;
  const unsigned ballot = __ballot_sync(0xffffffffU, odd);
  const bool any = __any_sync(0xffffffffU, threadIdx.x == 7), all = __all_sync(0xffffffffU, threadIdx.x < 31);
  const Real sum = __shfl_up_sync(0xffffffffU, Real(threadIdx.x), 2) + __shfl_sync(0xffffffffU, Real(threadIdx.x), 5);
  if (threadIdx.x == 4) out[0] = ballot == 0xaaaaaaaaU && any && !all ? sum : Real(-1);
}

TEST(Given_22, LanesVoteAndExchange) {
  const CudaHere device;
  Array out = on_gpu({1});
  launch(votes, Grid{.blocks = {1}, .threads = {32}}, view_to_write(out));
  EXPECT_EQ(out.item(), 2 + 5);
}

__global__ void by_stride(Global<Real> out, Reals x, int stride) { out[threadIdx.x] = x[threadIdx.x * stride]; }
__global__ void by_column(Global<Real> out, int pad) {
  __shared__ Shared<Real, 33 * 32> held;
  held[std::int64_t{threadIdx.x} * (32 + pad)] = 1;
  out[threadIdx.x] = 0;
}

TEST(Given_22, SectorsAndBanksAreCounted) {
  if (double_precision) GTEST_SKIP() << "numbers of eight bytes take twice as many";
  const CudaHere device;
  const Array x = filled({32 * 32}, 1);
  Array out = on_gpu({32});
  const Grid warp{.blocks = {1}, .threads = {32}};
  for (const auto& [stride, sectors] : std::vector<std::pair<int, int>>{{1, 4}, {2, 8}, {8, 32}, {32, 32}}) {
    const emulator::Count count;
    launch(by_stride, warp, view_to_write(out), view(x), stride);
    EXPECT_EQ(count.most_sectors(), sectors) << stride;
  }
  for (const auto& [pad, turns] : std::vector<std::pair<int, int>>{{0, 32}, {1, 1}}) {
    const emulator::Count count;
    launch(by_column, warp, view_to_write(out), pad);
    EXPECT_EQ(count.most_turns(), turns) << pad;
  }
}

__global__ void set_to(Global<Real> x, Real value) { x[0] = value; }

// Work in a stream is not done before somebody waits for it: a forgotten wait shows every time.
TEST(Given_22, StreamsRunAsLateAsTheyMay) {
  const CudaHere device;
  Array x = filled({1}, 0);
  cudaStream_t stream = nullptr, other = nullptr;
  cudaEvent_t event = nullptr;
  cudaStreamCreate(&stream);
  cudaStreamCreate(&other);
  cudaEventCreate(&event);
  launch(set_to, Grid{.blocks = {1}, .threads = {1}, .stream = stream}, view_to_write(x), Real(5));
  cudaEventRecord(event, stream);
  EXPECT_EQ(x.item(), 0);
  EXPECT_EQ(cudaEventQuery(event), cudaErrorNotReady);
  cudaStreamWaitEvent(other, event);
  launch(set_to, Grid{.blocks = {1}, .threads = {1}, .stream = other}, view_to_write(x), Real(6));
  cudaStreamSynchronize(other);
  EXPECT_EQ(cudaEventQuery(event), cudaSuccess);
  EXPECT_EQ(x.item(), 6) << "the second stream waited for the first";
  cudaEventDestroy(event);
  cudaStreamDestroy(other);
  cudaStreamDestroy(stream);
}

TEST(Given_22, CopiesInTheWrongDirectionAreRefused) {
  const CudaHere device;
  Array x = on_gpu({1});
  Real here = 1;
  EXPECT_EQ(cudaMemcpy(x.mutable_data_on(gpu), &here, sizeof(Real), cudaMemcpyDeviceToHost),
            cudaErrorInvalidMemcpyDirection);
  EXPECT_EQ(cudaFree(&here), cudaErrorInvalidValue);
}

TEST(Given_22, DevicesDoNotMix) {
  const CudaHere device;
  const Array there = filled({2}, 1);
  EXPECT_THROWS_WITH(there + ones({2}), DeviceError, "add", "cpu", "cuda");
  EXPECT_THROWS_WITH(static_cast<void>(there.data()), DeviceError, "cuda");
}

}  // namespace
}  // namespace rushlight::test
