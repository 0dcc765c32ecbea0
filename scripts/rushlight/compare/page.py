"""The comparison as one page of HTML that needs nothing else: a bar for every place, as long as its error is large."""

import math
from html import escape

from .differences import Comparison, Row
from .report import SIGNS, places, relative
from .result import BenchmarkResult
from .trace import place_of
from .verdict import Verdict

STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1f; --paper: #fff; --faint: #6b6b70; --line: #d9d9de; --good: #1a7f37; --bad: #c4281c; --odd: #9a6700 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8ea; --paper: #17181a; --faint: #9a9aa2; --line: #3a3b40; --good: #4cc26b; --bad: #ff7b6e; --odd: #e0b341 }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600; color: var(--faint) }
td, th { padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: middle }
code { font: .9em ui-monospace, monospace } .words, .scale { color: var(--faint) }
.agrees { color: var(--good) } .differs, .missing, .extra, .threw, .crash { color: var(--bad) } .vacuous { color: var(--odd) }
.unseen, .todo { color: var(--faint) } tr.first { outline: 2px solid var(--bad) }
td > span { white-space: nowrap }
.bar { display: inline-block; width: 8rem; height: .7rem; border: 1px solid var(--line); margin-right: .5rem }
.bar span { display: block; height: 100%; background: currentColor }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .8rem }
"""

SMALLEST = 1e-8  # of the bars' scale, which is logarithmic and ends at 1


def page(comparison: Comparison, verdict: Verdict, results: list[BenchmarkResult], ours: str, reference: str) -> str:
    title = f"{comparison.network}: {ours} against {reference}"
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="{"agrees" if verdict.agrees else "differs"}"><strong>{escape(verdict.sentence())}</strong></p>',
        _parts(comparison),
        _network(comparison, verdict),
        '<p class="scale">A bar shows the largest error against the largest number there, on a logarithmic scale from'
        " 10<sup>-8</sup> (empty) to 1 (full).</p>",
        f"<h2>Benchmarks</h2>\n<pre>{escape(chr(10).join(map(str, results)))}</pre>" if results else "",
        "</html>\n",
    ])


def _network(comparison: Comparison, verdict: Verdict) -> str:
    lines = ["<h2>From top to bottom</h2>\n<table>\n<tr><th>place<th>values<th>gradients<th></tr>"]
    first = place_of(verdict.first.station) if verdict.first else None
    for name, kinds in places(comparison).items():
        gradient = kinds.get("gradient") or kinds.get("parameter")
        words = dict.fromkeys(row.words for row in (kinds.get("value"), gradient) if row is not None and row.words)
        mark = ' class="first"' if name == first else ""
        cells = f"<td>{_cell(kinds.get('value'))}<td>{_cell(gradient)}<td class=\"words\">{escape('; '.join(words))}"
        lines.append(f"<tr{mark}><td><code>{escape(name)}</code>{cells}</tr>")
    return "\n".join([*lines, "</table>"])


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    text = row.state if row.gap is None else f"{relative(row):.0e}" if relative(row) else "equal"
    bar = f'<span class="bar"><span style="width:{fill(row):.0f}%"></span></span>'
    return f'<span class="{row.state}" title="{row.state}">{bar}{SIGNS.get(row.state, "✗")} {text}</span>'


def fill(row: Row) -> float:
    """How full the bar is, in percent."""
    if row.gap is None:
        return 100.0 if row.parts else 0.0
    error = relative(row)
    if error <= SMALLEST:
        return 0.0
    return 100.0 if not math.isfinite(error) else min(100.0, 100 * (1 - math.log10(error) / math.log10(SMALLEST)))


def _parts(comparison: Comparison) -> str:
    wrong = [row for row in comparison.of_parts if row.parts]
    good = sum(row.is_right for row in comparison.of_parts)
    if not comparison.of_parts:
        return ""
    lines = [f"<h2>Functions on their own</h2>\n<p>{good} of {len(comparison.of_parts)} agree.</p>"]
    if wrong:
        rows = [f'<tr><td><code>{escape(row.name)}</code><td>{_cell(row)}<td class="words">{escape(row.words)}</tr>' for row in wrong]
        lines.append("\n".join(["<table>", *rows, "</table>"]))
    return "\n".join(lines)
