// widgets.hpp: what the pages can ask of the course's own code. Each answers JSON; each throws the course's errors.
#pragma once

#include <string>

#include "request.hpp"

namespace rushlight::live {

std::string broadcast(Request& request);  // broadcast 2,3 3: who reads what, and where gradients are summed
std::string graph(Request& request);      // graph w=2 x=3 ; (w*x)^2: the recorded graph and its backward pass
std::string race(Request& request);       // race SURFACE OPTIMIZER lr momentum x y steps: the path
std::string depth(Request& request);      // depth ACTIVATION gain layers width: sizes of signals and gradients
std::string net(Request& request);        // net new|data|add|step|map|look ...: a network that trains
std::string conv(Request& request);       // conv kernel stride padding CELLS WEIGHTS: columns and answers of a filter
std::string shapes(Request& request);     // shapes new|kinds|draw|train|read ...: a small LeNet that learns drawings
std::string tokens(Request& request);     // tokens MERGES RULE CORPUS TEXT: what byte pair encoding learns and does
std::string heads(Request& request);      // heads new|train|look ...: a small GPT, its patterns, without some heads
std::string quant(Request& request);      // quant KIND group outlier seed: 256 numbers, rounded; what it costs
std::string compose(Request& request);    // compose new|train|look ...: three losses in one, and what each sends where
std::string strides(Request& request);    // strides ROWS COLUMNS FIRST DOWN RIGHT: which place of memory a cell reads
std::string sines(Request& request);      // sines PAIRS COUNT T: a position of module 11, and how alike the others are

std::string answer(const std::string& text);  // the one way in: the first word names the widget

}  // namespace rushlight::live
