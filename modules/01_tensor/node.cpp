// node.cpp: given. Nodes, the tensor handle and record().
#include "01_tensor/node.hpp"

#include <atomic>
#include <utility>

#include "01_tensor/guard.hpp"
#include "01_tensor/op_listener.hpp"
#include "01_tensor/tensor.hpp"

namespace rushlight {
namespace {

std::atomic<std::uint64_t> next_id{1};
thread_local bool recording = true;
thread_local OpObserver op_observer;

bool saves(Save save, Save part) { return (static_cast<int>(save) & static_cast<int>(part)) != 0; }

void check_unchanged(const Node& node, const char* which, const Array& saved, std::uint64_t version) {
  if (saved.version() != version) {
    throw GraphError(
        "{}: {} was changed in place after the forward pass used it (it was at version {}, "
        "it is now at {}). Change it after backward(), or change a clone().",
        {node.op, which, version, saved.version()});
  }
}

void check_input(const Node& node, int i) {
  const auto count = static_cast<int>(node.inputs.size());
  if (i < 0 || i >= count) {
    throw GraphError("{}: the rule asks for input {}, but the op has {} (counted from 0).", {node.op, i, count});
  }
}

std::shared_ptr<Node> make_node(const char* op, const Array& value, std::span<const Tensor> inputs, Save save,
                                Rule rule) {
  auto node = std::make_shared<Node>(op, value.shape());
  node->rule = std::move(rule);
  node->save = save;
  node->inputs.reserve(inputs.size());
  for (const Tensor& input : inputs) {
    Node::Input& entry = node->inputs.emplace_back(input.node(), input.shape());
    if (!saves(save, Save::inputs)) continue;
    entry.saved = input.value();
    entry.version = input.value().version();
  }
  if (saves(save, Save::output)) {
    node->saved_output = value;
    node->saved_output_version = value.version();
  }
  return node;
}

Tensor record_span(const char* op, const Array& value, std::span<const Tensor> inputs, Save save, Rule rule) {
  if constexpr (guard::on) guard::check_end(op, "its result", value);
  if (op_observer) op_observer(op, value);
  bool wanted = false;
  for (const Tensor& input : inputs) wanted = wanted || input.requires_grad();
  std::shared_ptr<Node> node;
  if (recording && wanted) node = make_node(op, value, inputs, save, std::move(rule));
  if (detail::op_listener != nullptr) detail::op_listener->op({op, value, inputs, node.get()});
  return node == nullptr ? Tensor(value) : make_recorded(value, std::move(node));
}

}  // namespace

Backward::Backward(const Node& node, const Array& incoming) : grad(incoming), out(node.saved_output), node_(node) {}

const Array& Backward::in(int i) const {
  check_input(node_, i);
  if (!saves(node_.save, Save::inputs)) {
    throw GraphError("{}: the rule reads input {}, but record() was told not to save inputs.", {node_.op, i});
  }
  return node_.inputs[i].saved;
}

const Shape& Backward::in_shape(int i) const {
  check_input(node_, i);
  return node_.inputs[i].shape;
}

bool Backward::needs(int i) const {
  check_input(node_, i);
  return node_.inputs[i].node != nullptr;
}

Node::Node(const char* op_name, const Shape& output_shape)
    : op(op_name), id(next_id.fetch_add(1, std::memory_order_relaxed)), shape(output_shape) {}

Node::~Node() {
  // Whatever only this chain of nodes keeps alive is taken apart here, one at a time.
  std::vector<Input> orphans = std::move(inputs);
  while (!orphans.empty()) {
    const std::shared_ptr<Node> node = std::move(orphans.back().node);
    orphans.pop_back();
    if (node == nullptr || node.use_count() > 1) continue;
    for (Input& input : node->inputs) orphans.push_back(std::move(input));
    node->inputs.clear();
  }
}

Arrays local_gradients(const Node& node, const Array& incoming) {
  if (node.is_leaf()) throw GraphError("{}: a leaf has no rule; its gradient ends here.", {node.op});
  if (node.released) {
    throw GraphError(
        "{}: this part of the graph was already used by a backward pass and freed. Run the "
        "forward pass again before the second backward, or keep the graph with retain_graph in the first.",
        {node.op});
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto& [input, shape, saved, version] = node.inputs[i];
    if (saved.version() == version) continue;  // a text per input would cost more than this
    check_unchanged(node, formatted("input {}", {std::int64_t(i)}).c_str(), saved, version);
  }
  if (node.saved_output.defined()) check_unchanged(node, "the output", node.saved_output, node.saved_output_version);
  OpListener* const listener = detail::op_listener;
  if (listener != nullptr) listener->rule_begins(node);
  Arrays gradients = node.rule(Backward(node, incoming));
  if (listener != nullptr) listener->rule_ends(node, gradients);
  if (gradients.size() != node.inputs.size()) {
    throw GraphError("{}: the rule returned {} gradients for {} inputs.",
                     {node.op, std::int64_t(gradients.size()), std::int64_t(node.inputs.size())});
  }
  if constexpr (guard::on) {
    for (const Array& gradient : gradients) guard::check_end(node.op, "a gradient", gradient);
  }
  return gradients;
}

void release(Node& node) {
  node.released = true;
  node.rule = nullptr;
  for (Node::Input& input : node.inputs) {
    input.saved = Array();
    input.version = 0;
  }
  node.saved_output = Array();
}

bool grad_enabled() { return recording; }

void set_grad_enabled(bool enabled) { recording = enabled; }

OpObserver set_op_observer(OpObserver observer) { return std::exchange(op_observer, std::move(observer)); }

constinit thread_local OpListener* detail::op_listener = nullptr;

OpListener* set_op_listener(OpListener* listener) noexcept { return std::exchange(detail::op_listener, listener); }

Tensor make_recorded(const Array& value, std::shared_ptr<Node> node) {
  Tensor result(value);
  result.state_->node = std::move(node);
  return result;
}

Tensor record(const char* op, const Array& value, std::initializer_list<Tensor> inputs, Save save, Rule rule) {
  return record_span(op, value, std::span(inputs.begin(), inputs.size()), save, std::move(rule));
}

Tensor record(const char* op, const Array& value, const Tensors& inputs, Save save, Rule rule) {
  return record_span(op, value, inputs, save, std::move(rule));
}

Tensor::Tensor() noexcept = default;
Tensor::Tensor(const Tensor&) noexcept = default;
Tensor::Tensor(Tensor&&) noexcept = default;
Tensor& Tensor::operator=(const Tensor&) noexcept = default;
Tensor& Tensor::operator=(Tensor&&) noexcept = default;
Tensor::~Tensor() = default;

Tensor::Tensor(const Array& value, bool requires_grad) : state_(std::make_shared<State>(value, nullptr)) {
  if (requires_grad) requires_grad_();
}

const Array& Tensor::value() const {
  if (!defined()) throw ValueError("Tensor: this handle is empty; give it a value first.");
  return state_->value;
}

bool Tensor::requires_grad() const { return defined() && state_->node != nullptr; }

Tensor& Tensor::requires_grad_(bool on) {
  value();  // an empty handle has nothing to require
  if (!is_leaf()) throw GraphError("requires_grad_: only a leaf can change this; use detach() to leave the graph.");
  if (on && state_->node == nullptr) state_->node = std::make_shared<Node>("leaf", shape());
  if (!on) state_->node = nullptr;
  return *this;
}

bool Tensor::is_leaf() const { return node() == nullptr || node()->is_leaf(); }

const std::shared_ptr<Node>& Tensor::node() const {
  static const std::shared_ptr<Node> none;
  return defined() ? state_->node : none;
}

const Array& Tensor::grad() const {
  static const Array none;
  return requires_grad() ? node()->grad : none;
}

void Tensor::set_grad(const Array& grad) {
  if (!requires_grad()) throw GraphError("set_grad: this tensor does not require a gradient.");
  if (grad.defined() && grad.shape() != shape()) {
    throw ShapeError("set_grad: the gradient is {} but the tensor is {}.", {grad.shape(), shape()});
  }
  state_->node->grad = grad;
}

void Tensor::zero_grad() {
  if (requires_grad()) state_->node->grad = Array();
}

void Tensor::retain_grad() {
  if (!requires_grad()) throw GraphError("retain_grad: this tensor does not require a gradient.");
  state_->node->retain_grad = true;
}

Array& Tensor::mutable_value() {
  value();  // throws on an empty handle
  if (!is_leaf()) throw GraphError("mutable_value: only a leaf may be changed; this is the result of an op.");
  return state_->value;
}

void Tensor::set_value(const Array& value) {
  if (value.shape() != shape()) {
    throw ShapeError("set_value: the new value is {} but the tensor is {}.", {value.shape(), shape()});
  }
  mutable_value() = value.to(this->value().device());
}

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "Tensor()";
  std::string text = to_string(tensor.value());
  text.replace(0, text.find('('), "Tensor");
  if (tensor.requires_grad()) text += tensor.is_leaf() ? " requires_grad" : formatted(" from {}", {tensor.node()->op});
  return text;
}

}  // namespace rushlight
