"""Models in files that other programs read: export."""

import json
import subprocess
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.process import plain_environment
from ..basics.terminal import out
from ..building.build import Build
from ..course.tree import Tree, find_tree
from .options import JSON, STACK

TYPES = ("f32", "f16", "q8_0", "q4_0")
TOKENIZER = "tokenizer.json"


def register(app: typer.Typer) -> None:
    export = typer.Typer(name="export", no_args_is_help=True, rich_markup_mode=None)
    export.callback()(formats)
    export.command("gguf")(gguf)
    app.add_typer(export)


def formats() -> None:
    """Write a model into a file that other programs read."""


def gguf(
    checkpoint: Path = typer.Argument(..., metavar="CHECKPOINT", help="what save_gpt() wrote: a .safetensors file."),
    target: Path = typer.Argument(..., metavar="OUT.gguf", help="the file to write."),
    type_: str = typer.Option("f32", "--type", metavar="|".join(TYPES), help="how matrices are stored."),
    tokenizer: Optional[Path] = typer.Option(None, "--tokenizer", help=f"its tokenizer; {TOKENIZER} beside it."),
    stack: str = STACK,
    json_: bool = JSON,
) -> None:
    """A GPT and its tokenizer as one GGUF file, which llama.cpp runs."""
    if type_ not in TYPES:
        raise RushError(f'there is no type "{type_}".', f"choose from {', '.join(TYPES)}.")
    tokenizer = tokenizer or checkpoint.parent / TOKENIZER
    for path in (checkpoint, tokenizer):
        if not path.is_file():
            raise RushError(f"there is no file {path}.", "name the checkpoint, and its tokenizer with --tokenizer.")
    tree = find_tree()
    stack = tree.check_stack(stack, ("own", "solution"), tree.last)
    report = run(_program(tree, f"export_gguf_{stack}"), checkpoint, tokenizer, type_, target)
    if json_:
        typer.echo(json.dumps(report))
    else:
        out().print(Text(f"wrote {report['file']}: {report['tensors']} tensors, {report['bytes']:,} bytes, {type_}"))


def run(program: Path, *arguments: object) -> dict:
    """What the program says of the file that it wrote."""
    done = subprocess.run(
        [str(program), *map(str, arguments)], capture_output=True, text=True, env=plain_environment()
    )
    if done.returncode != 0:
        raise RushError(done.stderr.strip() or f"{program.name} ended with status {done.returncode}.", code=1)
    return json.loads(done.stdout)


def _program(tree: Tree, name: str) -> Path:
    build = Build(tree)
    build.ensure()
    return build.programs([name], f"building {name}")[0]
