#!/usr/bin/python3
"""Keeps a run of a milestone beside its program, for the milestone's page: its pictures, what was measured, and what it wrote.

    keep_run.py RUN        a folder of runs/ that met its bar; writes milestones/YEAR_name/pictures

run.json has the command, the numbers, the bar and the machine; loss and accuracy of every epoch, where there are any. The
pictures get a palette of 256 colours: they are made of few, and a repository keeps every version for ever.
"""

import argparse
import json
import sys
from pathlib import Path

from program import guarded

from rushlight.basics.errors import RushError
from rushlight.basics.files import read_json_or, relative, write_atomic
from rushlight.course.tree import find_tree


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    run = parser.parse_args(arguments).run
    summary = read_json_or(run / "summary.json", None)
    if summary is None:
        raise RushError(f"{run} has no summary.json.", "scripts/rush milestone NAME writes such a folder into runs/.")
    if not summary["accepted"]:
        raise RushError(f"{run} did not meet its bar ({summary['bar']}).", "keep one that did.")
    tree = find_tree()
    folder = tree.milestones[summary["name"]][0] / "pictures"
    folder.mkdir(exist_ok=True)
    for picture in sorted(run.glob("*.png")):
        shrink(picture, folder / picture.name)
    if (run / "samples.txt").is_file():
        write_atomic(folder / "samples.txt", (run / "samples.txt").read_text(encoding="utf-8"))
    write_atomic(folder / "run.json", json.dumps(kept(summary, run), indent=1, ensure_ascii=False) + "\n")
    print(f"kept in {relative(folder, tree.root)}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    return 0


def kept(summary: dict, run: Path) -> dict:
    """What a reader wants to know of a run."""
    events = [json.loads(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    epochs = [{key: value for key, value in event.items() if key != "event"} for event in events if event.get("event") == "epoch"]
    words = ["scripts/rush", "milestone", summary["name"], *(["--quick"] if summary["options"]["quick"] else [])]
    return {
        "command": " ".join(words), "stack": summary["stack"], "machine": summary["machine"], "seconds": summary["seconds"],
        "bar": summary["bar"], "metrics": summary["metrics"], "epochs": epochs,
    }  # fmt: skip


def shrink(source: Path, target: Path) -> None:
    """By coverage: by the median, a red word on a page of greys becomes a grey one."""
    try:
        from PIL import Image
    except ImportError:
        raise RushError("python3-pil is missing.", "apt-get install python3-pil (matplotlib brings it along)") from None
    with Image.open(source) as image:
        image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
