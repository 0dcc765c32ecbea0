#include <limits>

#include "01_tensor/tensor.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

using In = const Tensors&;

void shapes(Trace& t) {
  t.part("01.1", "strides_of", [] { return sizes(strides_of({2, 3, 4})); });
  t.part("01.1", "broadcast_shapes", [] { return sizes(broadcast_shapes("compare", {4, 1, 3}, {2, 1})); });
  t.part("01.1", "reduced_shape", [] { return sizes(reduced_shape({2, 3, 4}, {0, 2}, true)); });
  t.part("01.1", "infer_shape", [] { return sizes(infer_shape(24, {2, -1, 4})); });
}

void elementwise(Trace& t) {
  const Array a = fixed("a", {3, 4}), row = fixed("row", {4}), column = fixed_positive("column", {3, 1});
  const Array positive = fixed_positive("positive", {3, 4});
  t.part("01.2", "add", [&] { return a + row; });
  t.part("01.2", "sub", [&] { return column - row; });
  t.part("01.2", "mul", [&] { return a * column; });
  t.part("01.2", "div", [&] { return row / column; });
  t.part("01.2", "neg", [&] { return -a; });
  t.part("01.2", "exp", [&] { return exp(a); });
  t.part("01.2", "log", [&] { return log(positive); });
  t.part("01.2", "sqrt", [&] { return sqrt(positive); });
  t.part("01.2", "tanh of an array", [&] { return tanh(a); });
  t.part("01.2", "erf", [&] { return erf(a); });
  t.part("01.2", "abs", [&] { return abs(a); });
  t.part("01.2", "pow", [&] { return pow(positive, 3); });
  const Array odd({3}, {1, std::numeric_limits<Real>::quiet_NaN(), -std::numeric_limits<Real>::infinity()});
  t.part("01.2", "maximum", [&] { return maximum(a, row); });
  t.part("01.2", "maximum of a NaN", [&] { return maximum(odd, Array({3}, {0, 0, 0})); });
  t.part("01.2", "minimum", [&] { return minimum(a, row); });
  t.part("01.2", "minimum of a NaN", [&] { return minimum(Array({3}, {0, 0, 0}), odd); });
  t.part("01.2", "greater", [&] { return numbers(greater(a, row)); });
  t.part("01.2", "less", [&] { return numbers(less(a, a)); });
  t.part("01.2", "equal", [&] { return numbers(equal(a, a)); });
  t.part("01.2", "where", [&] { return where(Mask({3}, {1, 0, 1}), odd, Array({3}, {7, 8, 9})); });
}

void reductions(Trace& t) {
  const Array x = fixed("reduced", {2, 3, 11});
  t.part("01.3", "sum over the first axis", [&] { return sum(x, {0}); });
  t.part("01.3", "sum over the middle axis", [&] { return sum(x, {1}, true); });
  t.part("01.3", "sum over the last axis", [&] { return sum(x, {-1}); });
  t.part("01.3", "sum of everything", [&] { return sum(x); });
  t.part("01.3", "mean", [&] { return mean(x, {0, 2}); });
  t.part("01.3", "max of negative numbers", [&] { return max(-fixed_positive("reduced", {2, 3, 11}), {-1}); });
  t.part("01.3", "argmax", [&] { return numbers(argmax(Array({2, 3}, {1, 5, 5, 2, 2, 0}))); });
  t.part("01.3", "sum_to", [&] { return sum_to(x, {3, 1}); });
  t.part("01.3", "sum_to without two axes", [&] { return sum_to(x, {11}); });
}

void products_and_moves(Trace& t) {
  const Array a = fixed("left", {2, 3, 4}), b = fixed("right", {4, 5}), c = fixed("right", {2, 5, 4});
  t.part("01.4", "matmul", [&] { return matmul(a, b); });
  t.part("01.4", "matmul by batch", [&] { return matmul(a, c, {.transpose_b = true}); });
  t.part("01.4", "matmul transposed", [&] { return matmul(c, a, {.transpose_a = false, .transpose_b = true}); });
  t.part("01.4", "matmul with the first transposed", [&] {
    return matmul(b, fixed("tall", {4, 2}), {.transpose_a = true});
  });
  t.part("01.5", "permute", [&] { return permute(a, {1, 2, 0}); });
  t.part("01.5", "transpose", [&] { return transpose(a, 0, 2); });
  t.part("01.5", "broadcast_to", [&] { return broadcast_to(fixed("column", {3, 1}), {2, 3, 4}); });
  t.part("01.5", "reshape", [&] { return reshape(a, {4, -1}); });
  t.part("01.6", "concat", [&] { return concat(Arrays{a, fixed("more", {2, 2, 4})}, 1); });
  t.part("01.6", "slice", [&] { return slice(fixed("line", {7, 2}), 0, {.start = 1, .stop = 7, .step = 2}); });
  t.part("01.6", "slice with a rest", [&] {
    return slice(fixed("line", {7, 2}), 0, {.start = 0, .stop = 6, .step = 4});
  });
  t.part("01.6", "unslice", [&] {
    return unslice(fixed("piece", {2, 2}), {5, 2}, 0, {.start = 1, .stop = 5, .step = 2});
  });
  const Indices ids({4}, {2, 0, 2, 1});
  t.part("01.6", "take", [&] { return take(b, ids); });
  t.part("01.6", "take_adjoint", [&] { return take_adjoint(fixed("rows", {4, 5}), {4, 5}, ids); });
  const Indices one({3, 1}, {1, 0, 1});
  t.part("01.6", "gather", [&] { return gather(fixed("table", {3, 2}), 1, one); });
  t.part("01.6", "gather_adjoint", [&] { return gather_adjoint(fixed("some", {3, 1}), {3, 2}, 1, one); });
}

void rules(Trace& t) {
  const Array a = fixed("a", {3, 4}), row = fixed("row", {4}), positive = fixed_positive("positive", {3, 4});
  t.rule("01.7", "add with its rule", [](In x) { return x[0] + x[1]; }, {a, row});
  t.rule("01.7", "sub with its rule", [](In x) { return x[0] - x[1]; }, {a, row});
  t.rule("01.7", "mul with its rule", [](In x) { return x[0] * x[1]; }, {a, row});
  t.rule("01.7", "div with its rule", [](In x) { return x[0] / x[1]; }, {a, positive});
  t.rule("01.7", "neg with its rule", [](In x) { return -x[0]; }, {a});
  t.rule("01.7", "exp with its rule", [](In x) { return exp(x[0]); }, {a});
  t.rule("01.7", "log with its rule", [](In x) { return log(x[0]); }, {positive});
  t.rule("01.7", "sqrt with its rule", [](In x) { return sqrt(x[0]); }, {positive});
  t.rule("01.7", "abs with its rule", [](In x) { return abs(x[0]); }, {a});
  t.rule("01.7", "pow with its rule", [](In x) { return pow(x[0], 3); }, {a});
  t.rule("01.7", "maximum with its rule", [](In x) { return maximum(x[0], x[1]); }, {a, row});
  t.rule("01.7", "minimum with its rule", [](In x) { return minimum(x[0], x[1]); }, {a, row});
  const Array left = fixed("left", {2, 3, 4}), right = fixed("right", {4, 5});
  t.rule("01.8", "matmul with its rule", [](In x) { return matmul(x[0], x[1]); }, {left, right});
  t.rule("01.8", "matmul with both flags",
         [](In x) {
           return matmul(x[0], x[1], {true, true});
         },
         {fixed("m", {4, 3}), fixed("n", {5, 4})});
  t.rule("01.8", "sum with its rule", [](In x) { return sum(x[0], {1}) * Tensor(2); }, {left});
  t.rule("01.8", "sum of everything with its rule", [](In x) { return sum(x[0]) * Tensor(3); }, {a});
  t.rule("01.8", "mean with its rule", [](In x) { return mean(x[0], {0}, true); }, {a});
  t.rule("01.8", "max with its rule", [](In x) { return max(x[0], {-1}); }, {Array({2, 3}, {1, 5, 5, 2, 0, 1})});
  t.rule("01.9", "reshape with its rule", [](In x) { return reshape(x[0], {4, 3}); }, {a});
  t.rule("01.9", "permute with its rule", [](In x) { return permute(x[0], {1, 2, 0}); }, {left});
  t.rule("01.9", "transpose with its rule", [](In x) { return transpose(x[0], 0, 1); }, {a});
  t.rule("01.9", "broadcast_to with its rule", [](In x) { return broadcast_to(x[0], {3, 4}); }, {row});
  t.rule("01.9", "concat with its rule", [](In x) { return concat(Tensors{x[0], x[1]}, 0); }, {a, positive});
  t.rule("01.9", "slice with its rule", [](In x) { return slice(x[0], 1, {.start = 1, .stop = 4, .step = 2}); }, {a});
  t.rule("01.9", "take with its rule", [](In x) { return take(x[0], Indices({3}, {1, 0, 1})); }, {a});
  t.rule("01.9", "gather with its rule",
         [](In x) {
           return gather(x[0], 1, Indices({3, 2}, {1, 1, 0, 3, 2, 2}));
         },
         {a});
}

}  // namespace

void tensor_parts(Trace& t) {
  t.section("01 tensor");
  shapes(t);
  elementwise(t);
  reductions(t);
  products_and_moves(t);
  rules(t);
}

}  // namespace rushlight::compare
