"""SIGTERM ends a command as Ctrl-C does, so that files are put back and runs are written."""

import signal


def like_ctrl_c() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
