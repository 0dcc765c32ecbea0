// answer.cpp: which widget a request is for.
#include "widgets.hpp"

namespace rushlight::live {

std::string answer(const std::string& text) {
  Request request(text);
  const std::string name = request.word();
  if (name == "broadcast") return broadcast(request);
  if (name == "graph") return graph(request);
  if (name == "race") return race(request);
  if (name == "depth") return depth(request);
  if (name == "net") return net(request);
  if (name == "conv") return conv(request);
  if (name == "shapes") return shapes(request);
  if (name == "tokens") return tokens(request);
  if (name == "heads") return heads(request);
  if (name == "quant") return quant(request);
  if (name == "compose") return compose(request);
  if (name == "strides") return strides(request);
  if (name == "sines") return sines(request);
  throw ValueError("there is no widget {}.", {name});
}

}  // namespace rushlight::live
