// scopes.cpp: given. What must be undone at the end of a scope, also when an exception ends it: the recording switch,
// anomaly mode and the removal of a hook. Destructors must not throw, so none of them can hold a blank.
#include <utility>

#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {

thread_local bool anomaly_mode = false;
thread_local AnomalyOptions anomaly_options;

}  // namespace

NoGrad::NoGrad() : before_(grad_enabled()) { set_grad_enabled(false); }

NoGrad::~NoGrad() { set_grad_enabled(before_); }

EnableGrad::EnableGrad() : before_(grad_enabled()) { set_grad_enabled(true); }

EnableGrad::~EnableGrad() { set_grad_enabled(before_); }

HookHandle::HookHandle(HookHandle&& other) noexcept : node_(std::move(other.node_)), id_(std::exchange(other.id_, 0)) {}

HookHandle& HookHandle::operator=(HookHandle&& other) noexcept {
  if (this == &other) return *this;
  remove();
  node_ = std::move(other.node_);
  id_ = std::exchange(other.id_, 0);
  return *this;
}

HookHandle::~HookHandle() { remove(); }

void HookHandle::remove() noexcept {
  const std::uint64_t id = std::exchange(id_, 0);
  const std::shared_ptr<Node> node = std::exchange(node_, {}).lock();
  if (node == nullptr || id == 0) return;  // removed before, or the graph is gone
  GradHook dying;                          // destroyed last: what it captured may hold handles of this very node
  for (auto hook = node->hooks.begin(); hook != node->hooks.end(); ++hook) {
    if (hook->first != id) continue;
    dying = std::move(hook->second);
    node->hooks.erase(hook);
    return;
  }
}

void HookHandle::keep() noexcept {
  node_.reset();
  id_ = 0;
}

AnomalyMode::AnomalyMode(AnomalyOptions options)
    : was_enabled_(std::exchange(anomaly_mode, true)), options_before_(std::exchange(anomaly_options, options)) {
  before_ = set_op_observer({});
  set_op_observer([before = before_](const char* op, const Array& value) {
    if (before) before(op, value);
    check_value(op, value);
  });
}

AnomalyMode::~AnomalyMode() {
  set_op_observer(std::move(before_));
  anomaly_mode = was_enabled_;
  anomaly_options = options_before_;
}

bool AnomalyMode::enabled() { return anomaly_mode; }

AnomalyOptions AnomalyMode::options() { return anomaly_options; }

}  // namespace rushlight
