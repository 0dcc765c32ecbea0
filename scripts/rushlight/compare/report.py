"""The comparison as a table, from the top of the network to its end, and as JSON."""

import math
from typing import Any

from rich.text import Text

from ..basics.terminal import columns, out, show_table
from .differences import Comparison, Row
from .result import BenchmarkResult
from .trace import place_of
from .verdict import Verdict

STYLES = {"agrees": "green", "vacuous": "yellow", "unseen": "dim", "todo": "dim"}
SIGNS = {"agrees": "✓", "vacuous": "~", "unseen": "-", "todo": "·"}


def places(comparison: Comparison) -> dict[str, dict[str, Row]]:
    """By place, in the network's order: its value and its gradient; then the parameters."""
    found: dict[str, dict[str, Row]] = {}
    network = [row for row in comparison.of_network if row.station.section == comparison.network]
    for kinds in (("value", "gradient", "text"), ("parameter",)):
        for row in network:
            if row.station.kind in kinds:
                found.setdefault(place_of(row.station), {})[row.station.kind] = row
    return found


def show(comparison: Comparison, verdict: Verdict, ours: str, reference: str) -> None:
    _show_parts(comparison)
    table = columns(f"{comparison.network}: {ours} against {reference}", "values", "gradients", "what it looks like")
    for name, kinds in places(comparison).items():
        gradient = kinds.get("gradient") or kinds.get("parameter")
        words = [row.words for row in (kinds.get("value"), gradient) if row is not None and row.parts]
        mark = Text(" ← first", style="bold") if verdict.first and place_of(verdict.first.station) == name else Text("")
        table.add_row(Text(name) + mark, _cell(kinds.get("value")), _cell(gradient), "; ".join(dict.fromkeys(words)))
    show_table(table)
    _show_end(comparison, verdict)


def _cell(row: Row | None) -> Text:
    if row is None:
        return Text("")
    gap = f" {relative(row):.0e}" if row.gap and math.isfinite(relative(row)) and not row.gap.close else ""
    word = "" if row.state in ("agrees", "differs") else f" {row.state}"
    return Text(f"{SIGNS.get(row.state, '✗')}{gap}{word}", style=STYLES.get(row.state, "red"))


def relative(row: Row) -> float:
    return row.gap.relative if row.gap else math.inf


def _show_parts(comparison: Comparison) -> None:
    sections: dict[str, list[Row]] = {}
    for row in comparison.of_parts:
        sections.setdefault(row.station.section, []).append(row)
    if not sections:
        return
    table = columns("functions on their own", "agree", "")
    for section, rows in sections.items():
        good = sum(row.is_right for row in rows)
        todo = sum(row.state == "todo" for row in rows)
        bad = next((row for row in rows if row.parts), None)
        words = f"{bad.name}: {bad.words or bad.state}" if bad else (f"{todo} still to write" if todo else "")
        table.add_row(section, f"{good}/{len(rows)}", Text(words, style="red" if bad else "dim"))
    show_table(table)
    out().print()


def _show_end(comparison: Comparison, verdict: Verdict) -> None:
    vacuous = [place_of(row.station) for row in comparison.rows if row.state == "vacuous"]
    if vacuous:
        out().print(Text(f"~ says nothing: the true gradient is too small to tell from none ({', '.join(vacuous[:4])})", style="dim"))
    out().print(Text(verdict.sentence(), style="bold green" if verdict.agrees else "bold red"))
    if verdict.task and not verdict.agrees:
        also = f"   (if that passes: {', '.join(verdict.others)})" if verdict.others else ""
        out().print(Text(f"scripts/rush test {verdict.task}{also}"))


def as_json(comparison: Comparison, verdict: Verdict, results: list[BenchmarkResult], sides: dict[str, str]) -> dict[str, Any]:
    return {
        "network": comparison.network,
        **sides,
        **verdict.as_json(),
        "rows": [_row_json(row) for row in comparison.rows],
        "benchmarks": [result.as_json() for result in results],
    }


def _row_json(row: Row) -> dict[str, Any]:
    station = row.station
    entry: dict[str, Any] = {
        "name": station.name,
        "section": station.section,
        "kind": station.kind,
        "tasks": list(station.tasks),
        "state": row.state,
        "looks": row.words,
    }
    if row.gap is not None:
        entry |= {"max_diff": row.gap.max_diff, "mean_rel": row.gap.mean_rel, "largest": row.gap.size}
    return entry
