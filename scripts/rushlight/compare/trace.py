"""What a program of tests/compare wrote down: its stations in order, with the numbers of each.

Reading and comparing is done here and not in C++, so that nothing of what is compared has a hand in the comparison.
"""

import json
import struct
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence

from ..basics.errors import RushError

TYPES = {"F32": "f", "F64": "d"}
FAILED = ("todo", "threw", "crash")  # states of what did not come to its end


@dataclass(frozen=True)
class Tensor:
    """Numbers in row-major order."""

    shape: tuple[int, ...]
    values: Sequence[float]

    def __post_init__(self) -> None:
        count = 1
        for size in self.shape:
            count *= size
        if count != len(self.values):
            raise ValueError(f"{len(self.values)} numbers do not fill the shape {self.shape}.")


@dataclass(frozen=True)
class Station:
    """One thing that was written down."""

    name: str
    kind: str = "value"  # value, gradient, parameter (its gradient), weight, text
    section: str = ""
    tasks: tuple[str, ...] = ()  # where to look when it is wrong, the likeliest first
    state: str = "done"  # done, missing (no gradient arrived), todo, threw, crash
    detail: str = ""  # the blank's task, the text of an exception, how the process ended
    error_type: str = ""
    text: str = ""


@dataclass
class Trace:
    network: str = ""
    real: str = "float"
    stations: dict[str, Station] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> Station | None:
        """What ended the network's own run."""
        found = self.stations.get(self.network)
        return found if found and found.state in FAILED else None

    def of_network(self, kind: str) -> dict[str, Tensor]:
        """By name, in order, what the network's main run left; gradients under the name of their place."""
        found = (each for each in self.stations.values() if each.section == self.network and each.kind == kind)
        return {place_of(each): self.tensors[each.name] for each in found if each.name in self.tensors}


def place_of(station: Station) -> str:
    return station.name.removesuffix("_grad") if station.kind in ("gradient", "parameter") else station.name


def read_trace(path: Path) -> Trace:
    try:
        return parse(path.read_bytes())
    except (ValueError, KeyError, struct.error, IndexError) as error:
        raise RushError(f"{path}: this is no trace of a network: {error}", "run the comparison again.") from None


def parse(data: bytes) -> Trace:
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    notes = json.loads(header.pop("__metadata__")["trace"])
    tensors = {name: _tensor(entry, body) for name, entry in header.items()}
    stations = {each["name"]: _station(each) for each in notes.pop("stations")}
    return Trace(notes["network"], notes["real"], stations, tensors, notes)


def _tensor(entry: dict, body: memoryview) -> Tensor:
    begin, end = entry["data_offsets"]
    values = array(TYPES[entry["dtype"]])
    values.frombytes(body[begin:end])
    return Tensor(tuple(entry["shape"]), values)


def _station(entry: dict) -> Station:
    return Station(
        name=entry["name"],
        kind=entry["kind"],
        section=entry["section"],
        tasks=tuple(entry["task"].split()),
        state=entry.get("state", "done"),
        detail=entry.get("todo") or entry.get("message", ""),
        error_type=entry.get("error_type", ""),
        text=entry.get("text", ""),
    )
