"""Training on several processes: ranks, run."""

import json
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.terminal import note, out
from ..course.tree import find_tree
from ..ranks import start
from .options import JSON, STACK


NETWORKS = ("mlp", "cnn")  # of the milestones with these names; the others have loops of their own


def register(app: typer.Typer) -> None:
    app.command()(ranks)
    app.command(context_settings={"ignore_unknown_options": True})(run)


def ranks(
    count: int = typer.Argument(..., metavar="N", min=1, max=64, help="how many processes."),
    network: str = typer.Option("mlp", "--network", metavar="mlp|cnn", help="that of the milestone with this name."),
    steps: int = typer.Option(200, "--steps", min=1),
    batch: int = typer.Option(64, "--batch", min=1, help="examples of all ranks together."),
    seed: int = typer.Option(1, "--seed", min=0, max=2**64 - 1),
    data: Optional[Path] = typer.Option(None, "--data", help="a folder of data instead of the installed one."),
    file: Optional[Path] = typer.Option(None, "--file", help="where the run is saved, and goes on from with --resume."),
    resume: bool = typer.Option(False, "--resume", help="go on from --file, with any number of ranks."),
    agree_every: int = typer.Option(100, "--agree-every", metavar="STEPS", min=1, help="how often all ranks compare their models."),
    stack: str = STACK,
    json_: bool = JSON,
) -> None:
    """Train the network of a milestone on N processes, data parallel."""
    if network not in NETWORKS:
        raise RushError(f"{network} does not train on several processes.", f"{' and '.join(NETWORKS)} do.")
    if resume and not file:
        raise RushError("--resume needs a file to go on from.", "add --file RUN.safetensors.")
    tree = find_tree()
    program = start.build(tree, stack)
    words = ["train", "--network", network, "--steps", str(steps), "--batch", str(batch), "--seed", str(seed), "--agree-every", str(agree_every)]
    words += [*(["--data", str(data)] if data else []), *(["--file", str(file)] if file else []), *(["--resume"] if resume else [])]
    status, errors = start.follow(start.command(count, program, words), print if json_ else _show)
    if status != 0:
        raise RushError(errors or f"the job ended with status {status}.", "scripts/rush test 21   looks at every part.", code=1)


def run(
    count: int = typer.Option(..., "--ranks", metavar="N", min=1, max=64, help="how many processes."),
    words: list[str] = typer.Argument(..., metavar="milestone NAME [OPTION]...", help="mlp or cnn, and options of `rush ranks`."),
) -> None:
    """Train a milestone on several processes: run --ranks 2 milestone mlp."""
    if words[0] != "milestone" or len(words) < 2 or words[1].startswith("-"):
        raise RushError("what should run?", f"scripts/rush run --ranks {count} milestone mlp")
    alone = typer.Typer(add_completion=False)
    alone.command()(ranks)
    alone([str(count), "--network", *words[1:]], prog_name="scripts/rush ranks", standalone_mode=False)


def _show(line: str) -> None:
    try:
        event = json.loads(line)
    except ValueError:
        return out().print(Text(line))
    if event.get("event") == "progress":
        out().print(Text(f"step {event['step']:>5}   loss {event['loss']:.4f}"))
        for slow in event["stragglers"]:
            note(f"rank {slow['rank']} needs {slow['times_slower']:.1f} times as long as the others for its own work")
    elif event.get("event") == "agreement":
        out().print(Text(f"step {event['step']:>5}   model {event['checksum']:016x} on every rank"))
    elif event.get("event") == "start":
        out().print(Text(f"{event['ranks']} ranks, {event['buckets']} buckets, from step {event['step']}"))
    elif event.get("event") == "result":
        out().print(Text(f"test accuracy {event['accuracy']:.4f}, loss {event['loss']:.4f}; model {event['checksum']:016x} on every rank"))
