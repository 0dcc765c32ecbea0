"""`compile [--module NN] -- COMMAND` and `link -- COMMAND`: the command, and what has to hold before and after it."""

import os
import signal
import sys

from .compile_step import compile_step
from .link_step import link_step
from .step import Refused


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a step as it ends a compiler
    kind, *options = arguments[: arguments.index("--")]
    command = arguments[arguments.index("--") + 1 :]
    if "-o" not in command or (kind == "compile" and not {"-c", "-MF"} <= set(command)):
        os.execvp(command[0], command)  # a question of CMake's to the compiler
    try:
        if kind == "link":
            return link_step(command)
        return compile_step(command, options[1] if options else None)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"build step: error: {error.filename or 'a file'}: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 1
