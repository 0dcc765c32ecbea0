"""What a benchmark asks of a model, and the one kind there is: a program that runs it in a process of its own."""

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Protocol

from .trace import Tensor, Trace


class ModelError(Exception):
    """The model's run ended with an exception of its own: its type, its text, and how far it had come."""

    def __init__(self, error_type: str, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.error_type, self.trace = error_type, trace


@dataclass
class Run:
    """One forward and backward pass with hooks everywhere."""

    loss: float | None = None
    activations: Mapping[str, Tensor] = field(default_factory=dict)
    gradients: Mapping[str, Tensor] = field(default_factory=dict)  # at hook points
    parameters: Mapping[str, Tensor | None] = field(default_factory=dict)  # gradients; None: none arrived
    weights: Mapping[str, Tensor] = field(default_factory=dict)
    hooks: tuple[str, ...] = ()  # the registry: all names, those that stayed silent too
    silent: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


class Model(Protocol):
    def run(self, inputs: Any = None) -> Run:
        """Raises what the model raises; ModelError where that happened in another process."""

    def clean_up(self) -> None:
        """Removes every hook and drops every gradient. Called after each benchmark, whatever became of it."""


@dataclass
class TracedModel:
    """A model behind `record`, which runs a program of tests/compare with such options and reads its trace.

    The program removes its hooks and gradients before it ends, on every path, and counts what is left.
    """

    record: Callable[[Any], Trace]
    _last: Trace | None = None

    def run(self, inputs: Any = None) -> Run:
        trace = self._last = self.record(inputs)
        if error := trace.error:
            raise ModelError(error.error_type or error.state, error.detail, f"the run of {error.name} in its own process")
        return as_run(trace)

    def clean_up(self) -> None:
        left = {key: self._last.notes.get(key, 0) for key in ("hooks_left", "gradients_left")} if self._last else {}
        self._last = None
        if any(left.values()):
            raise ModelError("Leak", f"hooks and gradients were left behind: {left}")


def as_run(trace: Trace) -> Run:
    values = trace.of_network("value")
    loss = values.pop("loss", None)
    parameters: dict[str, Tensor | None] = {}
    for station in trace.stations.values():
        if station.kind == "parameter":
            name = station.name.removeprefix("parameter ").removesuffix("_grad")
            parameters[name] = trace.tensors.get(station.name)
    weights = {name.removeprefix("weight "): tensor for name, tensor in trace.of_network("weight").items()}
    notes = {
        **trace.notes,
        "cache": _named(trace, "cache "),
        "log_probabilities": _named(trace, "log-probabilities, "),
        "loss_ablated": _scalar(trace, "13.1 loss without head 0 of blocks.0.attn.hook_v"),
    }
    silent = tuple(trace.notes.get("silent", ()))
    hooks = (*values, *silent, *trace.notes.get("unseen", ()))
    gradients = trace.of_network("gradient")
    return Run(loss.values[0] if loss else None, values, gradients, parameters, weights, hooks, silent, notes)


def _named(trace: Trace, prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in trace.tensors.items() if name.startswith(prefix)}


def _scalar(trace: Trace, name: str) -> float | None:
    return trace.tensors[name].values[0] if name in trace.tensors else None
