// hooks.hpp: named places in a model where you can look at what passes, or put something else in its place. Names,
// semantics and most of the vocabulary are TransformerLens' (Nanda and Bloom, 2022).
//
//   const CacheOptions wanted{.names = "blocks.0.attn.hook_pattern"};
//   ActivationCache seen = run_with_cache(gpt, [&] { return gpt(ids); }, wanted).cache;
//
// A place that nobody hooked costs one look at an empty list: the tensor passes as it is, and the graph gets no node.
// Differences from TransformerLens: a hook is removed when its handle goes out of scope; the direction is the type of
// the function; a gradient is an Array; a hook sees a HookPlace (name and ctx), since the module itself may move.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "03_layers/module.hpp"
#include "05_autograd/hook_handle.hpp"

namespace rushlight {

// --- 13.1 one place (hook_point.cpp, hook_run.cpp; the handle is given, hook_scope.cpp) --------------------------

// What a hook is told about where it is, and room to keep things between calls.
struct HookPlace {
  std::string name;                  // path of the hook point in its model, as hook_points() set it last
  std::map<std::string, Array> ctx;  // for hooks; nothing else reads or clears it

  // 3 for "blocks.3.attn.hook_q". ValueError for a name that does not begin with "blocks.<number>.", digits alone and
  // no more than an int64 holds.
  std::int64_t layer() const;
};

// Sees what passes; returns a replacement of the same shape, or an undefined Tensor to leave it alone.
using ForwardHook = std::function<Tensor(const Tensor& value, HookPlace& place)>;
// Sees dL/d(output of the hook point), all of it; returns a replacement, or an undefined Array to leave it alone.
using GradientHook = std::function<Array(const Array& gradient, HookPlace& place)>;

enum class HookDirection : std::uint8_t { forward, backward, both };

struct HookOptions {
  bool prepend = false;    // before those that are there already, instead of after them
  bool permanent = false;  // survives remove_hooks() and reset_hooks() unless they are told otherwise
  int level = 0;           // of the HookScope that it belongs to; 0: of none
};

struct HookSelection {
  HookDirection direction = HookDirection::both;
  bool including_permanent = false;
  std::optional<int> level = {};  // only hooks of this level; empty: of every level
};

// The hooks of one place. A handle and a graph may outlive the model, so they know it by a weak pointer only.
struct HookList {
  struct Entry {
    std::uint64_t id;
    HookOptions options;
    ForwardHook forward;  // exactly one of the two is there
    GradientHook backward;

    // Whether it is a hook of this direction. Throws ValueError for a direction that is none. Given (hook_checks.cpp).
    bool is_of(HookDirection direction) const;
  };
  HookPlace place;
  std::vector<Entry> entries;  // in the order in which they run
  std::uint64_t last_id = 0;   // ids count upwards from 1 and are never used twice
};

// Throws ShapeError, with the place and `what` came back ("a value"), when a hook returned another shape than it saw.
// Given (hook_checks.cpp).
void check_hook_kept_shape(const HookPlace& place, const char* what, const Shape& seen, const Shape& returned);

void remove_hook(HookList& list, std::uint64_t id) noexcept;  // nothing where the hook is gone already

using HookPointHandle = HandleOf<HookList>;  // may outlive the model
extern template class HandleOf<HookList>;

// The identity, with an ear to the wall. A layer owns one for each place worth looking at, lists it in members(), and
// sends the tensor through it:  const Tensor z = hook_z(attend(...));
class HookPoint : public Module {
 public:
  // In hook_scope.cpp, to spare compile time: a block has a dozen of them.
  HookPoint();
  HookPoint(HookPoint&&) noexcept;
  HookPoint& operator=(HookPoint&&) noexcept;
  ~HookPoint() override;

  // Without hooks: x itself. With hooks: runs the forward hooks in order, each on what the one before left; when there
  // are backward hooks and a gradient is wanted, one identity op, "hook", joins the graph, and its rule runs the
  // backward hooks in order. Only those run that were there when x arrived and have not been removed since: what a hook
  // adds meanwhile, of either kind, waits for the next forward pass.
  Tensor forward(const Tensor& x) override { return list_->entries.empty() ? x : run_hooks(x); }
  Tensor operator()(const Tensor& x) { return list_->entries.empty() ? x : run_hooks(x); }

  // Both throw ValueError for an empty function.
  [[nodiscard]] HookPointHandle add_hook(ForwardHook hook, HookOptions options = {});
  [[nodiscard]] HookPointHandle add_gradient_hook(GradientHook hook, HookOptions options = {});

  // Permanent ones count, too. Whichever of these takes a direction throws ValueError for one that is none.
  bool has_hooks() const { return !list_->entries.empty(); }
  bool has_hooks(HookDirection direction) const { return hook_count(direction) > 0; }
  std::int64_t hook_count(HookDirection direction = HookDirection::both) const;
  void remove_hooks(const HookSelection& which = {});

  HookPlace& place() { return list_->place; }
  const std::string& name() const { return list_->place.name; }
  std::int64_t layer() const { return list_->place.layer(); }

  void members(Members&) override {}

 private:
  // x -> the same shape. Throws ShapeError that names the place when a hook returns another shape, in either direction.
  Tensor run_hooks(const Tensor& x);

  friend class HookScope;           // which looks after the lists, not the points: those may move
  std::shared_ptr<HookList> list_;  // never null, until moved from
};

// --- 13.2 all places of a model (hook_points.cpp, hook_registry.cpp) -----------------------------------------------

// Which names: every one, one, several, or those for which a function says yes.
//   NameFilter all;  NameFilter one = "hook_embed";  NameFilter two = {"hook_embed", "ln_final.hook_scale"};
//   NameFilter patterns = [](const std::string& name) { return name.ends_with("hook_pattern"); };
class NameFilter {
 public:
  NameFilter() = default;
  NameFilter(const char* name) : names(std::vector<std::string>{name}) {}  // NOLINT: reads as the name itself
  NameFilter(std::string name) : names(std::vector<std::string>{std::move(name)}) {}              // NOLINT
  NameFilter(std::initializer_list<std::string> list) : names(std::vector<std::string>(list)) {}  // NOLINT
  NameFilter(std::vector<std::string> list) : names(std::move(list)) {}                           // NOLINT
  template <std::predicate<const std::string&> Predicate>
  NameFilter(Predicate wanted) : predicate(std::move(wanted)) {}  // NOLINT

  std::optional<std::vector<std::string>> names;           // exact ones
  std::function<bool(const std::string&)> predicate = {};  // neither: everything
};

using NamedHookPoints = std::vector<std::pair<std::string, HookPoint*>>;

// The model's hook points that the filter wants, under their paths ("blocks.0.attn.hook_q"), in the order of members(),
// which is that of the forward pass. Every point of the model is told its name. The pointers hold as long as the model
// stays where it is. Throws ValueError when two points have the same path, or when an exact name does not exist: the
// message then lists the names that end alike, or all of them.
NamedHookPoints hook_points(Module& model, const NameFilter& which = {});

// The ValueError for a name that is none of those of the points. Given (hook_checks.cpp).
[[noreturn]] void throw_unknown_hook(const std::string& name, const NamedHookPoints& points);

// How many hooks hang in the model, permanent ones included.
std::int64_t hook_count(Module& model, HookDirection direction = HookDirection::both);

// HookPoint::remove_hooks of every point. ctx stays.
void reset_hooks(Module& model, const HookSelection& which = {});

// What to hang where. Either function may be missing, not both.
struct HookRequest {
  NameFilter at;
  ForwardHook forward = {};
  GradientHook backward = {};
};
using HookRequests = std::vector<HookRequest>;

// Adds every request at every point its filter wants, in order, all with the same options. The hooks live as long as
// the handles. Throws ValueError as hook_points() does, or for a request without a function: then no hook is left.
[[nodiscard]] std::vector<HookPointHandle> add_hooks(Module& model, const HookRequests& requests,
                                                     HookOptions options = {});

// Hooks for the length of a scope, also when an exception ends it. Scopes nest: each has a level of its own, above
// those around it, and at its end removes its own hooks and whatever else was added at its level. Given (hook_scope.cpp).
class HookScope {
 public:
  HookScope(Module& model, const HookRequests& requests);
  ~HookScope();
  HookScope(const HookScope&) = delete;
  HookScope& operator=(const HookScope&) = delete;

  int level() const { return depth_.level; }  // 1 for an outermost scope of this thread

 private:
  struct Depth {
    Depth();
    ~Depth();
    int level;
  };
  Depth depth_;  // first: goes back down also when an unknown name ends the constructor
  std::vector<std::weak_ptr<HookList>> lists_;
  std::vector<HookPointHandle> handles_;
};

// --- 13.3 what a run leaves behind (hook_cache.cpp) --------------------------------------------------------------

using ActivationCache = std::map<std::string, Array>;

// Hooks that copy what they see into `store`, which must outlive them, and change nothing. The key is `name`; where
// that is empty, the name of the place, with "_grad" behind it for a gradient. A place that is passed twice keeps the
// last value.
ForwardHook make_capture_hook(ActivationCache& store, std::string name = {});
GradientHook make_grad_capture_hook(ActivationCache& store, std::string name = {});

// run() while the requested hooks are in place; its result. With a backward hook, run() should call backward() itself:
// when its result still waits for a backward pass, a warning goes to std::cerr, because the hooks are gone by then.
Tensor run_with_hooks(Module& model, const HookRequests& requests, const std::function<Tensor()>& run);

struct CacheOptions {
  NameFilter names = {};
  bool incl_bwd = false;  // run() gives a loss; call its backward() and keep the gradients under name + "_grad"
};

struct CachedRun {
  Tensor out;             // what run() returned
  ActivationCache cache;  // copies, without a graph
};

// run() while everything that passes the named places is copied. No hook is left behind, nor is one removed that was
// there before. backward() adds to the grad of the parameters as always.
CachedRun run_with_cache(Module& model, const std::function<Tensor()>& run, const CacheOptions& options = {});

}  // namespace rushlight
