"""Models in files that other programs read: export."""

import json
import subprocess
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.process import plain_environment
from ..basics.terminal import note, out, working
from ..building.build import Build
from ..course.tree import Tree, find_tree
from .options import JSON, REFERENCE, STACK

TYPES = ("f32", "f16", "q8_0", "q4_0")
TOKENIZER = "tokenizer.json"


def register(app: typer.Typer) -> None:
    export = typer.Typer(name="export", no_args_is_help=True, rich_markup_mode=None)
    export.callback()(formats)
    export.command("gguf")(gguf)
    export.command("sample")(sample)
    app.add_typer(export)


def formats() -> None:
    """Write a model into a file that other programs read."""


def gguf(
    checkpoint: Path = typer.Argument(..., metavar="CHECKPOINT", help="what save_gpt() wrote: a .safetensors file."),
    target: Path = typer.Argument(..., metavar="OUT.gguf", help="the file to write."),
    type_: str = typer.Option("f32", "--type", metavar="|".join(TYPES), help="how matrices are stored."),
    tokenizer: Optional[Path] = typer.Option(None, "--tokenizer", help=f"its tokenizer; {TOKENIZER} beside it."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    json_: bool = JSON,
) -> None:
    """A GPT and its tokenizer as one GGUF file, which llama.cpp runs."""
    if type_ not in TYPES:
        raise RushError(f'there is no type "{type_}".', f"choose from {', '.join(TYPES)}.")
    tokenizer = tokenizer or checkpoint.parent / TOKENIZER
    for path in (checkpoint, tokenizer):
        if not path.is_file():
            raise RushError(f"there is no file {path}.", "name the checkpoint, and its tokenizer with --tokenizer.")
    program = _program(find_tree(), "export_gguf", stack, reference)
    report = run(program, checkpoint, tokenizer, type_, target)
    if json_:
        typer.echo(json.dumps(report))
    else:
        out().print(Text(f"wrote {report['file']}: {report['tensors']} tensors, {report['bytes']:,} bytes, {type_}"))


def sample(
    folder: Path = typer.Argument(..., metavar="FOLDER", help="where the files go."),
    steps: int = typer.Option(150, "--steps", min=1, help="of training."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
) -> None:
    """Train a small GPT on the lessons, export it in every type, and note what it says, for llama.cpp to say the same."""
    tree = find_tree()
    program = _program(tree, "gguf_sample", stack, reference)
    with working(f"training a small GPT for {steps} steps"):
        finished(program, tree.root / "modules", folder, steps)
    out().print(Text(f"wrote {folder}: gpt.safetensors, {TOKENIZER}, reference.json, {', '.join(f'{t}.gguf' for t in TYPES)}"))
    note("Next step: tests/llama/ask.mjs asks llama.cpp whether it says the same; the lesson of module 16 says how.")


def run(program: Path, *arguments: object) -> dict:
    """What the program says of the file that it wrote."""
    return json.loads(finished(program, *arguments))


def finished(program: Path, *arguments: object) -> str:
    """What the program printed; its error is ours."""
    done = subprocess.run(
        [str(program), *map(str, arguments)], capture_output=True, text=True, env=plain_environment()
    )
    if done.returncode != 0:
        raise RushError(done.stderr.strip() or f"{program.name} ended with status {done.returncode}.", code=1)
    return done.stdout


def _program(tree: Tree, name: str, stack: str, reference: Optional[str]) -> Path:
    target = f"{name}_{tree.check_stack(stack, ('own', 'solution'), tree.last)}"
    build = Build(tree)
    build.ensure(tree.check_reference(reference))
    return build.programs([target], f"building {target}")[0]
