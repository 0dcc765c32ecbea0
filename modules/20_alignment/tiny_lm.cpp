// tiny_lm.cpp: the smallest language model that has every kind of parameter.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "20_alignment/language_model.hpp"

namespace rushlight {

TinyLM::TinyLM(TinyLMOptions options, Generator& generator)
    : embed({.count = options.vocabulary, .width = options.hidden}, generator),
      fc({.in = options.hidden, .out = options.hidden}, generator),
      head({.in = options.hidden, .out = options.vocabulary}, generator) {}

// 20.1 TinyLM::forward  ids (B, T) -> logits (B, T, V);  head(tanh(fc(embed(ids))))
// Hint: all four work on any leading axes. Never go through value() on the way.
Tensor TinyLM::forward(const Indices& ids) {
  todo("20.1");
}

void TinyLM::members(Members& m) {
  m("embed", embed);
  m("fc", fc);
  m("head", head);
}

}  // namespace rushlight
