"""Errors a person can act on: what happened, then the next step. Anything else is a bug in this program."""

import errno

MISUSE = 2
INTERRUPTED = 130


class RushError(Exception):
    """One clear message. `next_step` is what to do about it."""

    def __init__(self, message: str, next_step: str = "", code: int = MISUSE) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.code = code


def from_os_error(error: OSError) -> RushError:
    """What the operating system refused, in words."""
    where = str(error.filename) if error.filename else "a file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RushError(
            f"no space is left on the disk (writing {where}).",
            "free some space, then run the command again; finished work is not lost.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RushError(f"no permission for {where}.", "check who owns it: ls -l, chown.")
    if error.errno == errno.ENOENT:
        return RushError(f"{where} does not exist.", "scripts/rush doctor looks for what is missing.")
    return RushError(f"{where}: {error.strerror or error}.", "scripts/rush doctor")
