#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

Compute mapping(Unary op, Real parameter = 0) {
  return [=](const Arrays& in) {
    Array out = on_gpu(in[0].shape());
    cuda::map(op, view_to_write(out), view(in[0]), parameter);
    return out;
  };
}

TEST(Unit_22_1, MapsEveryFunction) {
  const CudaHere device;
  const Array x = uniform({7, 41}, 1, 0.2, 3);
  const std::vector<std::pair<Unary, double (*)(double)>> all{
      {Unary::neg, [](double v) { return -v; }},
      {Unary::exp, [](double v) { return std::exp(v); }},
      {Unary::log, [](double v) { return std::log(v); }},
      {Unary::sqrt, [](double v) { return std::sqrt(v); }},
      {Unary::tanh, [](double v) { return std::tanh(v); }},
      {Unary::erf, [](double v) { return std::erf(v); }},
      {Unary::gelu, [](double v) { return v / 2 * (1 + std::erf(v / std::sqrt(2.0))); }},
      {Unary::gelu_tanh,
       [](double v) { return v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))); }}};
  for (const auto& [op, f] : all) {
    EXPECT_TRUE(agrees(mapping(op), {x}, tabulated(x.shape(), [&](auto i) { return f(number(x, i)); }), {1e-5, 1e-6}))
        << static_cast<int>(op);
  }
  EXPECT_TRUE(agrees(mapping(Unary::pow, 3), {x},
                     tabulated(x.shape(), [&](auto i) { return std::pow(number(x, i), 3); }), {1e-5, 1e-6}));
  EXPECT_TRUE(agrees(mapping(Unary::pow, 0), {x}, tabulated(x.shape(), [](auto) { return 1; })));
  EXPECT_TRUE(agrees(mapping(Unary::divide, 7), {x}, tabulated(x.shape(), [&](auto i) { return number(x, i) / 7; })));
  const Array both_signs = uniform({7, 41}, 2, -3, 3);
  EXPECT_TRUE(agrees(mapping(Unary::abs), {both_signs},
                     tabulated(x.shape(), [&](auto i) { return std::fabs(number(both_signs, i)); })));
}

// More numbers than the grid has threads: each thread comes again.
TEST(Unit_22_1, AGridStrideLoopReachesTheLastNumber) {
  const CudaHere device;
  const std::int64_t count = 1024 * block_threads + 77;
  const Array x = tabulated({count}, [](std::int64_t i) { return i % 1000 + 1; });
  EXPECT_TRUE(agrees(mapping(Unary::neg), {x}, tabulated({count}, [](std::int64_t i) { return -(i % 1000 + 1); })));
}

TEST(Unit_22_1, TakesAnyCount) {
  const CudaHere device;
  for (const std::int64_t count : {1, 31, 32, 33, 255, 256, 257, 1000}) {
    const Array x = tabulated({count}, [](std::int64_t i) { return i + 1; });
    EXPECT_TRUE(agrees(mapping(Unary::neg), {x}, tabulated({count}, [](std::int64_t i) { return -i - 1; }))) << count;
  }
  EXPECT_EQ(mapping(Unary::neg)({on_gpu({0})}).size(), 0);
}

// out (2, 4, 3) from a (2, 1, 3) and b (4, 1)
Layout example_layout() { return {.rank = 3, .sizes = {2, 4, 3}, .strides = {{3, 0, 1}, {0, 1, 0}, {12, 3, 1}}}; }
double of_a(const Array& a, std::int64_t i) { return number(a, i / 12 * 3 + i % 3); }
double of_b(const Array& b, std::int64_t i) { return number(b, i / 3 % 4); }

TEST(Unit_22_1, ZipsWithBroadcasting) {
  const CudaHere device;
  const Array a = uniform({2, 1, 3}, 1, 1, 2), b = uniform({4, 1}, 2, 1, 2);
  const std::vector<std::pair<Binary, double (*)(double, double)>> all{
      {Binary::add, [](double x, double y) { return x + y; }},
      {Binary::sub, [](double x, double y) { return x - y; }},
      {Binary::mul, [](double x, double y) { return x * y; }},
      {Binary::div, [](double x, double y) { return x / y; }},
      {Binary::maximum, [](double x, double y) { return std::max(x, y); }},
      {Binary::minimum, [](double x, double y) { return std::min(x, y); }}};
  for (const auto& [op, f] : all) {
    const auto run = [op = op](const Arrays& in) {
      Array out = on_gpu({2, 4, 3});
      cuda::zip(op, view_to_write(out), view(in[0]), view(in[1]), example_layout());
      return out;
    };
    EXPECT_TRUE(agrees(run, {a, b}, tabulated({2, 4, 3}, [&](auto i) { return f(of_a(a, i), of_b(b, i)); })))
        << static_cast<int>(op);
  }
}

// As many numbers as the result has, in another order: any operand of any kernel may lie transposed.
TEST(Unit_22_1, AnyOperandMayLieTransposed) {
  const CudaHere device;
  const Array a = uniform({12}, 1, 1, 2), b = uniform({12}, 2, 1, 2);
  std::vector<std::uint8_t> bits(12);
  for (std::size_t i = 0; i < 12; ++i) bits[i] = static_cast<std::uint8_t>(i * i % 5 % 2);
  const Mask mask = Mask(Shape{12}, bits).to(gpu);
  const auto at = [](int turned, std::int64_t i) { return turned != 0 ? i % 4 * 3 + i / 4 : i; };
  for (int turned = 0; turned < 8; ++turned) {  // a bit for each operand
    Layout layout{.rank = 2, .sizes = {3, 4}};
    for (int k = 0; k < 3; ++k) {
      layout.strides[k][0] = (turned >> k & 1) != 0 ? 1 : 4;
      layout.strides[k][1] = (turned >> k & 1) != 0 ? 3 : 1;
    }
    const auto of_a = [&](std::int64_t i, int k) { return number(a, at(turned >> k & 1, i)); };
    const auto of_b = [&](std::int64_t i, int k) { return number(b, at(turned >> k & 1, i)); };
    const auto zipped = [&](const Arrays& in) {
      Array out = on_gpu({3, 4});
      cuda::zip(Binary::sub, view_to_write(out), view(in[0]), view(in[1]), layout);
      return out;
    };
    EXPECT_TRUE(agrees(zipped, {a, b}, tabulated({3, 4}, [&](auto i) { return of_a(i, 0) - of_b(i, 1); }))) << turned;
    const auto compared = [&](const Arrays& in) {
      Mask found = Mask::on(gpu, {12});
      cuda::compare(Comparison::greater, {found.mutable_data_on(gpu), 12}, view(in[0]), view(in[1]), layout);
      Array out = on_gpu({3, 4});
      const Layout flat{.rank = 1, .sizes = {12}, .strides = {{1}, {0}, {0}}};
      cuda::select(view_to_write(out), view(found), view(in[2]), view(in[3]), flat);
      return out;
    };
    EXPECT_TRUE(agrees(compared, {a, b, Array({1}, {2}), Array({1}, {1})},
                       tabulated({3, 4}, [&](auto i) { return of_a(i, 0) > of_b(i, 1) ? 2 : 1; })))
        << turned;
    const auto selected = [&](const Arrays& in) {
      Array out = on_gpu({3, 4});
      cuda::select(view_to_write(out), view(mask), view(in[0]), view(in[1]), layout);
      return out;
    };
    EXPECT_TRUE(agrees(selected, {a, b},
                       tabulated({3, 4},
                                 [&](auto i) {
                                   return bits[static_cast<std::size_t>(at(turned & 1, i))] != 0 ? of_a(i, 1)
                                                                                                 : of_b(i, 2);
                                 })))
        << turned;
  }
}

TEST(Unit_22_1, SelectsAndDoesNotMix) {
  const CudaHere device;
  const Array a = Array({4}, {1, NAN, 3, NAN}).to(gpu), b = Array({4}, {NAN, 6, INFINITY, 8}).to(gpu);
  const Mask mask = Mask(Shape{4}, {1, 0, 255, 0}).to(gpu);
  Array out = on_gpu({4});
  cuda::select(view_to_write(out), view(mask), view(a), view(b), {.rank = 1, .sizes = {4}, .strides = {{1}, {1}, {1}}});
  EXPECT_TRUE(near(out.cpu(), {4}, {1, 6, 3, 8}, exactly))
      << "whatever is not 0 is true, and what was not chosen is not there";
}

TEST(Unit_22_1, ComparesAndSelects) {
  const CudaHere device;
  const Array a = uniform({2, 1, 3}, 1, 1, 2), b = uniform({4, 1}, 2, 1, 2), whole = uniform({2, 4, 3}, 3, -2, -1);
  const auto run = [](const Arrays& in) {
    Mask mask = Mask::on(gpu, {2, 4, 3});
    cuda::compare(Comparison::greater, {mask.mutable_data_on(gpu), mask.size()}, view(in[0]), view(in[1]),
                  example_layout());
    Array out = on_gpu({2, 4, 3});
    const Layout layout{.rank = 3, .sizes = {2, 4, 3}, .strides = {{12, 3, 1}, {3, 0, 1}, {12, 3, 1}}};
    cuda::select(view_to_write(out), view(mask), view(in[0]), view(in[2]), layout);
    return out;
  };
  const Array expected =
      tabulated({2, 4, 3}, [&](std::int64_t i) { return of_a(a, i) > of_b(b, i) ? of_a(a, i) : number(whole, i); });
  EXPECT_TRUE(agrees(run, {a, b, whole}, expected));
}

TEST(Unit_22_1, NeighboursReadNeighbours) {
  const CudaHere device;
  const Array x = uniform({1000}, 1, 1, 2).to(gpu);
  Array out = on_gpu({1000});
  const emulator::Count count;
  cuda::map(Unary::neg, view_to_write(out), view(x));
  EXPECT_EQ(count.launches, 1);
  EXPECT_EQ(count.most_sectors(), static_cast<int>(sizeof(Real))) << "32 numbers in a row are 4 sectors of 32 bytes";
}

TEST(GradientFlow_22_1, GeluHasItsDerivative) {
  const CudaHere device;
  const Array x = uniform({5, 9}, 1, -3, 3), grad = uniform({5, 9}, 2, 0.5, 2);
  for (const bool tanh : {false, true}) {
    const auto f = [tanh](double v) {
      const double inner = std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v);
      return v / 2 * (1 + (tanh ? std::tanh(inner) : std::erf(v / std::sqrt(2.0))));
    };
    const auto run = [tanh](const Arrays& in) {
      Array out = on_gpu({5, 9});
      const Layout flat{.rank = 1, .sizes = {45}, .strides = {{1}, {1}}};
      cuda::zip(tanh ? Binary::gelu_tanh_backward : Binary::gelu_backward, view_to_write(out), view(in[0]), view(in[1]),
                flat);
      return out;
    };
    const Array expected = tabulated({5, 9}, [&](std::int64_t i) {
      const double at = number(x, i), step = 1e-5;
      return number(grad, i) * (f(at + step) - f(at - step)) / (2 * step);
    });
    EXPECT_TRUE(agrees(run, {grad, x}, expected, {2e-5, 2e-6}));
  }
}

}  // namespace
}  // namespace rushlight::test
