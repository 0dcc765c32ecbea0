"""What tools/keep_run.py kept of a milestone's run, as a part of its page."""

from pathlib import Path

from ..basics.files import read_json_or

Number = int | float


def about_run(path: Path) -> str:
    """The command, what came of it, and how it went from epoch to epoch. Nothing where no run was kept."""
    run = read_json_or(path, None)
    if run is None:
        return ""
    text = f"`{run['command']}` with the {'reference' if run['stack'] == 'solution' else 'student'}'s modules, on {run['machine']}: "
    text += f"{_time(run['seconds'])} by the clock. The bar is `{run['bar']}`.\n\n"
    text += _table(("measured", ""), [(name.replace("_", " "), value) for name, value in run["metrics"].items()])
    if epochs := run["epochs"]:
        names = [name for name in epochs[0] if all(name in epoch for epoch in epochs)]
        text += _table([name.replace("_", " ") for name in names], [[epoch[name] for name in names] for epoch in epochs])
    return text


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} minutes"


def _table(head: list[str] | tuple[str, ...], rows: list) -> str:
    lines = [head, ["---"] * len(head), *[[_cell(value) for value in row] for row in rows]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _cell(value: Number | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


SHOWN = {
    "loss": "The training loss, step by step",
    "predictions": "Images that it had not seen, and what it took them for",
    "confusion": "A row for what an image is, a column for what it was taken for",
    "decision": "What it answers over the plane, and the points that it learnt from",
    "filters": "The filters of the first layer",
}


def caption(name: str) -> str:
    """What a picture of that name shows."""
    return SHOWN.get(name, name.replace("_", " "))
