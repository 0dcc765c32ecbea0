// scopes.cpp: given. What must be undone at the end of a scope, also when an exception ends it: a hook, a scope of
// hooks, evaluation mode. Destructors must not throw, so none of them can hold a blank.
#include <algorithm>
#include <utility>

#include "13_transformers/hooks.hpp"
#include "13_transformers/sampling.hpp"

namespace rushlight {
namespace {

thread_local int scope_depth = 0;

// Takes the entries that `leaves` says yes to out of the list. They die at the end, when the list is in order again:
// what a hook captured may hold handles of this very list.
template <class Predicate>
void drop_entries(HookList& list, Predicate leaves) noexcept {
  std::vector<HookList::Entry> dying;
  const auto stays = std::stable_partition(list.entries.begin(), list.entries.end(),
                                           [&](const HookList::Entry& entry) { return !leaves(entry); });
  dying.assign(std::make_move_iterator(stays), std::make_move_iterator(list.entries.end()));
  list.entries.erase(stays, list.entries.end());
}

}  // namespace

HookPoint::HookPoint() : list_(std::make_shared<HookList>()) {}
HookPoint::HookPoint(HookPoint&&) noexcept = default;
HookPoint& HookPoint::operator=(HookPoint&&) noexcept = default;
HookPoint::~HookPoint() = default;

HookPointHandle::HookPointHandle(HookPointHandle&& other) noexcept
    : list_(std::move(other.list_)), id_(std::exchange(other.id_, 0)) {}

HookPointHandle& HookPointHandle::operator=(HookPointHandle&& other) noexcept {
  if (this == &other) return *this;
  remove();
  list_ = std::move(other.list_);
  id_ = std::exchange(other.id_, 0);
  return *this;
}

HookPointHandle::~HookPointHandle() { remove(); }

void HookPointHandle::remove() noexcept {
  const std::uint64_t id = std::exchange(id_, 0);
  const std::shared_ptr<HookList> list = std::exchange(list_, {}).lock();
  if (list == nullptr || id == 0) return;  // removed before, or the model is gone
  drop_entries(*list, [id](const HookList::Entry& entry) { return entry.id == id; });
}

void HookPointHandle::keep() noexcept {
  list_.reset();
  id_ = 0;
}

HookScope::Depth::Depth() : level(++scope_depth) {}

HookScope::Depth::~Depth() { --scope_depth; }

HookScope::HookScope(Module& model, const HookRequests& requests) {
  for (const auto& [name, point] : hook_points(model)) lists_.push_back(point->list_);
  handles_ = add_hooks(model, requests, {.level = level()});
}

HookScope::~HookScope() {
  handles_.clear();
  for (const std::weak_ptr<HookList>& each : lists_) {
    const std::shared_ptr<HookList> list = each.lock();
    if (list == nullptr) continue;
    drop_entries(*list, [this](const HookList::Entry& entry) { return entry.options.level == level(); });
  }
}

EvaluationMode::EvaluationMode(Module& model) {
  for (const auto& [path, module] : model.named_modules()) before_.emplace_back(module, module->training());
  model.eval();
}

// A module before its descendants, as named_modules() lists them, since train() reaches those, too.
EvaluationMode::~EvaluationMode() {
  for (const auto& [module, training] : before_) module->train(training);
}

}  // namespace rushlight
