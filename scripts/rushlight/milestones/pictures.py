"""Pictures of a run, with matplotlib: the loss curve, and whatever `picture` events ask for."""

import re
from pathlib import Path
from typing import Any

from .run import Event, Run

Drawing = Any  # matplotlib.figure.Figure, which is imported late: it is slow, and optional


def draw_all(run: Run) -> None:
    """One file per picture, in the run's folder. Raises ImportError where matplotlib is missing."""
    import matplotlib

    matplotlib.use("Agg")
    if _losses(run):
        _save(_draw_losses(run), run.folder, "loss")
    drawers = {
        "predictions": _draw_predictions,
        "confusion": _draw_confusion,
        "decision": _draw_decision,
        "filters": _draw_filters,
        "curves": _draw_curves,
        "bars": _draw_bars,
        "attention": _draw_attention,
    }
    counts: dict[str, int] = {}
    for event in (event for event in run.events if event.get("event") == "picture"):
        kind = str(event.get("kind"))
        if kind not in drawers:
            continue
        name = re.sub(r"[^A-Za-z0-9_-]", "_", str(event.get("name") or kind))
        counts[name] = counts.get(name, 0) + 1
        name = name if counts[name] == 1 else f"{name}-{counts[name]}"
        try:
            figure = drawers[kind](event)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise ValueError(f"picture event {kind!r} cannot be drawn: {error!r}") from None
        _save(figure, run.folder, name)


def _losses(run: Run) -> list[tuple[float, float]]:
    steps = [event for event in run.events if event.get("event") == "progress"]
    return [(e["step"], e["loss"]) for e in steps if isinstance(e.get("loss"), (int, float)) and "step" in e]


def _draw_losses(run: Run) -> Drawing:
    figure, axes = _figure(7, 4)
    steps, losses = zip(*_losses(run))
    axes.plot(steps, losses, linewidth=0.8, alpha=0.4, label="each step reported")
    window = max(1, len(losses) // 50)
    recent = [losses[max(0, i - window + 1) : i + 1] for i in range(len(losses))]
    smooth = [sum(values) / len(values) for values in recent]
    axes.plot(steps, smooth, linewidth=1.8, label=f"mean of {window}")
    axes.set(xlabel="step", ylabel="training loss", title=f"{run.name} ({run.stack})")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _draw_predictions(event: Event) -> Drawing:
    import numpy

    images, labels, guesses = event["images"], event["labels"], event["predictions"]
    classes = event.get("classes") or [str(i) for i in range(1000)]
    columns = min(8, max(1, len(images)))
    rows = -(-len(images) // columns)
    figure, grid = _grid(1.5 * columns, 1.8 * rows, rows, columns)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, label, guess in zip(grid.flat, images, labels, guesses):
        side = round(len(image) ** 0.5)
        axes.imshow(numpy.asarray(image, dtype=float).reshape(side, side), cmap="gray_r")
        right = label == guess
        title = classes[guess] if right else f"{classes[guess]}\nnot {classes[label]}"
        axes.set_title(title, fontsize=7, color="tab:green" if right else "tab:red")
    return figure


def _draw_confusion(event: Event) -> Drawing:
    matrix, classes = event["matrix"], event.get("classes")
    names = classes or [str(i) for i in range(len(matrix))]
    figure, axes = _figure(0.6 * len(matrix) + 2, 0.6 * len(matrix) + 1.5)
    axes.imshow(matrix, cmap="Blues")
    axes.set_xticks(range(len(matrix)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(matrix)), names)
    axes.set(xlabel="predicted", ylabel="true")
    most = max(max(row) for row in matrix) or 1
    for y, row in enumerate(matrix):
        for x, value in enumerate(row):
            colour = "white" if value > most / 2 else "black"
            axes.text(x, y, str(value), ha="center", va="center", fontsize=7, color=colour)
    return figure


def _draw_filters(event: Event) -> Drawing:
    import numpy

    filters = [numpy.asarray(values, dtype=float) for values in event["filters"]]
    columns = min(8, max(1, len(filters)))
    rows = -(-len(filters) // columns)
    figure, grid = _grid(1.2 * columns, 1.2 * rows + 0.5, rows, columns)
    most = max(abs(each).max() for each in filters) or 1.0
    for axes in grid.flat:
        axes.axis("off")
    for axes, each in zip(grid.flat, filters):
        side = round(each.size**0.5)
        axes.imshow(each.reshape(side, side), cmap="RdBu", vmin=-most, vmax=most)
    figure.suptitle(f"{event.get('title', 'filters')}: blue adds, red subtracts", fontsize=9)
    return figure


def _draw_curves(event: Event) -> Drawing:
    """series: [{name, x, y}]; log: whether y is drawn on a logarithmic scale."""
    figure, axes = _figure(7, 4)
    for each in event["series"]:
        axes.plot(each["x"], each["y"], marker="o", markersize=3, linewidth=1.8, label=each["name"])
    axes.set(xlabel=event.get("x_label", ""), ylabel=event.get("y_label", ""), title=event.get("title", ""))
    if event.get("log"):
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _draw_bars(event: Event) -> Drawing:
    """groups: names along the axis; series: [{name, values, errors}], a value for each group, errors if there are any."""
    groups, series = event["groups"], event["series"]
    figure, axes = _figure(max(5, 1.1 * len(groups) * len(series) ** 0.5 + 1), 4)
    width = 0.8 / len(series)
    for i, each in enumerate(series):
        x = [g + (i - (len(series) - 1) / 2) * width for g in range(len(groups))]
        bars = axes.bar(x, each["values"], width, yerr=each.get("errors"), capsize=3, label=each["name"])
        if not each.get("errors"):
            axes.bar_label(bars, fmt="%.3f", fontsize=8)
    axes.set_xticks(range(len(groups)), groups)
    axes.set(ylabel=event.get("y_label", ""), title=event.get("title", ""))
    axes.axhline(0, color="black", linewidth=0.8)
    axes.grid(axis="y", alpha=0.3)
    if len(series) > 1:
        axes.legend()
    return figure


def _draw_attention(event: Event) -> Drawing:
    """matrix: a row for each token that looks, a column for each that is looked at; labels: the tokens."""
    labels = event["labels"]
    side = 0.14 * len(labels) + 1.5
    figure, axes = _figure(side, side)
    axes.imshow(event["matrix"], cmap="magma", vmin=0)
    axes.set_xticks(range(len(labels)), labels, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_title(event.get("title", ""), fontsize=9)
    return figure


def _draw_decision(event: Event) -> Drawing:
    figure, axes = _figure(5, 5)
    surface = axes.imshow(
        event["grid"], extent=event["extent"], origin="lower", cmap="RdBu_r", alpha=0.8, aspect="auto"
    )
    figure.colorbar(surface, ax=axes)
    if points := event.get("points"):
        x, y, labels = zip(*points)
        axes.scatter(x, y, c=labels, cmap="RdBu_r", edgecolors="black", s=80)
    axes.set(xlabel="x0", ylabel="x1")
    return figure


def _figure(width: float, height: float) -> tuple[Drawing, Any]:
    figure, grid = _grid(width, height, 1, 1)
    return figure, grid[0, 0]


def _grid(width: float, height: float, rows: int, columns: int) -> tuple[Drawing, Any]:
    from matplotlib import pyplot

    figure, grid = pyplot.subplots(rows, columns, figsize=(width, height), squeeze=False)
    return figure, grid


def _save(figure: Drawing, folder: Path, name: str) -> None:
    from matplotlib import pyplot

    figure.tight_layout()
    figure.savefig(folder / f"{name}.png", dpi=120)
    pyplot.close(figure)
