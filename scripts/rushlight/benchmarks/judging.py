"""What times in rounds say about a ratio: module 19's judge, which bench_statistics runs."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from ..basics.errors import RushError

LEAST_ROUNDS = 6  # fewer have no interval


@dataclass(frozen=True)
class Judgement:
    """A's time as a share of B's, A's as a share of its own in other turns, and what follows."""

    ratio: float
    low: float
    high: float
    self_low: float
    self_high: float
    verdict: str


def judge(program: Path, a: Sequence[float], b: Sequence[float], again: Sequence[float]) -> Judgement:
    answer = _ask(program, {"do": "judge", "a": list(a), "b": list(b), "again": list(again)})
    ratio, itself = answer["ratio"], answer["a_to_itself"]
    return Judgement(
        ratio["estimate"], ratio["low"], ratio["high"], itself["low"], itself["high"], answer["verdict"]
    )


def median(program: Path, values: Sequence[float]) -> float:
    return _ask(program, {"do": "median", "values": list(values)})["median"]


def _ask(program: Path, request: dict) -> dict:
    done = subprocess.run([str(program)], input=json.dumps(request) + "\n", capture_output=True, text=True)
    if done.returncode != 0:
        raise RushError(f"{program.name} ended with status {done.returncode}: {done.stderr.strip()}", code=1)
    return json.loads(done.stdout)
