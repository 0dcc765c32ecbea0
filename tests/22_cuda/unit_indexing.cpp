#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

const std::vector<std::int32_t> some_ids{3, 0, 3, 4, 3, 0, 1};  // 3 three times, 2 never

TEST(Unit_22_6, TakesRows) {
  const CudaHere device;
  const Array table = uniform({5, 37}, 1, 1, 2);
  const Indices ids = Indices({7}, some_ids).to(gpu);
  const auto run = [&](const Arrays& in) {
    Array out = on_gpu({7, 37});
    take_rows(view_to_write(out), view(in[0]), view(ids), 37);
    return out;
  };
  const auto expected =
      tabulated({7, 37}, [&](std::int64_t i) { return number(table, some_ids[i / 37] * 37 + i % 37); });
  EXPECT_TRUE(agrees(run, {table}, expected, exactly));
}

TEST(Unit_22_6, TheEmulatorSeesAnIdThatIsNone) {
  const CudaHere device;
  for (const std::int32_t id : {-1, 5, -100, 1 << 20}) {
    const Array table = uniform({5, 3}, 1, 1, 2).to(gpu), x = uniform({2, 3}, 2, 1, 2).to(gpu);
    const Indices ids = Indices({2}, {1, id}).to(gpu), lines = Indices({1, 2, 3}, {1, 1, 1, 0, id, 0}).to(gpu);
    Array out = on_gpu({2, 3}), sums = table.clone(), gathered = on_gpu({1, 2, 3});
    EXPECT_THROW(take_rows(view_to_write(out), view(table), view(ids), 3), KernelError) << id;
    EXPECT_THROW(add_rows_atomic(view_to_write(sums), view(x), view(ids), 3), KernelError) << id;
    EXPECT_THROW(gather_lines(view_to_write(gathered), view(table), view(lines), 5, 2, 3), KernelError) << id;
  }
}

Array added_rows(const Array& table, const Array& x) {
  return tabulated(table.shape(), [&](std::int64_t i) {
    double sum = number(table, i);
    for (std::size_t r = 0; r < some_ids.size(); ++r) {
      if (some_ids[r] == i / 37) sum += number(x, static_cast<std::int64_t>(r) * 37 + i % 37);
    }
    return sum;
  });
}

TEST(Unit_22_6, AddsRowsWithAtomics) {
  const CudaHere device;
  const Array table = uniform({5, 37}, 1, 1, 2), x = uniform({7, 37}, 2, 1, 2);
  const Indices ids = Indices({7}, some_ids).to(gpu);
  const auto run = [&](const Arrays& in) {
    Array out = in[0].clone();
    add_rows_atomic(view_to_write(out), view(in[1]), view(ids), 37);
    return out;
  };
  EXPECT_TRUE(agrees(run, {table, x}, added_rows(table, x), {1e-5, 1e-6}, Bits::may_differ));
}

TEST(Unit_22_6, AddsRowsInOrder) {
  const CudaHere device;
  // 1 is lost beside 1e8, unless the two large ones have cancelled first: only the order of ids gives 1
  const Array table = Array({5, 37}, std::vector<Real>(185, 1));
  const Array x = tabulated({7, 37}, [](std::int64_t i) {
    const double of_row[] = {1e8, 2, -1e8, 5, 1, 3, 4};
    return of_row[i / 37];
  });
  const Indices ids = Indices({7}, some_ids).to(gpu);
  const auto run = [&](const Arrays& in) {
    Array out = in[0].clone();
    add_rows_ordered(view_to_write(out), view(in[1]), view(ids), 37);
    return out;
  };
  const auto in_order = tabulated({5, 37}, [](std::int64_t i) {
    const Real of_row[] = {1 + 2 + 3, 1 + 4, 1, ((Real{1} + Real{1e8}) - Real{1e8}) + 1, 1 + 5};
    return of_row[i / 37];
  });
  EXPECT_TRUE(agrees(run, {table, x}, in_order, exactly));
}

const Shape lines_shape{2, 3, 4};
const std::vector<std::int32_t> some_lines{4, 0, 1, 2, 4, 0, 1, 3, 0, 0, 1, 4,  //
                                           1, 1, 1, 1, 2, 0, 4, 1, 1, 3, 3, 3};

TEST(Unit_22_6, GathersLines) {
  const CudaHere device;
  const Array x = uniform({2, 5, 4}, 1, 1, 2);
  const Indices index = Indices(lines_shape, some_lines).to(gpu);
  const auto run = [&](const Arrays& in) {
    Array out = on_gpu(lines_shape);
    gather_lines(view_to_write(out), view(in[0]), view(index), 5, 3, 4);
    return out;
  };
  const auto expected =
      tabulated(lines_shape, [&](std::int64_t e) { return number(x, (e / 12 * 5 + some_lines[e]) * 4 + e % 4); });
  EXPECT_TRUE(agrees(run, {x}, expected, exactly));
}

TEST(Unit_22_6, ScattersLines) {
  const CudaHere device;
  const Array x = uniform({2, 5, 4}, 1, 1, 2), grad = uniform(lines_shape, 2, 1, 2);
  const Indices index = Indices(lines_shape, some_lines).to(gpu);
  const auto run = [&](const Arrays& in) {
    Array out = in[0].clone();
    scatter_lines(view_to_write(out), view(in[1]), view(index), 5, 3, 4);
    return out;
  };
  std::vector<double> sums = to_doubles(x);
  for (std::int64_t e = 0; e < 24; ++e) sums[(e / 12 * 5 + some_lines[e]) * 4 + e % 4] += number(grad, e);
  EXPECT_TRUE(agrees(run, {x, grad}, tabulated({2, 5, 4}, [&](std::int64_t i) { return sums[i]; }), {1e-5, 1e-6}));
}

TEST(Unit_22_6, ScattersLinesInOrder) {  // 1 and 2 are lost beside 1e8, unless the large ones have cancelled first
  const CudaHere device;
  const Array x({1, 2, 1}, {1, 7}), grad({1, 3, 1}, {Real(1e8), Real(-1e8), 2});
  const Indices index = Indices({1, 3, 1}, {0, 0, 0}).to(gpu);
  const auto run = [&](const Arrays& in) {
    Array out = in[0].clone();
    scatter_lines(view_to_write(out), view(in[1]), view(index), 2, 3, 1);
    return out;
  };
  EXPECT_TRUE(agrees(run, {x, grad}, Array({1, 2, 1}, {((Real{1} + Real{1e8}) - Real{1e8}) + 2, 7}), exactly));
}

}  // namespace
}  // namespace rushlight::test
