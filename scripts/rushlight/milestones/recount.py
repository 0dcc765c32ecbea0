"""Counts a milestone's accuracies again, from the predictions that it wrote and the data set's own labels.

"recounted" in its milestone.json says whose labels, which of them ("classes", if not all: they count from 0 in that
order), and, where the negative control looks at others, whose in "control". predictions.json in the run's folder has the
answers, by the name of the figure: {"test_accuracy": [1, 0, …]}.
"""

import gzip
import os
import shutil
from pathlib import Path
from typing import Any

from ..basics.errors import RushError
from ..basics.files import read_json
from ..course.tree import Tree
from .run import Run

PREDICTIONS = "predictions.json"
INSTALLED = Path("/usr/share/datasets/fashion-mnist")  # as modules/08_dataloader/data_source.cpp has it
EMBEDDED = Path("data/fashion-mnist-mini")
LABELS = "t10k-labels-idx1-ubyte"
HEADER = 8  # bytes of an IDX file before its labels
CIFAR10, RECORD = "test_batch.bin", 1 + 3 * 32 * 32  # a label, then the image
XOR = bytes([0, 1, 1, 0])  # of (0, 0), (0, 1), (1, 0), (1, 1)
LEAST_FREE = 1 << 16  # bytes: predictions need some ten thousand
SAME = 1e-6  # far less than one answer in ten thousand, and more than the rounding of a mean


def check(tree: Tree, run: Run) -> None:
    """Sets run.disbelieved where a figure is not what the predictions give."""
    declared = tree.milestones[run.name][1].get("recounted")
    if declared is None or not run.metrics or run.disbelieved:
        return
    if not (run.folder / PREDICTIONS).is_file():
        full = shutil.disk_usage(run.folder).free < LEAST_FREE
        why = ", for the disk is full: free some space, then run it again" if full else ""
        run.disbelieved = f"its accuracy cannot be counted again without {PREDICTIONS}, which was not written{why}"
        return
    try:
        run.recounted = recount(tree, run, declared)
    except (RushError, OSError, ValueError) as error:
        run.disbelieved = f"its accuracy cannot be counted again: {error}"
        return
    claimed = {name: value for name, value in run.metrics.items() if is_accuracy(name, value)}
    for name in {**claimed, **run.recounted}:
        mine, its = run.recounted.get(name), claimed.get(name)
        if mine is None or its is None or not abs(mine - its) <= SAME:
            run.disbelieved = f"{name} is {its} in its result, and {mine} by the predictions that it wrote"
            return


def is_accuracy(name: str, value: Any) -> bool:
    """A figure: of the claims about them, which are yes or no, nothing is to be counted."""
    return isinstance(value, (int, float)) and (name == "test_accuracy" or name.startswith("accuracy "))


def recount(tree: Tree, run: Run, declared: dict[str, Any]) -> dict[str, float]:
    labels = labels_of(tree, run, declared)
    answers = read_json(run.folder / PREDICTIONS)
    if not isinstance(answers, dict) or not answers:
        raise ValueError(f"{PREDICTIONS} holds no answers")
    return {name: _share_of_right(name, given, labels) for name, given in answers.items()}


def _share_of_right(name: str, answers: Any, labels: list[int]) -> float:
    if not isinstance(answers, list) or len(answers) != len(labels):
        many = len(answers) if isinstance(answers, list) else "no"
        raise ValueError(f"{name}: {many} predictions for {len(labels)} labels")
    return sum(answer == label for answer, label in zip(answers, labels)) / len(labels)


def labels_of(tree: Tree, run: Run, declared: dict[str, Any]) -> list[int]:
    kind = declared.get("control", declared["labels"]) if run.options["control"] else declared["labels"]
    if kind == "xor":
        return list(XOR)
    given = folder_given(run)
    if kind == "images" and given and (given / CIFAR10).is_file():
        return list((given / CIFAR10).read_bytes()[::RECORD])
    labels = list(fashion_mnist(tree, given))
    classes = declared.get("classes")
    return [classes.index(label) for label in labels if label in classes] if classes else labels


def folder_given(run: Run) -> Path | None:
    """The folder of data that was asked for: --data, also among the milestone's own options."""
    words = [word for option in run.options["own"] for word in option.split("=", 1)]
    own = next((words[i + 1] for i, word in enumerate(words[:-1]) if word == "--data"), None)
    given = run.options["data"] or own or os.environ.get("RUSHLIGHT_DATA")
    return Path(given) if given else None


def fashion_mnist(tree: Tree, given: Path | None) -> bytes:
    """The labels of the test images, where the program finds them too."""
    for folder in (given, given / "fashion-mnist") if given else (INSTALLED, tree.root / EMBEDDED):
        for path in (folder / f"{LABELS}.gz", folder / LABELS):
            if path.is_file():
                content = path.read_bytes()
                return (gzip.decompress(content) if path.suffix == ".gz" else content)[HEADER:]
    raise RushError(f"there are no labels ({LABELS}) in {given or INSTALLED}.")
