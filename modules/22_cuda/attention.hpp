// attention.hpp: what 12_attention's slot holds on this device (attention_table.cpp). Given.
#pragma once

#include "12_attention/attention.hpp"

namespace rushlight::cuda {

AttentionForward attention(const Array& q, const Array& k, const Array& v, const AttentionCall& call);
Arrays attention_gradients(const Array& grad, const Array& q, const Array& k, const Array& v, const Array& out,
                           const Array& statistics, const AttentionCall& call);

}  // namespace rushlight::cuda
