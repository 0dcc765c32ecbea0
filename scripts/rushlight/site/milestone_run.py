"""What tools/keep_run.py kept of a milestone's run, as a part of its page."""

import re
from pathlib import Path

from ..basics.files import read_json_or
from .markdown import fence

Number = int | float


def about_run(path: Path) -> str:
    """The command, what came of it, and how it went from epoch to epoch. Nothing where no run was kept."""
    run = read_json_or(path, None)
    if run is None:
        return ""
    text = f"`{run['command']}` with the {'reference' if run['stack'] == 'solution' else 'student'}'s modules, on {run['machine']}: "
    text += f"{_time(run['seconds'])} by the clock.\n\n"
    text += _table(("measured", ""), [(_words(name), value) for name, value in run["metrics"].items()])
    text += f"The bar: `{run['bar']}`.\n\n"
    if epochs := run["epochs"]:
        names = [name for name in epochs[0] if all(name in epoch for epoch in epochs)]
        table = _table([_words(name) for name in names], [[epoch[name] for name in names] for epoch in epochs])
        text += table if len(epochs) <= 12 else f"<details><summary>The {len(epochs)} epochs</summary>\n\n{table}</details>\n\n"
    samples = path.with_name("samples.txt")
    if samples.is_file():
        text += "What it wrote:\n\n" + fence(samples.read_text(encoding="utf-8"), "text") + "\n"
    return text


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} minutes"


def _table(head: list[str] | tuple[str, ...], rows: list) -> str:
    lines = [head, ["---"] * len(head), *[[_cell(value) for value in row] for row in rows]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _cell(value: Number | str) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return re.sub(r"([|_*<>])", r"\\\1", str(value))  # nothing in it is mark-up


def _words(name: str) -> str:
    """`test_accuracy` in words; in a name that has blanks, an underscore is a subscript's."""
    return name if " " in name else name.replace("_", " ")


SHOWN = {
    "loss": "The training loss",
    "accuracy": "The test accuracy of each arm",
    "h_norm": "How large the residual stream becomes",
    "cosine": "Whether the credit points along the gradient, block by block",
    "predictions": "Images that it had not seen, and what it took them for",
    "confusion": "A row for what an image is, a column for what it was taken for",
    "decision": "What it answers over the plane, and the points that it learnt from",
    "filters": "The filters of the first layer",
}


def order(name: str) -> tuple[int, str]:
    """Where it stands among the others: how it was learnt, then what came of it."""
    return (list(SHOWN).index(name) if name in SHOWN else len(SHOWN), name)


def caption(name: str) -> str:
    """What a picture of that name shows."""
    return SHOWN.get(name, name.replace("_", " "))
