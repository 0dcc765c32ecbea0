// hook_handle.cpp: given. How a hook leaves its node.
#include <algorithm>
#include <utility>

#include "05_autograd/autograd.hpp"

namespace rushlight {

template class HandleOf<Node>;

void remove_hook(Node& node, std::uint64_t id) noexcept {
  const auto hook =
      std::find_if(node.hooks.begin(), node.hooks.end(), [id](const auto& each) { return each.first == id; });
  if (hook == node.hooks.end()) return;
  const GradHook dying = std::move(hook->second);  // destroyed last: it may hold handles of this very node
  node.hooks.erase(hook);
}

}  // namespace rushlight
