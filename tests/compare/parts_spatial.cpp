#include "09_spatial/spatial.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

using In = const Tensors&;

const ConvOptions odd{.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2};

}  // namespace

void spatial_parts(Trace& t) {
  t.section("09 spatial");
  const Array x = fixed("image", {2, 4, 6, 7}), weight = fixed("taps", {6, 2, 3, 2}), bias = fixed("bias", {6});
  const Window window{.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}};
  t.part("09.1", "output_size", [&] {
    const Pair size = output_size("compare", x.shape(), window);
    return numbers({static_cast<double>(size.h), static_cast<double>(size.w)});
  });
  t.part("09.1", "outputs_inside", [] {
    const Run run = outputs_inside(-3, 2, 6, 5);
    return numbers({static_cast<double>(run.first), static_cast<double>(run.last)});
  });
  t.part("09.2", "conv2d_direct", [&] { return conv2d_direct(x, weight, bias, odd); });
  t.part("09.3", "im2col", [&] { return im2col(x, 1, window); });
  t.part("09.3", "col2im_add", [&] {
    Array into = zeros(x.shape());
    col2im_add(cotangent_of(im2col(x, 1, window).shape()), 1, window, into);
    return into;
  });
  t.rule("09.4", "conv2d", [](In in) { return conv2d(in[0], in[1], in[2], odd); }, {x, weight, bias});
  t.part("09.5", "Conv2d as it begins", [] {
    Generator random(7);
    const Conv2d layer({.in = 4, .out = 2, .kernel = 3, .groups = 2}, random);
    return layer.bias.value();
  });
  t.rule(
      "09.5", "Conv2d",
      [](In in) {
        Generator random(7);
        Conv2d layer(
            {.in = 4, .out = 2, .kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2},
            random);
        layer.weight.set_value(fixed("w", layer.weight.shape()));
        layer.bias.set_value(fixed("b", {2}));
        return layer(in[0]);
      },
      {x});
  t.rule("09.6", "max_pool2d", [](In in) { return max_pool2d(in[0], {.kernel = 3, .stride = 2, .padding = 1}); }, {x});
  t.rule("09.6", "max_pool2d of equals", [](In in) { return max_pool2d(in[0], {.kernel = 2, .stride = 1}); },
         {ones({1, 1, 3, 3})});
  t.rule("09.7", "avg_pool2d", [](In in) { return avg_pool2d(in[0], {.kernel = 3, .stride = 2, .padding = 1}); }, {x});
  t.rule("09.7", "adaptive_avg_pool2d", [](In in) { return adaptive_avg_pool2d(in[0], {4, 3}); }, {x});
  t.rule("09.8", "BatchNorm2d",
         [](In in) {
           BatchNorm2d norm({.features = 4});
           norm.weight.set_value(fixed_positive("gain", {4}));
           return norm(in[0]);
         },
         {x});
  t.rule("09.9", "flatten", [](In in) { return flatten(in[0], 1); }, {x});
  for (const std::int64_t stride : {1, 2}) {
    t.rule("09.9", "ResidualBlock with stride " + std::to_string(stride),
           [&](In in) {
             Generator random(7);
             ResidualBlock block({.in = 4, .out = 4, .stride = stride}, random);
             for (auto& [name, parameter] : block.named_parameters())
               parameter.set_value(fixed(name, parameter.shape()));
             return block(in[0]);
           },
           {x});
  }
}

}  // namespace rushlight::compare
