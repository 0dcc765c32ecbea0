// acceleration.cpp: given.
#include "18_acceleration/acceleration.hpp"

#include <algorithm>

#include "18_acceleration/kernels.hpp"

namespace rushlight {
namespace {

template <class Kernel>
void set(KernelSlot<Kernel>& slot, bool on, const Kernel& kernel) {
  slot.install(Device::cpu, on ? kernel : Kernel{});
}

void set_primitives(bool on) {
  Primitives table = plain_primitives();
  if (on) {
    table.add = looped_add;
    table.maximum = looped_maximum;
    table.equal = looped_equal;
    table.where = looped_where;
    table.sum = looped_sum;
  }
  install_primitives(table);
}

struct Op {
  const char* name;
  void (*set)(bool on);
};

const Op ops[] = {
    {"gemm", [](bool on) { set(gemm_slot, on, {threaded_gemm}); }},
    {"primitives", set_primitives},
    {"gelu",
     [](bool on) {
       set(gelu_slot, on, {fused_gelu_forward, fused_gelu_backward});
     }},
    {"softmax",
     [](bool on) {
       set(softmax_slot, on, {fused_softmax_forward, fused_softmax_backward});
     }},
    {"layer_norm",
     [](bool on) {
       set(layer_norm_slot, on, {fused_layer_norm, fused_layer_norm_backward_x, fused_layer_norm_backward_affine});
     }},
    {"cross_entropy",
     [](bool on) {
       set(cross_entropy_slot, on, {fused_cross_entropy_forward, fused_cross_entropy_backward});
     }},
    {"adam", [](bool on) { set(adam_slot, on, {fused_adam}); }},
    {"attention",
     [](bool on) {
       set(attention_slot, on, {tiled_attention_forward, tiled_attention_backward});
     }},
    {"conv2d",
     [](bool on) {
       set(conv2d_slot, on, {line_conv2d_forward, line_conv2d_backward_x, line_conv2d_backward_weight});
     }},
    {"max_pool2d",
     [](bool on) {
       set(max_pool2d_slot, on, {blocked_max_pool2d_forward, max_pool2d_backward});
     }},
};

}  // namespace

std::vector<std::string> accelerated_ops() {
  std::vector<std::string> names;
  for (const Op& op : ops) names.emplace_back(op.name);
  return names;
}

void accelerate(const std::vector<std::string>& wanted) {
  const std::vector<std::string> known = accelerated_ops();
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw ValueError("accelerate: there is no kernel for '{}'.", {name});
    }
  }
  for (const Op& op : ops) op.set(std::find(wanted.begin(), wanted.end(), op.name) != wanted.end());
}

}  // namespace rushlight
