// hook_scope.cpp: given. What must be undone at the end of a scope, also when an exception ends it: a hook, a scope of
// hooks. Destructors must not throw, so none of them can hold a blank.
#include <algorithm>
#include <utility>

#include "13_transformers/hooks.hpp"

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

template class HandleOf<HookList>;

void remove_hook(HookList& list, std::uint64_t id) noexcept {
  drop_entries(list, [id](const HookList::Entry& entry) { return entry.id == id; });
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

}  // namespace rushlight
