"""What both steps share: the course's folder, how to refuse, and how a command runs."""

import os
import resource
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


class Refused(Exception):
    """The step fails with this text, which looks like a compiler's: `file:line:1: error: what`."""


def complaint(path: str, line: int, text: str) -> str:
    return f"{path}:{line}:1: error: {text}"


def within(path: str, folder: str) -> str | None:
    """The path as seen from the folder, if it lies below it."""
    return path[len(folder) + 1 :] if path.startswith(folder + os.sep) else None


def run(command: list[str], limits: dict[int, int] | None = None) -> tuple[int, str]:
    """Exit status, and what the command said on stderr, which is passed on too."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(write_end, 2)
            for which, most in (limits or {}).items():
                _, hard = resource.getrlimit(which)
                most = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.setrlimit(which, (most, hard))  # the signal of the soft limit says which one it was
            os.execvp(command[0], command)
        except BaseException as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
        os._exit(127)
    os.close(write_end)
    with open(read_end, encoding="utf-8", errors="replace") as stream:
        said = stream.read()
    sys.stderr.write(said)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said
