"""Runs the program that profiles a network, believes nothing that it does not show, and writes its files."""

import json
import math
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..basics.errors import RushError
from ..basics.files import write_atomic
from .program import environment_for

NETWORKS = ("mlp", "cnn", "gpt")
FILES = ("trace.json", "flame.svg", "roofline.svg")
NOT_WRITTEN = 3  # the program's exit status when it runs into a blank


def run(program: Path, *arguments: object, threads: int = 1) -> dict[str, Any]:
    """The object that the program prints."""
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment_for(threads, {}))
    report = _object(done.stdout)
    if done.returncode == NOT_WRITTEN and isinstance(report.get("todo"), str):
        task = report["todo"]
        raise RushError(f"this needs task {task}, which is still a blank.", f"scripts/rush hint {task}", code=1)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise RushError(f"{program.name} ended with status {done.returncode}: {reason[0]}", code=1)
    if not report:
        raise RushError(f"{program.name} printed no report.", "scripts/rush test 14   shows whether the profiler works", code=1)
    return report


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def files_of(report: dict[str, Any]) -> dict[str, str]:
    """The texts of the report's files, each checked before it is written anywhere."""
    files = report.get("files")
    missing = [name for name in FILES if not isinstance(files, dict) or not isinstance(files.get(name), str)]
    if missing:
        raise RushError(f"the profiler's report has no {missing[0]}.", "scripts/rush test 14", code=1)
    check_trace(files["trace.json"])
    for name in FILES[1:]:
        if not (files[name].startswith("<svg ") and files[name].endswith("</svg>\n")):
            raise RushError(f"{name} is not a whole SVG picture.", "scripts/rush test 14", code=1)
    return {name: files[name] for name in FILES}


def write(files: dict[str, str], folder: Path, trace: Path | None) -> list[Path]:
    """All files in `folder`; the trace once more where somebody wants it."""
    targets = [(folder / name, text) for name, text in files.items()]
    if trace is not None:
        targets.append((trace, files["trace.json"]))
    for path, text in targets:
        write_atomic(path, text)
    return [path for path, _ in targets]


# ---- Chrome's trace format, as far as Perfetto insists on it


def check_trace(text: str) -> int:
    """How many boxes the trace has. Raises RushError, naming the event, where a viewer would refuse or misdraw it."""
    try:
        trace = json.loads(text)
    except ValueError as error:
        raise _corrupt(f"it is not JSON: {error}") from None
    events = trace.get("traceEvents") if isinstance(trace, dict) else None
    if not isinstance(events, list):
        raise _corrupt("it has no list traceEvents")
    around: dict[Any, list[float]] = {}  # by thread: when the boxes end in which the next one may lie
    boxes = 0
    for index, event in enumerate(events):
        if not isinstance(event, dict) or event.get("ph") not in ("X", "C", "M"):
            raise _corrupt(f"event {index} is neither a box (X), nor a counter (C), nor a name (M)")
        _check_keys(index, event)
        if event["ph"] == "X":
            boxes += 1
            _check_nesting(index, event, around.setdefault((event["pid"], event["tid"]), []))
    return boxes


def _check_keys(index: int, event: dict[str, Any]) -> None:
    times = {"X": ("ts", "dur"), "C": ("ts",), "M": ()}[event["ph"]]
    if not isinstance(event.get("name"), str):
        raise _corrupt(f"event {index} has no name")
    for key in ("pid", "tid"):
        if type(event.get(key)) is not int:
            raise _corrupt(f"event {index} ({event['name']}) has no whole number {key}")
    for key in times:
        value = event.get(key)
        if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
            raise _corrupt(f"event {index} ({event['name']}) has no time {key} from 0 on")
    if not isinstance(event.get("args", {}), dict):
        raise _corrupt(f"event {index} ({event['name']}) has args that are no object")


def _check_nesting(index: int, event: dict[str, Any], around: list[float]) -> None:
    """Boxes of a thread lie in each other or beside each other. A nanosecond of a double may be lost."""
    start, end = event["ts"], event["ts"] + event["dur"]
    while around and around[-1] <= start + 1e-4:
        around.pop()
    if around and end > around[-1] + 1e-4:
        raise _corrupt(f"event {index} ({event['name']}) reaches over the end of the box around it")
    around.append(end)


def _corrupt(reason: str) -> RushError:
    return RushError(f"the trace is broken: {reason}.", "scripts/rush test 14.6   tests what writes it", code=1)


# ---- what the tracer itself costs


@dataclass(frozen=True)
class Cost:
    network: str
    events: int
    off_ms: float
    on_ms: float
    ratio: float  # with a tracer / without: the median of the rounds
    low: float  # the middle half of them
    high: float
    same: float  # without / without, which shows what chance does

    @property
    def per_event_ns(self) -> float:
        return (self.ratio - 1) * self.off_ms * 1e6 / self.events if self.events else 0.0

    def as_json(self) -> dict[str, float | str]:
        return vars(self) | {"per_event_ns": round(self.per_event_ns)}


def cost(program: Path, network: str, rounds: int) -> Cost:
    report = run(program, network, "--cost", "--rounds", rounds)
    off, again, on = report["off_ms"], report["off_again_ms"], report["on_ms"]
    # A round's two plain steps lie before and after the watched one: what drifts is in both.
    ratios = sorted(2 * b / (a + c) for a, b, c in zip(off, on, again))
    same = statistics.median(a / c for a, c in zip(off, again))
    low, high = ratios[len(ratios) // 4], ratios[(3 * len(ratios)) // 4]
    plain = statistics.median([*off, *again])
    return Cost(network, report["events"], plain, statistics.median(on), statistics.median(ratios), low, high, same)
