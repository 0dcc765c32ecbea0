"""Two traces, station by station: what agrees, what does not, and what could not be compared."""

from dataclasses import dataclass, replace

from .policy import STRICT, Policy
from .tensors import Difference, difference, is_vacuous, look_of
from .trace import FAILED, Station, Trace, place_of

AGREES = "agrees"
NOT_REACHED = "the run did not come so far"
PARTS = ("differs", "missing", "extra", "threw", "crash")  # states in which the two part


@dataclass(frozen=True)
class Row:
    """One station of either trace."""

    station: Station  # the reference's, where there is one
    state: str  # agrees, vacuous, unseen, todo, or one of PARTS
    words: str = ""  # what the difference looks like
    gap: Difference | None = None

    @property
    def parts(self) -> bool:
        return self.state in PARTS

    @property
    def is_right(self) -> bool:
        """As far as the numbers tell: too small a gradient is no difference."""
        return self.state in (AGREES, "vacuous")

    @property
    def name(self) -> str:
        return self.station.name


@dataclass(frozen=True)
class Comparison:
    network: str
    rows: list[Row]

    @property
    def of_parts(self) -> list[Row]:
        """Of functions on their own, in the order of the modules."""
        return [row for row in self.rows if row.station.section[:2].isdigit()]

    @property
    def of_network(self) -> list[Row]:
        return [row for row in self.rows if not row.station.section[:2].isdigit()]

    @property
    def todo(self) -> list[str]:
        return sorted({row.words for row in self.rows if row.state == "todo"})

    @property
    def agrees(self) -> bool:
        """Nothing parts, and the network itself came to its end."""
        network = [row for row in self.of_network if row.station.section == self.network]
        whole = any(row.state == AGREES for row in network) and not any(row.state == "todo" for row in network)
        return whole and not any(row.parts for row in self.rows)


def compare(ours: Trace, reference: Trace, policy: Policy = STRICT) -> Comparison:
    """In the reference's order; what only we have comes last."""
    rows = [_row(ours, reference, name, policy) for name in reference.stations]
    surplus = [station for name, station in ours.stations.items() if name not in reference.stations]
    rows += [Row(station, *_surplus(station)) for station in surplus]
    return Comparison(reference.network, rows)


def _surplus(station: Station) -> tuple[str, str]:
    if station.state in FAILED:  # the whole run of a network, which the reference has no need to name
        return station.state, _failure(station)
    return "extra", "the reference has none"


def _failure(station: Station) -> str:
    return station.detail if station.state == "todo" else f"{station.error_type} {station.detail}".strip()


def _row(ours: Trace, reference: Trace, name: str, policy: Policy) -> Row:
    theirs, mine = reference.stations[name], ours.stations.get(name)
    if mine is not None and mine.state in FAILED:
        same = theirs.state == mine.state == "threw" and theirs.error_type == mine.error_type
        return Row(theirs, AGREES if same else mine.state, "" if same else _failure(mine))
    if theirs.state in FAILED:
        return Row(theirs, "extra", f"the reference does not get through: {_failure(theirs)}")
    if mine is None:
        return _absent(ours, theirs)
    if theirs.kind == "text":
        return Row(theirs, AGREES) if mine.text == theirs.text else Row(theirs, "differs", _first_line(mine.text, theirs.text))
    if "missing" in (mine.state, theirs.state):
        stopped = ours.error is not None and theirs.section == ours.network
        return Row(theirs, "unseen", NOT_REACHED) if stopped else _gradientless(mine, theirs)
    return _numbers(ours, reference, theirs, policy)


def _absent(ours: Trace, theirs: Station) -> Row:
    if place_of(theirs) in ours.notes.get("unseen", ()):
        return Row(theirs, "unseen", "a kernel does it in one piece")
    if ours.error is not None and theirs.section.partition(",")[0] == ours.network:  # the step after it, too
        return Row(theirs, "unseen", NOT_REACHED)
    if owner := _attempt_of(ours, theirs):
        return Row(theirs, "unseen" if owner.state == "todo" else "missing", _failure(owner))
    return Row(theirs, "missing", "there is no such place")


def _attempt_of(ours: Trace, theirs: Station) -> Station | None:
    """What would have written this down, and did not come to its end."""
    stopped = [
        each
        for each in ours.stations.values()
        if each.section == theirs.section and each.state in FAILED and theirs.name.startswith(each.name)
    ]
    return max(stopped, key=lambda each: len(each.name), default=None)


def _gradientless(mine: Station, theirs: Station) -> Row:
    if mine.state == theirs.state:
        return Row(theirs, AGREES)
    if mine.state != "missing":
        return Row(theirs, "extra", "a gradient too many")
    if mine.detail == "cut":  # then whoever made the value is to blame, not whoever reads it
        return Row(replace(theirs, tasks=mine.tasks), "missing", "no gradient arrives: the graph is cut here")
    return Row(theirs, "missing", "no gradient arrives")


def _numbers(ours: Trace, reference: Trace, station: Station, policy: Policy) -> Row:
    mine, theirs = ours.tensors[station.name], reference.tensors[station.name]
    if mine.shape != theirs.shape:
        return Row(station, "differs", look_of(mine, theirs))
    gap = difference(mine, theirs, policy.atol, policy.rtol)
    if not gap.close:
        return Row(station, "differs", look_of(mine, theirs, policy.atol, policy.rtol), gap)
    vacuous = station.kind in ("gradient", "parameter") and is_vacuous(theirs, policy.atol)
    quiet = vacuous and not policy.is_structural_zero(place_of(station))
    return Row(station, "vacuous" if quiet else AGREES, "", gap)


def _first_line(mine: str, theirs: str) -> str:
    for a, b in zip(mine.splitlines() + [""] * len(theirs), theirs.splitlines()):
        if a != b:
            return f'"{a[:60]}" instead of "{b[:60]}"'
    return "has lines too many"
