"""Where the two part first, and which task to look at.

A network is read as it computes: values from the top down, then gradients from the loss back up, then parameters. What
comes later is spoilt by what came before, so only the first difference tells anything. Whether the layer there is to
blame or something that it stands on, the parts say: each is a function on inputs of its own.
"""

from dataclasses import dataclass
from typing import Any, Iterable

from .differences import NOT_REACHED, Comparison, Row
from .trace import place_of

KINDS = {"value": "values", "gradient": "gradients", "parameter": "gradients of parameters", "text": "names", "step": "numbers of the step"}


@dataclass(frozen=True)
class Verdict:
    agrees: bool
    task: str = ""  # the one to look at first
    others: tuple[str, ...] = ()  # and if that is right, these
    first: Row | None = None  # of the network
    last_good: Row | None = None  # before it, in the order in which the network computes
    part: Row | None = None  # the first function that is wrong on its own
    blank: str = ""  # the network stops at this blank
    todo: tuple[str, ...] = ()  # blanks that parts ran into
    compared: bool = True  # some place was, and is right

    def sentence(self) -> str:
        if self.blank and not (self.first or self.part):
            needs = f"the network needs {self.blank}, which is still a blank"
            return f"{needs}; what was compared agrees" if self.compared else f"nothing to compare yet: {needs}"
        if self.agrees:
            return "the two agree everywhere"
        where = self._where()
        under = f"{self.part.name} is wrong on its own ({self.part.words})" if self.part else ""
        return f"{where}{'; ' if where and under else ''}{under}: look at {self.task}"

    def _where(self) -> str:
        if self.first is None:
            return "the network agrees" if self.part else ""
        what, name = KINDS[self.first.station.kind], place_of(self.first.station)
        looks = f" ({self.first.words})" if self.first.words else ""
        if self.last_good is None:
            return f"{what} part at the very first place, {name}{looks}"
        before = KINDS[self.last_good.station.kind]
        then = " and" if what == before else f", and {what}"
        return f"{before} agree down to {place_of(self.last_good.station)}{then} part at {name}{looks}"

    def as_json(self) -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            "task": self.task,
            "others": list(self.others),
            "first": self.first.name if self.first else None,
            "looks": self.first.words if self.first else "",
            "last_good": self.last_good.name if self.last_good else None,
            "part": self.part.name if self.part else None,
            "blank": self.blank,
            "todo": list(self.todo),
            "sentence": self.sentence(),
        }


def in_order(rows: Iterable[Row]) -> list[Row]:
    """As a training step computes them."""
    rows = list(rows)
    values = [row for row in rows if row.station.kind in ("value", "text")]
    gradients = [row for row in rows if row.station.kind == "gradient"]
    later = [row for kind in ("parameter", "step") for row in rows if row.station.kind == kind]
    return values + gradients[::-1] + later


def verdict_on(comparison: Comparison) -> Verdict:
    network = in_order(row for row in comparison.of_network if row.station.section == comparison.network)
    later = in_order(row for row in comparison.of_network if row.station.section != comparison.network)
    steps = [*network, *later]
    first = next((row for row in steps if row.parts), None)
    before = steps[: steps.index(first)] if first else []
    last_good = next((row for row in reversed(before) if row.state == "agrees"), None)
    part = next((row for row in comparison.of_parts if row.parts), None)
    blanks = [row.words for row in network if row.state == "todo"]
    tasks = _tasks(part, _stopped_at(first, network))
    return Verdict(
        agrees=comparison.agrees,
        task=tasks[0] if tasks else (blanks[0] if blanks else ""),
        others=tuple(tasks[1:]),
        first=first,
        last_good=last_good,
        part=part,
        blank=blanks[0] if blanks else "",
        todo=tuple(comparison.todo),
        compared=any(row.is_right for row in comparison.rows),
    )


def _stopped_at(first: Row | None, network: list[Row]) -> Row | None:
    """Where a run ended early, the place that it did not reach any more says more than that it ended."""
    if first is None or first.state not in ("threw", "crash"):
        return first
    values = [row for row in network if row.station.kind == "value" and row is not first]
    names = [row.name for row in values]
    if first.station.text in names:  # the process died: nothing was written, but this place was reached
        values = values[names.index(first.station.text) + 1 :]
    return next((row for row in values if row.words == NOT_REACHED), first)


def _tasks(part: Row | None, first: Row | None) -> list[str]:
    rows = [row for row in (part, first) if row is not None]
    return list(dict.fromkeys(task for row in rows for task in row.station.tasks))
