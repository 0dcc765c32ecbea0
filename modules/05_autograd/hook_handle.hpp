// hook_handle.hpp: what whoever adds a hook gets back.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace rushlight {

// Removes its hook when asked to, or when it goes out of scope. Moves, does not copy. Knows what the hook hangs in by a
// weak pointer only, so it may outlive that. There must be a remove_hook(Owner&, id) noexcept beside Owner.
template <class Owner>
class HandleOf {
 public:
  HandleOf() = default;
  HandleOf(std::weak_ptr<Owner> owner, std::uint64_t id) : owner_(std::move(owner)), id_(id) {}
  HandleOf(HandleOf&& other) noexcept : owner_(std::move(other.owner_)), id_(std::exchange(other.id_, 0)) {}
  HandleOf& operator=(HandleOf&& other) noexcept {
    if (this == &other) return *this;
    remove();
    owner_ = std::move(other.owner_);
    id_ = std::exchange(other.id_, 0);
    return *this;
  }
  ~HandleOf() { remove(); }

  void remove() noexcept {  // a second call does nothing
    const std::uint64_t id = std::exchange(id_, 0);
    const std::shared_ptr<Owner> owner = std::exchange(owner_, {}).lock();
    if (owner != nullptr && id != 0) remove_hook(*owner, id);
  }

  void keep() noexcept {  // lets go without removing: the hook stays as long as what it hangs in
    owner_.reset();
    id_ = 0;
  }

 private:
  std::weak_ptr<Owner> owner_;
  std::uint64_t id_ = 0;
};

}  // namespace rushlight
