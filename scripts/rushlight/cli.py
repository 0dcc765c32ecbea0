"""The command line: finds the command that was asked for, and turns whatever went wrong into one message."""

import os
from importlib import import_module
from typing import Optional

from .basics.errors import INTERRUPTED, MISUSE, RushError, from_os_error
from .basics.sigterm import like_ctrl_c
from .basics.terminal import err, show_error
from .basics.typer_without_rich import click, typer
from .course.sealed import any_sealed
from .course.tree import find_tree, nearest


class Commands(typer.core.TyperGroup):
    """In the order in which a student meets them, not by the alphabet; a typing slip gets a suggestion."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name in self.commands if name not in useless_here()]

    def get_command(self, context: click.Context, name: str) -> Optional[click.Command]:
        command = super().get_command(context, name)
        if command is not None:
            _hide(command, useless_options())
        return command

    def resolve_command(self, context: click.Context, arguments: list[str]):
        name = arguments[0] if arguments else ""
        if not name.startswith("-") and self.get_command(context, name) is None:
            raise RushError(f'there is no command "{name}".', nearest(name, list(self.commands), "scripts/rush --help"))
        return super().resolve_command(context, arguments)


def _hide(command: click.Command, options: set[str]) -> None:
    """No help page offers them; who asks all the same is told why not."""
    for option in command.params:
        option.hidden = getattr(option, "hidden", False) or f"{command.name} {option.name}" in options or option.name in options
    for each in getattr(command, "commands", {}).values():
        _hide(each, options)


def useless_options() -> set[str]:
    """Of one command or of all, in this copy of the course."""
    tree = find_tree()
    early = set() if tree.has_solutions else {"reveal force", "reveal yes"}
    return early if tree.can_lend else early | {"reference"}


def useless_here() -> set[str]:
    """Commands that cannot work in this copy of the course; they are not listed, and say why when they are called."""
    try:
        tree = find_tree()
        return set() if tree.has_solutions else {"mutants", "release", *(() if any_sealed(tree.root) else ["reveal"])}
    except RushError:
        return set()


# Which file of commands/ has which. Only one is imported for a command that has a name here; all of them for --help.
FILES = {
    "student": ("start", "status", "test"),
    "watching": ("watch",),
    "stuck": ("hint", "reveal", "debug", "reset"),
    "training": ("milestone",),
    "ranks": ("ranks", "run"),
    "profiling": ("profile",),
    "compare": ("compare",),
    "exporting": ("export",),
    "publishing": ("mutants", "release"),
    "bench": ("bench",),
    "machine": ("setup", "doctor", "gpu"),
    "playing": ("play",),
    "site": ("site",),
}


def application(arguments: list[str]) -> typer.Typer:
    app = typer.Typer(
        name="rush",
        cls=Commands,
        help="Rushlight: build a deep-learning framework, one tested module at a time.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(lambda: None)  # a group even if it has one command
    needed = [file for file, names in FILES.items() if arguments and arguments[0] in names]
    for file in needed or FILES:
        import_module(f".commands.{file}", __package__).register(app)
    return app


def run(arguments: list[str]) -> int:
    """One command; the exit status. What can be expected to go wrong ends in one message, never in a traceback."""
    like_ctrl_c()
    try:
        return int(application(arguments)(arguments, prog_name="scripts/rush", standalone_mode=False) or 0)
    except RushError as error:
        show_error(error)
        return error.code
    except click.ClickException as error:
        show_error(_stacks_here(error) or RushError(error.format_message(), _usage(error)))
        return MISUSE
    except (click.Abort, KeyboardInterrupt):
        err().print("\nrush: stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read our output has gone
        return 1
    except OSError as error:
        show_error(from_os_error(error))
        return MISUSE


def _stacks_here(error: click.ClickException) -> Optional[RushError]:
    """`--stack` without a name asks which there are."""
    if getattr(error, "option_name", "") != "--stack":
        return None
    from .commands.options import meaning

    tree = find_tree()
    stacks = tree.stacks
    lines = [f"  {stack:<12} {meaning(stack, tree.has_solutions)}{tree.reach(stack)}" for stack in stacks]
    return RushError("--stack takes one of these:\n" + "\n".join(lines), f"--stack {stacks[0]}, for example.")


def _usage(error: click.ClickException) -> str:
    context: Optional[click.Context] = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context else "scripts/rush --help"
