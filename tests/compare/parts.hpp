// parts.hpp: the tasks of each module on their own: the functions that networks are made of, on small fixed inputs.
// Where a network goes wrong says which layer to look at; these say whether it is the layer or something under it.
#pragma once

#include "compare/trace.hpp"

namespace rushlight::compare {

void tensor_parts(Trace& trace);                           // 01
void activation_parts(Trace& trace);                       // 02
void layer_parts(Trace& trace);                            // 03
void loss_parts(Trace& trace);                             // 04
void autograd_parts(Trace& trace);                         // 05
void optimizer_parts(Trace& trace);                        // 06
void training_parts(Trace& trace);                         // 07
void data_parts(Trace& trace, const std::string& folder);  // 08; writes a few small files into the folder
void spatial_parts(Trace& trace);                          // 09
void tokenizer_parts(Trace& trace);                        // 10
void embedding_parts(Trace& trace);                        // 11
void attention_parts(Trace& trace);                        // 12
void transformer_parts(Trace& trace);                      // 13

}  // namespace rushlight::compare
