"""Where the time goes: profile."""

import json
from pathlib import Path
from typing import Optional

import typer

from ..basics.errors import RushError
from ..basics.files import relative
from ..basics.terminal import note, out
from ..benchmarks import profiler
from ..building.build import Build
from ..course.tree import Tree, find_tree, nearest
from ..milestones.kernels import accelerated
from ..milestones.run import new_folder
from .options import JSON, STACK


def register(app: typer.Typer) -> None:
    app.command()(profile)


def profile(
    network: str = typer.Argument(..., metavar="mlp|cnn|gpt", help="a perceptron, a convolutional network or a GPT."),
    stack: str = STACK,
    steps: int = typer.Option(3, "--steps", min=1, max=1000, help="how many training steps."),
    trace: Optional[Path] = typer.Option(None, "--trace", metavar="FILE", help="where the trace goes, besides the run's folder."),
    backend: str = typer.Option("auto", "--backend", help="accelerated: with the kernels; plain: without; auto: with them once all their tasks pass."),
    json_: bool = JSON,
) -> None:
    """A few training steps under your profiler: tables by op and by module, a trace, a flame picture and a roofline."""
    tree = find_tree()
    if network not in profiler.NETWORKS:
        raise RushError(f'there is no network "{network}" to profile.', nearest(network, list(profiler.NETWORKS), "mlp, cnn or gpt"))
    stack = tree.check_stack(stack, ("own", "solution"))
    fast = accelerated(tree, backend, stack, ())
    program = build_profiler(tree, stack)
    report = profiler.run(program, network, "--steps", steps, *(["--accelerated"] if fast else []))
    files = profiler.files_of(report)
    written = profiler.write(files, new_folder(tree, f"profile-{network}"), trace)
    names = [relative(path, tree.root) for path in written]
    if json_:
        rest = {key: value for key, value in report.items() if key not in ("files", "text")}
        typer.echo(json.dumps({"network": network, "stack": stack, "accelerated": fast, **rest, "files": names}))
        return
    for text in report["text"]:
        out().print(text, markup=False, highlight=False)
    _show_machine(report)
    note("written: " + ", ".join(names))
    note("open the trace at ui.perfetto.dev or in chrome://tracing, the pictures in any browser.")


def build_profiler(tree: Tree, stack: str) -> Path:
    """The program, built as what is timed is built: release."""
    target = f"profile_{stack}"
    build = Build(tree, "release")
    build.ensure()
    return build.programs([target], f"building {target}", "scripts/rush test   shows every task")[0]


def _show_machine(report: dict) -> None:
    machine = report["machine"]
    peak, bandwidth = machine["flops_per_s"] * 1e-9, machine["bytes_per_s"] * 1e-9
    out().print(
        f"this machine, measured: {peak:.4g} GFLOP/s, {bandwidth:.4g} GB/s; the ridge is at {peak / bandwidth:.3g} FLOPs a byte"
    )
