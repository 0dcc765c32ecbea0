"""The way that a milestone's events take: a socket that the program inherits (tests/support/channel.hpp).

What the program prints is never an event. Each packet begins with a number that the program took from the socket before
any initialiser of the code under test ran; a long line goes in several packets, of which the last ends with a newline.
"""

import json
import secrets
import socket
from typing import Any, Iterator

Event = dict[str, Any]
NONCE = 32
LONGEST_PACKET = 64 << 10
LONGEST_LINE = 16 << 20
LAST = ("result", "todo", "error")  # after one of these nothing comes
ENDS = "result"  # and this one comes only after a start


class Disbelieved(Exception):
    """The program's own code cannot have sent this."""


class Channel:
    """Both ends until the program has been started, then ours."""

    def __init__(self) -> None:
        self._ours, self._its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._nonce = secrets.token_hex(NONCE // 2).encode()
        self._ours.send(self._nonce)

    @property
    def descriptor(self) -> int:
        return self._its.fileno()

    @property
    def option(self) -> str:
        return f"--channel={self.descriptor}"

    def started(self) -> None:
        """The program has its end: when that goes, so does the channel."""
        self._its.close()

    def close(self) -> None:
        self._ours.close()
        self._its.close()

    def events(self) -> Iterator[Event]:
        """To the end of the program, one by one. Raises Disbelieved at the first that it cannot have sent."""
        order = Order()
        for line in self._lines():
            event = as_event(line)
            if event is None:
                raise Disbelieved("a line came that is no event")
            order.check(event["event"])
            yield event

    def _lines(self) -> Iterator[str]:
        line = b""
        while packet := self._receive():
            if not packet.startswith(self._nonce):
                raise Disbelieved("a line came without the number that the program was given")
            line += packet[NONCE:]
            if len(packet) > LONGEST_PACKET or len(line) > LONGEST_LINE:
                raise Disbelieved("more came than a milestone has to say")
            if line.endswith(b"\n"):
                yield line.decode("utf-8", errors="replace")
                line = b""
        if line:
            raise Disbelieved("the last line is not whole")

    def _receive(self) -> bytes:
        try:
            return self._ours.recv(LONGEST_PACKET + 1)
        except ConnectionResetError:  # it ended with the number unread: a program that knows no channel
            return b""


class Order:
    """Which event may follow which."""

    def __init__(self) -> None:
        self.started = False
        self.last = ""

    def check(self, kind: str) -> None:
        if self.last:
            again = f"a second {kind}" if kind == self.last else f"{kind!r} after the last event, {self.last!r}"
            raise Disbelieved(f"{again} came")
        if kind == "start" and self.started:
            raise Disbelieved("a second start came")
        if kind == ENDS and not self.started:
            raise Disbelieved("a result came without a start")
        self.started = self.started or kind == "start"
        self.last = kind if kind in LAST else ""


def as_event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
